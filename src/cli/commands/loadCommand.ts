import { bundleLocks, bundleParts, refuseUnlocked, type BundleLock } from "../../bundle/bundleContent";
import { MirrorErrors } from "../../error";
import { refuseOutputFile, writeOutputFile } from "../../files/outputFile";
import { parseReference } from "../../image/reference";
import { refuseNoLock } from "../../machine/lockPlace";
import { ImageNotFoundError } from "../../oci/errors/errors";
import { ImageLayout } from "../../oci/layout/imageLayout";
import { checkLayout } from "../../oci/layout/layoutCheck";
import { LAYOUT_HOST } from "../../oci/layout/localSession";
import type { Registries } from "../../oci/registries";
import {
  mirrorPrefix,
  targetRepository,
  servingUpstream,
  type MirrorAddress,
  type UpstreamMapping,
} from "../../plan/layout";
import { accessOf, accessProblems, type AccessOptions } from "../copy/copyAccess";
import { copyReport } from "../copy/copyReport";
import { CopyDisplay } from "../copy/copyDisplay";
import { copyShown, shownRegistries, tellFailures } from "../copy/shownCopy";
import { invalidCopy } from "../options/copyCommandOptions";
import { layoutOf } from "../options/mirrorOption";
import type { Input } from "../options/passwordInput";
import { EXIT } from "../output/exitCodes";
import type { OutputFormat } from "../output/outputFormat";
import type { SettingWords } from "../../settingWords";
import type { Streams } from "../output/streams";
import { writeOutput } from "../output/unwritableOutput";

/** The options of `chart-mirror load`. */
export interface LoadOptions extends AccessOptions {
  readonly to: MirrorAddress;
  readonly keepHost?: boolean;
  readonly upstream?: readonly UpstreamMapping[];
  readonly since: readonly string[];
  readonly lockFile?: string;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
  readonly output?: OutputFormat;
}

const LOCK = { what: "the lock file" };

/**
 * `chart-mirror load LAYOUT --to HOST[/PATH]`: brings what is in a layout into a registry. The layout is looked at as a
 * whole before; what the registry has is not sent again.
 */
export async function loadCommand(
  file: string,
  options: LoadOptions,
  streams: Streams,
  input: Input,
  words: SettingWords,
): Promise<number> {
  const { to: mirror, since, lockFile } = options;
  MirrorErrors.throwIfAny("reading the options of load", accessProblems(options));
  if (lockFile !== undefined)
    await writeOutput("--lock-file", lockFile, async (path) => {
      await refuseNoLock(path);
      await refuseOutputFile(path, { ...LOCK, inputs: [file, ...since] });
    });
  const access = await accessOf(mirror, options, input);
  const layouts: ImageLayout[] = [];
  try {
    const layout = await ImageLayout.open(file);
    layouts.push(layout);
    for (const place of since) layouts.push(await ImageLayout.open(place));
    await checkLayout(layout, layouts.slice(1));
    const locks = await bundleLocks(layout);
    await refuseUnlocked(layout, locks);
    const { parts, left } = await bundleParts(layout, mirror, layoutOf(options));
    for (const one of left) streams.err(`warning: ${one}\n`);
    const lock = lockFile === undefined || options.dryRun ? undefined : lockOf(lockFile, layout, locks, mirror);
    const images = parts.filter(({ kind, written }) => kind === "chart" || !isServed(written, options));
    // Data is for programs; lines in between would break it.
    const tellsLines = options.output === undefined;
    const display = new CopyDisplay(streams, images.length, () => performance.now(), tellsLines);
    const registries = shownRegistries(display, [...access, { host: LAYOUT_HOST, layouts: [file, ...since] }], options);
    noteLeftOut(layout, registries, options);
    // What refers to an image is in the index without a name.
    const copyOptions = layout.entries.some(({ name }) => name === undefined) ? { referrers: true } : {};
    const quiet = tellsLines ? {} : { tell: () => undefined };
    const { entries, summary, failed } = await copyShown(
      { images, registries, dryRun: options.dryRun, options: copyOptions, ...quiet },
      display,
      streams,
    );
    if (options.output !== undefined) streams.out(copyReport(entries, options.output));
    streams.err(`${summary}\n`);
    if (failed.length > 0) {
      tellFailures(failed, streams, words);
      if (layout.leftOut.size > 0 && failed.some(({ error }) => error instanceof ImageNotFoundError))
        streams.err(
          `${file} has what is new since an earlier archive: load that one before it, or name it with --since\n`,
        );
      return EXIT.failed;
    }
    if (lockFile !== undefined && lock) {
      await writeOutput("--lock-file", lockFile, (path) => writeOutputFile(path, lock.text, LOCK));
      streams.err(`wrote ${lockFile}\n`);
    }
    return EXIT.whole;
  } finally {
    for (const layout of layouts) await layout.close();
  }
}

/** Whether the mirror serves an image itself. */
function isServed(name: string, options: LoadOptions): boolean {
  return /[/:]/.test(name) && servingUpstream(parseReference(name), layoutOf(options)) !== undefined;
}

/** What an earlier archive has brought is mounted from where that brought it. */
function noteLeftOut({ leftOut }: ImageLayout, registries: Registries, options: LoadOptions): void {
  const { to: mirror } = options;
  for (const [digest, name] of leftOut) {
    const repository = targetRepository(parseReference(name), mirror, layoutOf(options));
    registries.noteBlob({ registry: mirror.host, repository }, digest);
  }
}

/** The one lock file of a bundle that is for the mirror. */
function lockOf(path: string, layout: ImageLayout, locks: readonly BundleLock[], mirror: MirrorAddress): BundleLock {
  const [found, ...more] = locks.filter(({ lock }) => lock.mirror === mirrorPrefix(mirror));
  if (found && more.length === 0) return found;
  throw invalidCopy(
    `writing the lock file ${path} of ${layout.place}: ${found ? "it has several" : `it has none for ${mirrorPrefix(mirror)}`}`,
    found ? "Save each chart into an archive of its own" : "Save it with --to, which names the mirror",
  );
}
