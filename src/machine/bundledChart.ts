import { resolve } from "node:path";
import { bundleCharts } from "../bundle/bundleContent";
import { chooseVersion } from "../chart/source/chartRepository";
import { loadArchive, type ChartSource, type LoadedChart } from "../chart/source/source";
import { ChartNotFoundError, ChartVersionNotFoundError } from "../chart/source/sourceErrors";
import { statIfThere } from "../files/presence";
import { ImageLayout } from "../oci/layout/imageLayout";
import { checkLayout } from "../oci/layout/layoutCheck";
import { InvalidLayoutError } from "../oci/layout/layoutErrors";

/**
 * The chart of a release from its bundle; undefined where the user has it on disk.
 *
 * It counts as one of this machine: what deploys it would look for it where the program says that it comes from.
 *
 * @throws {ChartNotFoundError} {ChartVersionNotFoundError} {InvalidLayoutError}
 */
export async function loadBundledChart(
  bundle: string,
  { chart, version, devel }: Pick<ChartSource, "chart" | "version" | "devel">,
): Promise<LoadedChart | undefined> {
  if (await isOnDisk(chart)) return undefined;
  const layout = await ImageLayout.open(bundle);
  try {
    await checkLayout(layout);
    const [, name = chart, tag] = /(?<![^/:@])([^/:@]+)(?::([^/:@]+))?(?:@[^/]+)?$/.exec(chart) ?? [];
    const charts = bundleCharts(layout);
    const named = charts.filter((one) => one.name === name);
    if (named.length === 0)
      throw new ChartNotFoundError(chart, `the bundle ${bundle} has none of that name`, [], hasCharts(charts));
    const versions = named.map((one) => one.version);
    const wanted = tag?.replaceAll("_", "+") ?? version;
    const chosen = versions.find((one) => one === wanted) ?? chooseVersion(versions, wanted, devel);
    const found = named.find((one) => one.version === chosen);
    if (!found) throw new ChartVersionNotFoundError(chart, wanted ?? "", `the bundle ${bundle}`, versions);
    const loaded = await loadArchive(await found.archive(), chart);
    const { metadata } = loaded;
    if (metadata.name !== found.name || metadata.version !== found.version) {
      await loaded.remove?.();
      throw new InvalidLayoutError(
        bundle,
        `what it calls the chart ${found.name} ${found.version} is ${metadata.name} ${metadata.version}`,
      );
    }
    return { ...loaded, local: true };
  } finally {
    await layout.close();
  }
}

/** Whether a chart is looked for on disk alone, or lies there; a folder without a `Chart.yaml` hides none. */
async function isOnDisk(chart: string): Promise<boolean> {
  if (/^[a-z]+:\/\//.test(chart)) return false;
  if (/^\.{0,2}[/\\]/.test(chart) || chart.endsWith(".tgz")) return true;
  const info = await statIfThere(resolve(chart));
  return info?.isFile() === true || (await statIfThere(resolve(chart, "Chart.yaml"))) !== undefined;
}

function hasCharts(charts: readonly { readonly name: string; readonly version: string }[]): string {
  const names = charts.map(({ name, version }) => `${name} ${version}`);
  return names.length > 0 ? `It has ${names.join(", ")}` : "Save the chart into it: chart-mirror save CHART --out FILE";
}
