import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { MirrorError } from "../../error";
import type { Json, JsonObject, JsonPath } from "../../json";
import type { Chart, ChartDependency, ChartFile, ChartMetadata, ImportValue } from "./chart";
import { readChartArchive } from "./chartArchive";
import { parseHelmIgnore } from "./helmIgnore";
import { parseHelmYaml } from "./helmYaml";
import type { TemplateText } from "./templateMentions";
import { isMap } from "./valuePaths";
import { inVersionRange } from "./versionRange";

/** A folder or archive that is no chart, or a broken one. `code` is `NOT_A_CHART`. */
export class NotAChartError extends MirrorError {
  override readonly name = "NotAChartError";
  constructor(chart: string, reason: string, options?: ErrorOptions) {
    super(
      "NOT_A_CHART",
      `reading chart ${chart} failed: ${reason}`,
      "Name a folder or archive with a Chart.yaml",
      options,
    );
  }
}

/** A chart that lacks what its own `Chart.yaml` asks for. `code` is `MISSING_DEPENDENCIES`. */
export class MissingDependenciesError extends MirrorError {
  override readonly name = "MissingDependenciesError";
  constructor(
    chart: string,
    readonly dependencies: readonly string[],
    /** Whether it came as an archive, into which nothing can be put. */
    packed = false,
  ) {
    super(
      "MISSING_DEPENDENCIES",
      `reading chart ${chart} failed: its Chart.yaml asks for ${dependencies.join(", ")}, which charts/ does not hold`,
      packed
        ? "Take an archive that holds them (helm package --dependency-update), or unpack it and run helm dependency build"
        : `Run: helm dependency build ${chart}`,
    );
  }
}

/** One file of a chart as it lies in a folder or archive. */
export interface RawFile {
  /** Inside the chart, with forward slashes. */
  readonly path: string;
  /** As {@link ChartFile.location}. */
  readonly location: string;
  readonly data: Buffer;
}

/** Helm's own limits: more is no chart but an accident. */
const MAX_FILE = 5 * 1024 * 1024;

/**
 * Reads a chart's folder into memory, with its sub-charts, folders and archives alike.
 *
 * @param named the chart as the user named it, where that is no folder: for errors
 * @throws {NotAChartError} {MissingDependenciesError}
 */
export async function readChart(folder: string, named?: string): Promise<Chart> {
  const name = named ?? folder;
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory()) throw new NotAChartError(name, "there is no such folder");
  // Asked first: whoever named a folder by mistake, such as a home, is not to wait until all of it is read.
  if (!(await stat(join(folder, "Chart.yaml")).catch(() => undefined)))
    throw new NotAChartError(name, "it has no Chart.yaml");
  const chart = await chartFrom(await readChartFolder(folder), name);
  // Like Helm: what a sub-chart lacks is not asked for.
  const { metadata, found } = chart;
  const missing = metadata.dependencies.map(({ name }) => name).filter((name) => !found.has(name));
  if (missing.length > 0) throw new MissingDependenciesError(name, [...new Set(missing)], named !== undefined);
  return placed(chart, []);
}

/** The texts that may name values: templates, and other files that templates may hand to `tpl`. */
export function templateTexts(chart: Chart): TemplateText[] {
  const own = chart.files
    .filter(({ path, text }) => path.startsWith("templates/") || (!/^crds\/|\.md$/.test(path) && text.includes("{{")))
    .map((file) => ({ scope: chart.valuesPath, text: file.text }));
  return [...own, ...chart.subcharts.flatMap(templateTexts)];
}

/** The files of a chart's folder that belong to the chart: what its `.helmignore` names does not. */
export async function readChartFolder(folder: string): Promise<RawFile[]> {
  const rules = parseHelmIgnore(await readFile(join(folder, ".helmignore"), "utf8").catch(() => ""));
  const files: RawFile[] = [];
  const walk = async (inside: string): Promise<void> => {
    const names = (await readdir(join(folder, inside))).sort();
    for (const name of names) {
      const path = inside ? `${inside}/${name}` : name;
      // Helm follows symbolic links; a dangling one is nothing to read.
      const info = await stat(join(folder, path)).catch(() => undefined);
      if (!info || rules(path, info.isDirectory())) continue;
      if (info.isDirectory()) await walk(path);
      else if (info.isFile() && (info.size <= MAX_FILE || isPackedSubchart(path)))
        files.push({ path, location: path, data: await readFile(join(folder, path)) });
    }
  };
  await walk("");
  return files;
}

function isPackedSubchart(path: string): boolean {
  return /(^|\/)charts\/[^/]+\.tgz$/.test(path);
}

/** A chart before its place among the values is known. */
interface UnplacedChart extends Omit<Chart, "valuesPath" | "subcharts"> {
  readonly subcharts: readonly UnplacedChart[];
  /** Names of the charts that lie in `charts/`. */
  readonly found: ReadonlySet<string>;
}

async function chartFrom(files: readonly RawFile[], name: string): Promise<UnplacedChart> {
  const find = (path: string): RawFile | undefined => files.find((file) => file.path === path);
  const chartYaml = find("Chart.yaml");
  if (!chartYaml) throw new NotAChartError(name, "it has no Chart.yaml");
  const metadata = metadataFrom(
    readYaml(chartYaml, name),
    readYaml(find("requirements.yaml"), name),
    `${name}: ${chartYaml.location}`,
  );
  const schema = find("values.schema.json");
  const subcharts = await readSubcharts(files, name);
  return {
    metadata,
    values: readYaml(find("values.yaml"), name),
    ...(schema && { schema: readYaml(schema, name) }),
    files: files.filter((file) => !file.path.startsWith("charts/")).flatMap(textFile),
    subcharts: chooseSubcharts(subcharts, metadata),
    found: new Set(subcharts.map((subchart) => subchart.metadata.name)),
  };
}

async function readSubcharts(files: readonly RawFile[], name: string): Promise<UnplacedChart[]> {
  const members = new Map<string, RawFile[]>();
  for (const file of files) {
    const [, member, rest] = /^charts\/([^/]+)(?:\/(.*))?$/.exec(file.path) ?? [];
    // Helm passes over names that begin so, and over files that are no archives.
    if (member === undefined || /^[._]/.test(member)) continue;
    if (rest === undefined && !member.endsWith(".tgz")) continue;
    members.set(member, [...(members.get(member) ?? []), { ...file, path: rest ?? member }]);
  }
  const charts: UnplacedChart[] = [];
  for (const [member, parts] of members) {
    const [first] = parts as [RawFile];
    const inside = member.endsWith(".tgz")
      ? await readChartArchive(first.data, first.location).catch((error: unknown) => {
          throw new NotAChartError(name, `charts/${member} cannot be unpacked`, { cause: error });
        })
      : parts;
    charts.push(await chartFrom(inside, `${name}/charts/${member}`));
  }
  return charts;
}

/** The sub-charts as dependencies name them: each under its alias, some more than once, and those that nothing names. */
function chooseSubcharts(charts: readonly UnplacedChart[], metadata: ChartMetadata): UnplacedChart[] {
  const serves = (chart: UnplacedChart, dependency: ChartDependency): boolean =>
    chart.metadata.name === dependency.name && inVersionRange(chart.metadata.version, dependency.version);
  const unnamed = charts.filter((chart) => !metadata.dependencies.some((dependency) => serves(chart, dependency)));
  const named = metadata.dependencies.flatMap((dependency) => {
    const chart = charts.find((candidate) => serves(candidate, dependency));
    return chart ? [{ ...chart, dependency }] : [];
  });
  return [...unnamed, ...named];
}

function placed(chart: UnplacedChart, valuesPath: JsonPath): Chart {
  const { found: _, ...rest } = chart;
  const subcharts = chart.subcharts.map((subchart) => placed(subchart, [...valuesPath, subchartKey(subchart)]));
  return { ...rest, valuesPath, subcharts };
}

/** The key under which a parent's values hold those of a sub-chart. */
export function subchartKey(chart: Pick<Chart, "dependency" | "metadata">): string {
  return chart.dependency?.alias ?? chart.metadata.name;
}

function textFile(file: RawFile): ChartFile[] {
  if (file.data.includes(0)) return [];
  return [{ path: file.path, location: file.location, text: withoutMark(file.data) }];
}

function readYaml(file: RawFile | undefined, chart: string): JsonObject {
  if (!file) return {};
  let content: Json;
  try {
    content = parseHelmYaml(withoutMark(file.data));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotAChartError(chart, `${basename(file.path)} is no valid YAML: ${reason}`, { cause: error });
  }
  if (content !== null && !isMap(content)) throw new NotAChartError(chart, `${basename(file.path)} holds no map`);
  return content ?? {};
}

function withoutMark(data: Buffer): string {
  return data.toString("utf8").replace(/^\uFEFF/, "");
}

function metadataFrom(yaml: JsonObject, requirements: JsonObject, where: string): ChartMetadata {
  const text = (key: string): string | undefined => scalarText(yaml[key]);
  const name = text("name");
  const version = text("version");
  if (!name || !version) throw new NotAChartError(where, `it has no ${name ? "version" : "name"}`);
  const dependencies = requirements.dependencies ?? yaml.dependencies;
  const optional = { appVersion: text("appVersion"), type: text("type"), kubeVersion: text("kubeVersion") };
  return {
    apiVersion: text("apiVersion") ?? "v1",
    name,
    version,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    dependencies: Array.isArray(dependencies) ? dependencies.filter(isMap).map(dependencyFrom) : [],
  };
}

function dependencyFrom(yaml: JsonObject): ChartDependency {
  const optional = {
    repository: scalarText(yaml.repository),
    alias: scalarText(yaml.alias),
    condition: scalarText(yaml.condition),
  };
  const list = (key: string): Json[] => (Array.isArray(yaml[key]) ? yaml[key] : []);
  return {
    name: scalarText(yaml.name) ?? "",
    version: scalarText(yaml.version) ?? "",
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value)),
    tags: list("tags").flatMap((tag) => (typeof tag === "string" ? [tag] : [])),
    importValues: list("import-values").flatMap(importValueFrom),
  };
}

function importValueFrom(value: Json): ImportValue[] {
  // The short form takes what the child exports under that name ({@link https://helm.sh/docs/topics/charts/#importing-child-values-via-dependencies}).
  if (typeof value === "string") return [{ child: `exports.${value}`, parent: "." }];
  if (!isMap(value)) return [];
  return [{ child: scalarText(value.child) ?? "", parent: scalarText(value.parent) ?? "" }];
}

function scalarText(value: Json | undefined): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
