import { MirrorErrors } from "../../error";
import { chartDigest } from "../../chart/content/patch";
import { failureReason } from "../../files/fileError";
import { readText } from "../../files/readText";
import { localRegistries } from "../../machine/localRegistries";
import type { Registries } from "../../oci/registries";
import { baselineOf, invalidBaseline, registryBaseline } from "../../plan/report/baseline";
import { mirrorPrefix } from "../../plan/layout";
import { platformsBySource } from "../../plan/platformChoice";
import type { Blobs, ImageBlobs } from "../../plan/report/html/layers";
import { reportHtml } from "../../plan/report/html/reportHtml";
import { planReport, type PlanReport } from "../../plan/report/planReport";
import { reportMarkdown } from "../../plan/report/reportMarkdown";
import { reportTable } from "../../plan/report/reportTable";
import { resolveImages } from "../../plan/resolveImages";
import { openChart } from "../analysis/analysis";
import { accessOf, accessProblems, type AccessOptions } from "../copy/copyAccess";
import { confirmationAt } from "../../machine/imageConfirmation";
import { messageOf } from "../options/commandLineWords";
import { EXIT } from "../output/exitCodes";
import type { SettingWords } from "../../settingWords";
import type { Streams } from "../output/streams";
import type { PlanFormat } from "../output/outputFormat";
import { layoutOf } from "../options/mirrorOption";
import { pinned, type PinOption } from "../analysis/pinning";
import { platformChoice, type PlatformOption } from "../options/platformOption";
import { relocate, type MirrorOptions } from "../analysis/relocation";
import { formatTable } from "../output/table";

/** The options of `chart-mirror plan`. */
export interface PlanOptions
  extends Omit<MirrorOptions, "output">, Omit<AccessOptions, "values" | "setFile">, PinOption, PlatformOption {
  readonly output?: PlanFormat;
  readonly against?: string;
}

/** `chart-mirror plan CHART --to HOST[/PATH]`: all that mirroring the chart would do, and what of it is new. */
export async function planCommand(
  name: string,
  options: PlanOptions,
  streams: Streams,
  words: SettingWords,
): Promise<number> {
  const { against, output, ...analysis } = options;
  MirrorErrors.throwIfAny("reading the options of plan", accessProblems(options));
  const before = against === undefined ? undefined : baselineOf(await readBaseline(against), against);
  const access = await accessOf(options.to, options, options.input);
  const registries = localRegistries(access);
  const opened = await openChart(name, analysis, access, streams);
  try {
    const plan = await relocate(opened, analysis, true, confirmationAt(registries));
    const tell = once((error) => streams.err(`warning: ${messageOf(error, words)}\n`));
    const doing = `Looking up the images of chart ${plan.chart.name}`;
    const blobs = new Map<string, Blobs>();
    const images = await resolveImages(plan.images, registries, doing, {
      known: before?.known,
      platformsOf: platformsBySource(plan.images, platformChoice(options, layoutOf(options))),
      onUnreachable: (_, error) => tell(error),
      onBlobs: (source, found) => void blobs.set(source, found),
    });
    const resolved = await pinned({ ...plan, images }, opened, options);
    const baseline = before ?? (await registryBaseline(resolved.images, headOf(registries), tell));
    const report = planReport(resolved, {
      mirror: mirrorPrefix(options.to),
      chartDigest: chartDigest(opened.chart),
      baseline,
    });
    streams.out(formatPlan(report, blobs, output ?? "table"));
    return report.summary.escapes > 0 ? EXIT.escapes : EXIT.whole;
  } finally {
    registries.close();
    await opened.close();
  }
}

function formatPlan(report: PlanReport, blobs: ImageBlobs, format: PlanFormat): string {
  switch (format) {
    case "table":
      return reportTable(report, formatTable);
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "markdown":
      return reportMarkdown(report);
    case "html":
      return reportHtml(report, blobs);
  }
}

async function readBaseline(file: string): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    throw invalidBaseline(file, failureReason(error));
  }
}

function headOf(registries: Registries): Registries["head"] {
  return (reference) => registries.head(reference);
}

/** One registry that does not answer says so for each of its images; once is enough. */
function once(tell: (error: Error) => void): (error: Error) => void {
  const told = new Set<string>();
  return (error) => {
    if (told.has(error.message)) return;
    told.add(error.message);
    tell(error);
  };
}
