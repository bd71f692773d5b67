import { isAbsolute, join } from "node:path";
import { MirrorError } from "../../error";
import { pathSegment } from "../../files/pathSegment";
import type { Json } from "../../json";
import type { Chart, ChartDependency } from "../content/chart";
import { readChartArchive, type RawFile } from "../content/chartArchive";
import { MissingDependenciesError, missingDependencies, NotAChartError, readChart } from "../content/chartFiles";
import { readChartFolder } from "../content/chartFolder";
import { ChartBudget } from "../content/chartLimits";
import { parseHelmYaml } from "../content/helmYaml";
import { isMap } from "../content/valuePaths";
import { inVersionRange } from "../content/versionRange";
import { ChartFetch, withoutLogin, type ChartSource, type ChartSourceDeps } from "./chartFetch";
import { namedRepositories } from "./helmRepositories";
import { packChart } from "./packChart";
import { ChartVersionNotFoundError } from "./sourceErrors";

/** A dependency that was fetched. */
export interface FetchedDependency {
  readonly name: string;
  readonly version: string;
  /** The version in the chart's lock file, where that is another one. */
  readonly locked?: string;
}

type File = Pick<RawFile, "path" | "data">;

/**
 * The files of a chart's folder with its dependencies in `charts/`, as `helm dependency update` fetches them: all of them anew,
 * each in the newest version that fits; archives that are none of them go, unless they stand for a dependency without a
 * repository. The lock file is not asked: Helm asks it in `helm dependency build` alone.
 *
 * Like all that is read of charts, what repositories answer is bounded and unpacked by {@link readChartArchive}.
 *
 * @throws {MissingDependenciesError} about dependencies without a repository, and what fetching a chart throws
 * @see {@link https://github.com/helm/helm/blob/v3.19.5/pkg/downloader/manager.go}
 */
export async function updatedFiles(
  folder: string,
  chart: Chart,
  deps: ChartSourceDeps,
): Promise<{ files: File[]; dependencies: FetchedDependency[] }> {
  const { dependencies } = chart.metadata;
  const local = new Set(dependencies.filter(({ repository }) => !repository).map(({ name }) => name));
  const lacking = missingDependencies(chart).filter((name) => local.has(name));
  if (lacking.length > 0) throw new MissingDependenciesError(folder, lacking);
  const budget = new ChartBudget(folder);
  const archives = new Map<string, Buffer>();
  const fetched: FetchedDependency[] = [];
  const locked = lockedVersions(chart);
  for (const dependency of dependencies) {
    if (!dependency.repository) continue;
    const archive = await archiveOf(dependency, folder, deps);
    const { name, version } = await identityOf(archive, budget, dependency.name);
    archives.set(`charts/${pathSegment(`${name}-${version}.tgz`, `a dependency of the chart ${folder}`)}`, archive);
    const before = locked.get(dependency.name);
    fetched.push({ name: dependency.name, version, locked: before === version ? undefined : before });
  }
  const own = await readChartFolder(folder, new ChartBudget(folder));
  const kept: File[] = [];
  for (const file of own) if (!archives.has(file.path) && !(await isOutdated(file, local))) kept.push(file);
  return {
    files: [...kept, ...[...archives].map(([path, data]) => ({ path, data }))],
    dependencies: fetched,
  };
}

async function archiveOf(dependency: ChartDependency, folder: string, deps: ChartSourceDeps): Promise<Buffer> {
  const { version, repository = "" } = dependency;
  // As an address, a name of a stranger's would be asked with the login of the repository.
  const name = pathSegment(dependency.name, `a dependency of the chart ${folder}`);
  if (repository.startsWith("file://")) return packedFolder(dependency, folder);
  const wanted: Pick<ChartSource, "version"> = version === "" ? {} : { version };
  const known = await namedRepositories(deps.helm);
  const alias = /^(?:@|alias:)(.*)$/.exec(repository)?.[1];
  // With the login that the user gave Helm for it, and from its index of now: Helm updates that first.
  const options = known.find((one) =>
    alias === undefined ? sameAddress(one.options.url, repository) : one.name === alias,
  )?.options;
  if (alias !== undefined && !options) {
    const own = pathSegment(alias, `the repository of the dependency ${name} of the chart ${folder}`);
    return new ChartFetch({ chart: `${own}/${name}` }, deps).archive();
  }
  return new ChartFetch({ chart: name, ...wanted, repository: options ?? { url: repository } }, deps).archive();
}

const withoutSlash = (url: string): string => url.replace(/(?<!\/)\/+$/, "");
const sameAddress = (one: string | undefined, other: string): boolean =>
  one !== undefined && withoutSlash(one) === withoutSlash(other);

/** A chart beside this one, packed: the same bytes on every machine. */
async function packedFolder({ name, version, repository = "" }: ChartDependency, folder: string): Promise<Buffer> {
  const path = repository.slice("file://".length);
  const place = isAbsolute(path) ? path : join(folder, path);
  const { metadata } = await readChart(place, undefined, { complete: false });
  if (!inVersionRange(metadata.version, version))
    throw new ChartVersionNotFoundError(name, version, withoutLogin(repository), [metadata.version]);
  return packChart(metadata.name, await readChartFolder(place, new ChartBudget(place)));
}

async function identityOf(
  archive: Buffer,
  budget: ChartBudget,
  dependency: string,
): Promise<{ name: string; version: string }> {
  const files = await readChartArchive(archive, "", budget).catch((error: unknown) => {
    if (error instanceof MirrorError) throw error;
    throw new NotAChartError(`${budget.chart}: dependency ${dependency}`, "what was fetched is no chart archive", {
      cause: error,
    });
  });
  const text = files
    .find(({ path }) => path === "Chart.yaml")
    ?.data.toString("utf8")
    .replace(/^\uFEFF/, "");
  const yaml: Json = text === undefined ? null : parseHelmYaml(text);
  const { name, version } = isMap(yaml) ? yaml : {};
  if (typeof name !== "string" || name === "" || (typeof version !== "string" && typeof version !== "number"))
    throw new NotAChartError(`${budget.chart}: dependency ${dependency}`, "its Chart.yaml names no chart and version");
  return { name, version: String(version) };
}

/** Whether an archive in `charts/` is none of the dependencies any more; what is no chart is left to Helm. */
async function isOutdated({ path, data }: File, local: ReadonlySet<string>): Promise<boolean> {
  if (!/^charts\/[^/]+\.tgz$/.test(path)) return false;
  try {
    const { name } = await identityOf(data, new ChartBudget(path), path);
    return !local.has(name);
  } catch {
    return false;
  }
}

/** What `Chart.lock`, or `requirements.lock`, says. */
function lockedVersions({ files, metadata }: Chart): ReadonlyMap<string, string> {
  const lock = metadata.apiVersion === "v1" ? "requirements.lock" : "Chart.lock";
  const text = files.find(({ path }) => path === lock)?.text;
  const locked = new Map<string, string>();
  if (text === undefined) return locked;
  const content = lockContent(text);
  const list = isMap(content) && Array.isArray(content.dependencies) ? content.dependencies : [];
  for (const { name, version } of list.filter(isMap))
    if (typeof name === "string" && (typeof version === "string" || typeof version === "number"))
      locked.set(name, String(version));
  return locked;
}

/** A lock file that cannot be read locks nothing. */
function lockContent(text: string): Json {
  try {
    return parseHelmYaml(text);
  } catch {
    return null;
  }
}
