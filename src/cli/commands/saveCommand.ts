import { stat } from "node:fs/promises";
import { addChart, addLock, readEarlierBundle, writeBundle, type NewBundle } from "../../bundle/bundleFile";
import { saveImage } from "../../bundle/savedImage";
import { MirrorErrors } from "../../error";
import { refuseFilledFile } from "../../files/outputFile";
import { formatBytes } from "../../image/bytes";
import type { Platform } from "../../image/platform";
import { formatReference } from "../../image/reference";
import type { CopyOptions, ForeignLayers } from "../../oci/copy/copyOptions";
import { copySummary } from "../../oci/copy/copySummary";
import type { MirrorAddress } from "../../plan/layout";
import { accessOf } from "../copy/copyAccess";
import { CopyDisplay } from "../copy/copyDisplay";
import { failureText, type FailedImage } from "../copy/copyFailures";
import { chartsAndReferences, invalidSelection, readReferences } from "../copy/copySelection";
import { shownRegistries, whileShown } from "../copy/shownCopy";
import { chartToSave, type ChartToSave, type SavedReference } from "../copy/savedChart";
import type { SelectionOptions } from "../copy/selectionOptions";
import { commandInputs } from "../options/commandInputs";
import { EXIT } from "../output/exitCodes";
import { formatReport } from "../output/output";
import type { OutputFormat } from "../output/outputFormat";
import type { SettingWords } from "../../settingWords";
import type { Streams } from "../output/streams";
import { writeOutput } from "../output/unwritableOutput";

/** The options of `chart-mirror save`. */
export interface SaveOptions extends SelectionOptions {
  readonly out: string;
  readonly since?: string;
  readonly to?: MirrorAddress;
  readonly platform: readonly Platform[];
  readonly referrers?: boolean;
  readonly concurrency?: number;
  readonly foreignLayers?: ForeignLayers;
  readonly extraImage: readonly string[];
  readonly plainHttpSource: readonly string[];
  readonly registries?: string;
}

/** Images that could not be saved: then nothing is. */
class SaveFailed extends Error {
  constructor(readonly failed: readonly FailedImage[]) {
    super("images could not be saved");
  }
}

/**
 * `chart-mirror save CHART|REFERENCE... --out FILE`: everything that the charts need, in one archive. It is written as a
 * whole or not at all.
 */
export async function saveCommand(
  names: readonly string[],
  options: SaveOptions,
  streams: Streams,
  words: SettingWords,
): Promise<number> {
  const { out, since } = options;
  const { charts, references } = chartsAndReferences(names, options);
  if (charts.length === 0 && references.length === 0)
    throw invalidSelection("reading the arguments of save: there is nothing to save");
  const read = await Promise.all(
    charts.map((chart) => commandInputs(chart, ...options.values, options.registries, since)),
  );
  const inputs = read.flatMap(({ parts }) => parts);
  await writeOutput("--out", out, (file) => refuseFilledFile(file, { what: "the bundle of --out", inputs }));
  const access = await accessOf(undefined, options, options.input);
  const earlier = since === undefined ? undefined : await readEarlierBundle(since);
  const planned: ChartToSave[] = [];
  for (const chart of charts) planned.push(await chartToSave(chart, options, access, streams));
  const named = readReferences(references).map(({ source }): SavedReference => ({ source }));
  const images = new Map(
    [...planned.flatMap((chart) => chart.images), ...named].map((image) => [
      `${formatReference(image.source)} ${image.source.path}`,
      image,
    ]),
  );
  refuseTwoOfOneName(planned);
  const display = new CopyDisplay(streams, images.size, () => performance.now(), options.output === undefined);
  const fill = async (bundle: NewBundle): Promise<void> => {
    const registries = shownRegistries(display, access, options, { sessions: bundle.sessions });
    try {
      await saveImages(
        [...images.values()],
        (image) =>
          saveImage(image, bundle.archive, registries, copyOptions(image, options, display)).then((result) => {
            if (options.output === undefined) display.line(`${formatReference(image.source)} (${copySummary(result)})`);
          }),
        display,
      );
      for (const chart of planned) await addPlanned(bundle, chart, options.to);
    } finally {
      registries.close();
    }
  };
  try {
    // What is interrupted leaves nothing.
    await whileShown(display, streams, false, () =>
      writeOutput("--out", out, (file) => writeBundle(file, { inputs, ...(earlier && { since: earlier }) }, fill)),
    );
  } catch (error) {
    display.close();
    if (!(error instanceof SaveFailed)) throw error;
    streams.err(`${failureText(error.failed, words)}\nNothing was written to ${out}\n`);
    return EXIT.failed;
  } finally {
    display.close();
  }
  const { size } = await stat(out);
  streams.err(
    `wrote ${out}: ${images.size} image${images.size === 1 ? "" : "s"}, ${planned.length} chart${planned.length === 1 ? "" : "s"}, ${formatBytes(size)}\n`,
  );
  if (options.output !== undefined)
    tellData(options.output, { file: out, size, images: [...images.values()], planned }, streams);
  return planned.some(({ escapes }) => escapes) ? EXIT.escapes : EXIT.whole;
}

function tellData(
  output: OutputFormat,
  saved: { file: string; size: number; images: readonly SavedReference[]; planned: readonly ChartToSave[] },
  streams: Streams,
): void {
  const { file, size } = saved;
  const images = saved.images.map(({ source }) => formatReference(source));
  const charts = saved.planned.map(({ name, version }) => ({ name, version }));
  const rows = [...charts.map(({ name, version }) => ["chart", `${name} ${version}`]), ...images.map((image) => ["image", image])]; // prettier-ignore
  streams.out(formatReport({ headings: ["kind", "name"], rows, data: { file, size, images, charts } }, output));
}

function copyOptions(
  { isWhole }: SavedReference,
  { platform, referrers, foreignLayers }: SaveOptions,
  display: CopyDisplay,
): CopyOptions {
  return {
    ...(platform.length > 0 && !isWhole && { platforms: platform }),
    ...(referrers && { referrers: true }),
    ...(foreignLayers && { foreignLayers }),
    onProgress: (event) => display.event(event),
  };
}

/** All at once: the registries' limits keep order. @throws {SaveFailed} when all have come to their end */
async function saveImages(
  images: readonly SavedReference[],
  save: (image: SavedReference) => Promise<void>,
  display: CopyDisplay,
): Promise<void> {
  const settled = await Promise.allSettled(images.map((image) => save(image).finally(() => display.imageDone())));
  const failed = images.flatMap(({ source }, i): FailedImage[] => {
    const one = settled[i];
    const written = formatReference(source);
    return one?.status === "rejected" ? [{ image: { written, target: written }, error: one.reason as Error }] : [];
  });
  if (failed.length > 0) throw new SaveFailed(failed);
}

async function addPlanned(bundle: NewBundle, chart: ChartToSave, mirror: MirrorAddress | undefined): Promise<void> {
  const { name, version, plain, patched, lock } = chart;
  await addChart(bundle, { name, version, tag: plain.tag }, plain.artifact);
  if (!mirror) return;
  if (patched) await addChart(bundle, { name, version, tag: patched.tag }, patched.artifact, mirror);
  if (lock !== undefined) await addLock(bundle, { name, tag: plain.tag }, lock, mirror);
}

/** Two charts of one name and version would be one of them by chance. */
function refuseTwoOfOneName(charts: readonly ChartToSave[]): void {
  const seen = new Set<string>();
  const problems = charts.flatMap(({ name, plain: { tag } }) => {
    const key = `${name.toLowerCase()}:${tag}`;
    const isFirst = !seen.has(key);
    seen.add(key);
    if (isFirst) return [];
    return [invalidSelection(`saving two charts ${name} ${tag}: a bundle holds one of them`)];
  });
  MirrorErrors.throwIfAny("reading the arguments of save", problems);
}
