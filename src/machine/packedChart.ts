import { join } from "node:path";
import type { Chart } from "../chart/content/chart";
import { readChartArchive, type RawFile } from "../chart/content/chartArchive";
import { ChartCopy } from "../chart/content/chartCopy";
import { readChartFolder } from "../chart/content/chartFolder";
import { ChartBudget } from "../chart/content/chartLimits";
import { parseHelmYaml } from "../chart/content/helmYaml";
import { packChart } from "../chart/source/packChart";
import { patchedFiles } from "../chart/content/patch";
import { pathSegment } from "../files/pathSegment";
import { TemporaryFolder } from "../files/temporaryFolder";
import type { PackedMetadata } from "../plan/chartArtifact";
import type { ChartPatch } from "../plan/relocationPlan";

/** A chart's archive, the same bytes on every machine, and its `Chart.yaml`. */
export interface PackedChart {
  readonly metadata: PackedMetadata;
  readonly archive: Buffer;
}

/** Packs a chart on disk, with these patches in it. */
export async function packedChart(chart: Chart, folder: string, patches: readonly ChartPatch[]): Promise<PackedChart> {
  const name = pathSegment(chart.metadata.name, "a chart");
  const scratch = await TemporaryFolder.make();
  try {
    const copy = await ChartCopy.create(folder, join(scratch.path, name));
    if (patches.length > 0) await copy.apply(patchedFiles(chart, patches));
    const files = await readChartFolder(copy.folder, new ChartBudget(folder));
    return { metadata: metadataOf(files), archive: packChart(name, files) };
  } finally {
    await scratch.remove();
  }
}

/** The metadata in the `Chart.yaml` of a packed chart. */
export async function packedMetadata(archive: Buffer): Promise<PackedMetadata> {
  return metadataOf(await readChartArchive(archive, "chart.tgz", new ChartBudget("chart.tgz")));
}

function metadataOf(files: readonly RawFile[]): PackedMetadata {
  const text = files.find(({ path }) => path === "Chart.yaml")?.data.toString("utf8") ?? "";
  return parseHelmYaml(text) as PackedMetadata;
}
