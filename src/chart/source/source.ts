import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { statIfThere } from "../../files/presence";
import { TemporaryFolder } from "../../files/temporaryFolder";
import { hideLogin } from "../../image/addressLogin";
import type { Digest } from "../../image/digest";
import type { Chart, ChartMetadata } from "../content/chart";
import { missingDependencies, NotAChartError, readChart } from "../content/chartFiles";
import { CHART_LIMITS } from "../content/chartLimits";
import { writeChartFiles } from "../content/writeChartFiles";
import { ChartFetch, tooLargeArchive, withoutLogin, type ChartSource, type ChartSourceDeps } from "./chartFetch";
import { updatedFiles, type FetchedDependency } from "./dependencyUpdate";
import { namesLike } from "./namesLike";
import { ChartNotFoundError } from "./sourceErrors";
import { unpackChart } from "./unpackChart";

export { withoutLogin, type ChartSource, type ChartSourceDeps, type OciCharts } from "./chartFetch";

/** A chart on disk and in memory. */
export interface LoadedChart {
  readonly folder: string;
  readonly chart: Chart;
  readonly metadata: ChartMetadata;
  /** Whether the user has it on this machine, where it can change without its version and its name. */
  readonly local?: boolean;
  /** Where what lies on disk under its name went first: its path, and the URL of the repository that was named for it. */
  readonly ignoredRepository?: { readonly url: string; readonly path: string };
  /** The archive, where the user has one on this machine. */
  readonly archive?: string;
  /** Of the archive, where the chart came as one. */
  readonly digest?: Digest;
  /** Deletes what was unpacked; absent where the chart lies where the user has it. */
  readonly remove?: () => Promise<void>;
  /** What was fetched for it, where something was missing in its `charts/`. */
  readonly dependencies?: readonly FetchedDependency[];
  /** Its tag, where it came from an OCI registry by one: mostly its version, but a tag can be anything. */
  readonly tag?: string;
}

/**
 * Brings a chart onto this machine and reads it.
 *
 * What lies on disk under the name goes first, as with Helm, except that a folder without a `Chart.yaml` does not hide a
 * chart of a repository.
 *
 * @throws {ChartNotFoundError} {ChartVersionNotFoundError} {ChartLoginRefusedError} {ChartRepositoryUnreachableError}
 *   {NotAChartError} {MissingDependenciesError}, and what the functions of `deps.oci` throw
 */
export async function loadChart(source: ChartSource, deps: ChartSourceDeps): Promise<LoadedChart> {
  // A variable that is not set would name the folder in which the command runs.
  if (source.chart.trim() === "")
    throw new ChartNotFoundError('""', "its name is empty", [], "Name a folder, an archive, or an oci:// reference");
  const local = await localChart(source, deps);
  const url = source.repository?.url;
  const ignored = url === undefined ? undefined : { url: withoutLogin(url), path: resolve(source.chart) };
  if (local) return { ...local, local: true, ...(ignored && { ignoredRepository: ignored }) };
  const fetch = new ChartFetch(source, deps);
  const loaded = await loadArchive(await fetch.archive(), withoutLogin(source.chart));
  return { ...loaded, tag: fetch.tag };
}

async function localChart(source: ChartSource, deps: ChartSourceDeps): Promise<LoadedChart | undefined> {
  const { chart, repository, dependencyUpdate } = source;
  if (/^[a-z]+:\/\//.test(chart)) return undefined;
  const path = resolve(chart);
  const info = await statIfThere(path);
  if (info?.isFile()) {
    if (info.size > CHART_LIMITS.unpacked) throw tooLargeArchive(chart);
    return { ...(await loadArchive(await readFile(path), chart)), archive: path };
  }
  if (info?.isDirectory()) {
    const isChart = (await statIfThere(join(path, "Chart.yaml"))) !== undefined;
    if (!isChart && repository?.url !== undefined) return undefined;
    return dependencyUpdate ? loadUpdated(path, chart, deps) : load(path);
  }
  if (/^\.{0,2}[/\\]/.test(chart) || chart.endsWith(".tgz")) throw await noSuchChart(chart, path);
  return undefined;
}

/** Entries of the folder beside, of which names are told that are alike: a folder of temporary files has many more. */
const MOST_ENTRIES = 1000;

async function noSuchChart(chart: string, path: string): Promise<ChartNotFoundError> {
  const beside = await readdir(dirname(path)).catch(() => undefined);
  // What is there, a device for example, is no other name for itself.
  const others = beside?.filter((name) => name !== basename(path)) ?? [];
  const near = others.length > MOST_ENTRIES ? [] : namesLike(basename(path), others);
  const where = dirname(resolve(hideLogin(chart)));
  const written = chart.slice(0, chart.length - basename(chart).length);
  return new ChartNotFoundError(
    hideLogin(chart),
    "there is no such folder or archive",
    near.map((name) => hideLogin(written + name)),
    beside === undefined ? `There is no folder ${where} either` : `It was looked for in ${where}`,
  );
}

/** Unpacks and reads a packed chart. @param name the chart as errors name it */
export async function loadArchive(archive: Buffer, name: string): Promise<LoadedChart> {
  const { folder, digest, remove } = await unpackChart(archive, name);
  try {
    return { ...(await load(folder, name)), digest, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The folder, or a copy of it with what its `charts/` lacks. The folder itself stays as it is. */
async function loadUpdated(folder: string, named: string, deps: ChartSourceDeps): Promise<LoadedChart> {
  const lacking = await readChart(folder, undefined, { complete: false });
  // As with Helm, whatever lies in charts/ is taken while nothing is missing.
  if (missingDependencies(lacking).length === 0) return load(folder);
  const { files, dependencies } = await updatedFiles(folder, lacking, deps);
  const temporary = await TemporaryFolder.make();
  const remove = () => temporary.remove();
  try {
    writeChartFiles(temporary.path, files);
    return { ...(await load(temporary.path, named)), remove, dependencies };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function load(folder: string, named?: string): Promise<LoadedChart> {
  const chart = await readChart(folder, named);
  if (chart.metadata.type === "library")
    throw new NotAChartError(
      named ?? folder,
      "it is a library, which installs nothing",
      undefined,
      "Name the chart that uses it",
    );
  return { folder, chart, metadata: chart.metadata };
}
