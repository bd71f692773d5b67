import { readText } from "../../files/readText";
import { chartDigest } from "../../chart/content/patch";
import { refuseOutputFile, writeOutputFile } from "../../files/outputFile";
import { formatPlatform } from "../../image/platform";
import { formatReference, parseReference } from "../../image/reference";
import { errorAddresses } from "../../machine/errorAddress";
import { localRegistries } from "../../machine/localRegistries";
import { refuseNoLock } from "../../machine/lockPlace";
import { toolVersion } from "../../machine/toolVersion";
import type { Registries } from "../../oci/registries";
import { mirrorPrefix } from "../../plan/layout";
import { lockDifferences, StaleLockError } from "../../plan/lock/lockDifferences";
import { LOCK_VERSION, lockContent, type LockedImage, type LockFile } from "../../plan/lock/lockFile";
import { formatLock } from "../../plan/lock/lockFormat";
import { LockNotFoundError, readLock } from "../../plan/lock/readLock";
import { platformsBySource } from "../../plan/platformChoice";
import type { RelocationPlan } from "../../plan/relocationPlan";
import { count } from "../../plan/report/reportWords";
import { resolveImages } from "../../plan/resolveImages";
import { refuseMovedTags, TagPolicy } from "../../plan/tagPolicy";
import { openChart, type OpenChart } from "../analysis/analysis";
import { confirmationAt } from "../../machine/imageConfirmation";
import { commandInputs } from "../options/commandInputs";
import { EXIT } from "../output/exitCodes";
import { formatReport } from "../output/output";
import type { Streams } from "../output/streams";
import { layoutOf } from "../options/mirrorOption";
import { pinned, type PinOption } from "../analysis/pinning";
import { platformChoice, type PlatformOption } from "../options/platformOption";
import { readRegistries } from "../options/registriesOption";
import { relocate, tellFindings, type MirrorOptions } from "../analysis/relocation";
import { writeOutput } from "../output/unwritableOutput";

/** The options of `chart-mirror lock`. */
export interface LockOptions extends MirrorOptions, PinOption, PlatformOption {
  readonly lockFile: string;
  readonly check?: boolean;
  readonly registries?: string;
  /** Default: `follow` where the file is written; where it is checked, the sources are asked only when told. */
  readonly tags?: TagPolicy;
}

/**
 * `chart-mirror lock CHART --to HOST[/PATH]`: writes down what mirroring the chart does; with `--check`, tells whether
 * that has been done for the chart as it is.
 *
 * @param renew the command that renews the file
 */
export async function lockCommand(
  name: string,
  options: LockOptions,
  streams: Streams,
  renew: string,
): Promise<number> {
  if (!options.check)
    await writeOutput("--lock-file", options.lockFile, (file) => refuseLockPlace(file, name, options));
  const access = await readRegistries(options.registries);
  const registries = localRegistries(access);
  const opened = await openChart(name, options, access, streams);
  try {
    const run = new LockRun(opened, options, registries, streams, renew);
    return await (options.check ? run.check() : run.write());
  } finally {
    registries.close();
    await opened.close();
  }
}

const WHAT = { what: "the lock file" };

/** Told before any work: what else the file is, that writing it would lose. */
async function refuseLockPlace(file: string, chart: string, options: LockOptions): Promise<void> {
  const { parts: inputs } = await commandInputs(chart, ...options.values, options.registries);
  await refuseNoLock(file);
  await refuseOutputFile(file, { ...WHAT, inputs });
}

class LockRun {
  constructor(
    private readonly opened: OpenChart,
    private readonly options: LockOptions,
    private readonly registries: Registries,
    private readonly streams: Streams,
    private readonly renew: string,
  ) {}

  async check(): Promise<number> {
    const { lockFile, tags = TagPolicy.Pin } = this.options;
    const lock = await this.read();
    const confirmed = new Set(lock.images.map(({ source }) => source));
    const plan = await this.relocate((reference) =>
      Promise.resolve(confirmed.has(formatReference(parseReference(reference)))),
    );
    // Without a wish to hear of moved tags, the answer depends on the chart alone: a check must not fail on its own.
    const images = tags === TagPolicy.Pin ? plan.images : await this.resolve(plan, lock);
    const known = tags === TagPolicy.Pin ? lock.images : [];
    const locked = await pinned({ ...plan, images }, this.opened, this.options, known);
    const differences = lockDifferences(lock, this.contentOf(locked));
    this.tell(
      differences.length > 0 ? "stale" : "current",
      plan.images.length,
      differences.map(({ message }) => message),
    );
    if (differences.length > 0) {
      const { name, version } = plan.chart;
      const stale = new StaleLockError(lockFile, `${name} ${version}`, differences, this.renew);
      this.streams.err(`error: ${stale.message}\n${errorAddresses(stale)}\n`);
      return EXIT.stale;
    }
    this.streams.err(`${lockFile} is up to date: ${count(plan.images.length, "image")}\n`);
    return escapes(plan) ? EXIT.escapes : EXIT.whole;
  }

  async write(): Promise<number> {
    const { lockFile, tags = TagPolicy.Follow } = this.options;
    const before = await this.read().catch((error: unknown) => {
      // A broken file is what this command mends.
      if (error instanceof LockNotFoundError || tags === TagPolicy.Follow) return undefined;
      throw error;
    });
    const relocation = await this.relocate(confirmationAt(this.registries));
    const images = await this.resolve(relocation, before, tags === TagPolicy.Pin);
    if (tags === TagPolicy.Fail)
      refuseMovedTags(`Locking chart ${relocation.chart.name}`, before?.images ?? [], images);
    const plan = await pinned({ ...relocation, images }, this.opened, this.options);
    const content = this.contentOf(plan);
    const text = formatLock({
      ...content,
      lockVersion: LOCK_VERSION,
      tool: toolVersion(),
      // Every image has been resolved, or that was an error.
      images: content.images as readonly LockedImage[],
    });
    await writeOutput("--lock-file", lockFile, (file) => writeOutputFile(file, text, WHAT));
    tellFindings(plan, this.streams);
    this.streams.err(`wrote ${lockFile}\n`);
    this.tell("written", plan.images.length);
    return escapes(plan) ? EXIT.escapes : EXIT.whole;
  }

  /** The result as data, where that is asked for. */
  private tell(state: "written" | "current" | "stale", images: number, differences: readonly string[] = []): void {
    const { output, lockFile } = this.options;
    if (output === undefined) return;
    const rows = [[lockFile, state, String(images)], ...differences.map((one) => ["", one, ""])];
    const data = { lockFile, state, images, differences };
    this.streams.out(formatReport({ headings: ["lock file", "state", "images"], rows, data }, output));
  }

  private get choice() {
    return platformChoice(this.options, layoutOf(this.options));
  }

  private read(): Promise<LockFile> {
    return readLock(this.options.lockFile, readText, this.renew);
  }

  private relocate(confirm: (reference: string) => Promise<boolean>): Promise<RelocationPlan> {
    return relocate(this.opened, this.options, true, confirm);
  }

  private resolve(plan: RelocationPlan, known: LockFile | undefined, pin = false) {
    return resolveImages(plan.images, this.registries, `Looking up the images of chart ${plan.chart.name}`, {
      known: known?.images,
      pin,
      platformsOf: platformsBySource(plan.images, this.choice),
    });
  }

  private contentOf(plan: RelocationPlan) {
    const platforms = this.choice?.platforms.map(formatPlatform);
    return lockContent(plan, mirrorPrefix(this.options.to), chartDigest(this.opened.chart), platforms);
  }
}

function escapes({ findings }: RelocationPlan): boolean {
  return findings.some(({ severity }) => severity === "escape");
}
