import { digestOf, type Digest } from "../../image/digest";
import type { Chart } from "./chart";
import { readChartArchive, type RawFile } from "./chartArchive";
import { readChartFolder } from "./chartFolder";
import { ChartBudget } from "./chartLimits";
import { chartDigest, chartFilesOf } from "./patch";
import { byKey } from "../../textOrder";

/**
 * The digest of all that Helm reads of a chart on disk, for a path that is another one whenever a file is: Pulumi compares
 * the path of a chart and looks at no file.
 *
 * It is {@link chartDigest}, and with it whatever the texts do not tell: bytes that are no UTF-8, byte order marks, and
 * sub-charts that no dependency names. Times, modes, how sub-charts were packed, and `Chart.lock`, whose time every
 * `helm dependency update` changes, are not in it: on another machine the same chart has the same digest.
 *
 * @param folder of the chart, as {@link chart} was read from it
 * @param changed files, by their location, whose text is another one
 * @throws what reading the chart throws
 */
export async function contentDigest(
  chart: Chart,
  folder: string,
  changed: ReadonlyMap<string, string> = new Map(),
): Promise<Digest> {
  const texts = new Map(chartFilesOf(chart).map(({ location, text }) => [location, text]));
  const budget = new ChartBudget(folder);
  const files = await unpackedFiles(await readChartFolder(folder, budget), budget);
  const locks = lockFilesOf(chart);
  const untold = files
    .filter(({ location }) => !locks.has(location))
    .filter(({ location, data }) => !changed.has(location) && !isTold(texts.get(location), data))
    .map(({ location, data }) => [location, digestOf(data)] as const)
    .sort(byKey);
  const told = chartDigest(withoutFiles(chart, locks), changed);
  return untold.length === 0 ? told : digestOf(JSON.stringify([told, ...untold]));
}

/**
 * The locations of lock files that no template can read; with `apiVersion: v1` it is a file like others.
 *
 * @see {@link https://github.com/helm/helm/blob/v3.19.5/pkg/chart/loader/load.go}
 */
function lockFilesOf({ metadata, files, subcharts }: Chart): ReadonlySet<string> {
  const own = metadata.apiVersion === "v2" ? files.filter(({ path }) => path === "Chart.lock") : [];
  return new Set([...own.map(({ location }) => location), ...subcharts.flatMap((one) => [...lockFilesOf(one)])]);
}

function withoutFiles(chart: Chart, locations: ReadonlySet<string>): Chart {
  return {
    ...chart,
    files: chart.files.filter(({ location }) => !locations.has(location)),
    subcharts: chart.subcharts.map((one) => withoutFiles(one, locations)),
  };
}

function isTold(text: string | undefined, data: Buffer): boolean {
  return text !== undefined && Buffer.from(text).equals(data);
}

/** A packed sub-chart, or one of a sub-chart in a folder; Helm passes over names that begin with a dot or `_`. */
const ARCHIVE = /^(?:charts\/[^/]+\/)*charts\/[^/._][^/]*\.tgz$/;
/** What lies in `charts/` and is neither a folder nor an archive. */
const PASSED_OVER = /^(?:charts\/[^/]+\/)*charts\/(?:[._][^/]*(?:\/|$)|[^/]+$)/;

/** Archives are stood for by what is in them, as far as charts may lie in each other. */
async function unpackedFiles(files: readonly RawFile[], budget: ChartBudget, depth = 0): Promise<RawFile[]> {
  budget.allow("depth", depth);
  const all: RawFile[] = [];
  for (const file of files) {
    if (ARCHIVE.test(file.path))
      all.push(...(await unpackedFiles(await readChartArchive(file.data, file.location, budget), budget, depth + 1)));
    else if (!PASSED_OVER.test(file.path)) all.push(file);
  }
  return all;
}
