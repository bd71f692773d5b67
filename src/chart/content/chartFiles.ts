import { basename, join } from "node:path";
import { MirrorError } from "../../error";
import { pathSegment } from "../../files/pathSegment";
import { statIfThere } from "../../files/presence";
import type { Json, JsonObject, JsonPath } from "../../json";
import { ownValue } from "../../ownKeys";
import type { Chart, ChartDependency, ChartFile, ChartMetadata, ImportValue } from "./chart";
import { readChartArchive, type RawFile } from "./chartArchive";
import { readChartFolder } from "./chartFolder";
import { ChartBudget, ChartTooLargeError } from "./chartLimits";
import { parseHelmYaml } from "./helmYaml";
import type { TemplateText } from "./templateMentions";
import { isMap } from "./valuePaths";
import { inVersionRange } from "./versionRange";
import { YamlBudget, YamlTooLargeError } from "./yamlBudget";

/** A folder or archive that is no chart, or a broken one. `code` is `NOT_A_CHART`. */
export class NotAChartError extends MirrorError {
  override readonly name = "NotAChartError";
  constructor(
    chart: string,
    reason: string,
    options?: ErrorOptions,
    remedy = "Name a folder or archive with a Chart.yaml",
  ) {
    super("NOT_A_CHART", `reading chart ${chart} failed: ${reason}`, remedy, options);
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

/**
 * Reads a chart's folder into memory, with its sub-charts, folders and archives alike.
 *
 * @param named the chart as the user named it, where that is no folder: for errors
 * @param options.complete whether it is an error when a dependency is missing; default: yes
 * @throws {NotAChartError} {MissingDependenciesError} {ChartTooLargeError} {UnsafeArchiveError} {UnsafeLinkError}, {MirrorError} `UNSAFE_NAME`
 */
export async function readChart(
  folder: string,
  named?: string,
  { complete = true }: { readonly complete?: boolean } = {},
): Promise<Chart> {
  const name = named ?? folder;
  const info = await statIfThere(folder);
  if (!info?.isDirectory()) throw new NotAChartError(name, "there is no such folder");
  // Asked first: whoever named a folder by mistake, such as a home, is not to wait until all of it is read.
  if (!(await statIfThere(join(folder, "Chart.yaml")))) throw new NotAChartError(name, "it has no Chart.yaml");
  const budget = new ChartBudget(name);
  const chart = await new ChartReader(budget).read(await readChartFolder(folder, budget), name);
  const missing = missingAmong(chart.metadata, chart.found);
  if (complete && missing.length > 0) throw new MissingDependenciesError(name, missing, named !== undefined);
  return placed(chart, [], new ChartBudget(name));
}

/** The dependencies of a chart that its `charts/` does not hold. Like Helm: what a sub-chart lacks is not asked for. */
export function missingDependencies({ metadata, subcharts }: Chart): string[] {
  return missingAmong(metadata, new Set(subcharts.map((subchart) => subchart.metadata.name)));
}

function missingAmong({ dependencies }: ChartMetadata, found: ReadonlySet<string>): string[] {
  return [...new Set(dependencies.map(({ name }) => name).filter((name) => !found.has(name)))];
}

/** The texts that may name values: templates, and other files that templates may hand to `tpl`. */
export function templateTexts(chart: Chart): TemplateText[] {
  const own = chart.files
    .filter(({ path, text }) => path.startsWith("templates/") || (!/^crds\/|\.md$/.test(path) && text.includes("{{")))
    .map((file) => ({ scope: chart.valuesPath, text: file.text }));
  return [...own, ...chart.subcharts.flatMap(templateTexts)];
}

/** A chart before its place among the values is known. */
interface UnplacedChart extends Omit<Chart, "valuesPath" | "subcharts"> {
  readonly subcharts: readonly UnplacedChart[];
  /** Names of the charts that lie in `charts/`. */
  readonly found: ReadonlySet<string>;
  /** As {@link ChartLimits.values} counts them. */
  readonly valuesSize: number;
}

class ChartReader {
  constructor(private readonly budget: ChartBudget) {}

  /** @param depth how many charts this one lies in */
  async read(files: readonly RawFile[], name: string, depth = 0): Promise<UnplacedChart> {
    this.budget.allow("depth", depth, name);
    const byPath = new Map(files.map((file) => [file.path, file]));
    const chartYaml = byPath.get("Chart.yaml");
    if (!chartYaml) throw new NotAChartError(name, "it has no Chart.yaml");
    const read = (file: string, counted = new YamlBudget()): JsonObject => {
      const content = readYaml(byPath.get(file), name, counted);
      this.budget.take("yaml", counted.taken);
      return content;
    };
    const yaml = read("Chart.yaml");
    const requirements = read("requirements.yaml");
    this.budget.allow("dependencies", dependenciesIn(yaml, requirements).length, name);
    const metadata = metadataFrom(yaml, requirements, `${name}: ${chartYaml.location}`);
    this.budget.take("dependencyText", lengthOf(metadata.dependencies));
    const subcharts = await this.subcharts(files, name, depth + 1);
    const counted = new YamlBudget();
    return {
      metadata,
      values: read("values.yaml", counted),
      valuesSize: counted.taken,
      schema: byPath.has("values.schema.json") ? read("values.schema.json") : undefined,
      files: files.filter((file) => !file.path.startsWith("charts/")).flatMap(textFile),
      subcharts: chooseSubcharts(subcharts, metadata),
      found: new Set(subcharts.map((subchart) => subchart.metadata.name)),
    };
  }

  private async subcharts(files: readonly RawFile[], name: string, depth: number): Promise<UnplacedChart[]> {
    const members = new Map<string, RawFile[]>();
    for (const file of files) {
      const [, member, rest] = /^charts\/([^/]+)(?:\/(.*))?$/.exec(file.path) ?? [];
      // Helm passes over names that begin so, and over files that are no archives.
      if (member === undefined || /^[._]/.test(member)) continue;
      const isArchive = member.endsWith(".tgz");
      if (rest === undefined && !isArchive) continue;
      if (rest !== undefined && isArchive)
        throw new NotAChartError(name, `charts/${member} is a folder, but Helm takes what ends in .tgz for an archive`);
      let parts = members.get(member);
      if (!parts) members.set(member, (parts = []));
      parts.push({ ...file, path: rest ?? member });
    }
    const charts: UnplacedChart[] = [];
    for (const [member, parts] of members) {
      this.budget.take("subcharts");
      const inside = member.endsWith(".tgz") ? await this.unpacked(parts[0] as RawFile, name, member) : parts;
      charts.push(await this.read(inside, `${name}/charts/${member}`, depth));
    }
    return charts;
  }

  private unpacked({ data, location }: RawFile, name: string, member: string): Promise<RawFile[]> {
    return readChartArchive(data, location, this.budget).catch((error: unknown) => {
      if (error instanceof MirrorError) throw error;
      throw new NotAChartError(name, `charts/${member} cannot be unpacked`, { cause: error });
    });
  }
}

/** The sub-charts as dependencies name them: each under its alias, some more than once, and those that nothing names. */
function chooseSubcharts(charts: readonly UnplacedChart[], metadata: ChartMetadata): UnplacedChart[] {
  const serving = new Set<UnplacedChart>();
  const byName = new Map<string, UnplacedChart[]>();
  for (const chart of charts) {
    const same = byName.get(chart.metadata.name);
    if (same) same.push(chart);
    else byName.set(chart.metadata.name, [chart]);
  }
  const named = metadata.dependencies.flatMap((dependency) => {
    const [first, ...others] = (byName.get(dependency.name) ?? []).filter((chart) =>
      inVersionRange(chart.metadata.version, dependency.version),
    );
    if (!first) return [];
    for (const chart of [first, ...others]) serving.add(chart);
    return [{ ...first, dependency }];
  });
  return [...charts.filter((chart) => !serving.has(chart)), ...named];
}

/** @param budget counts each chart as often as dependencies name it: aliases of aliases multiply */
function placed(chart: UnplacedChart, valuesPath: JsonPath, budget: ChartBudget): Chart {
  const { found: _, valuesSize, ...rest } = chart;
  budget.take("entries", chart.files.length);
  budget.take("values", valuesSize);
  budget.take("dependencyText", lengthOf(chart.metadata.dependencies));
  for (const { text } of chart.files) budget.take("unpacked", text.length);
  const subcharts = chart.subcharts.map((subchart) => {
    budget.take("subcharts");
    return placed(subchart, [...valuesPath, subchartKey(subchart)], budget);
  });
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

function readYaml(file: RawFile | undefined, chart: string, budget = new YamlBudget()): JsonObject {
  if (!file) return {};
  let content: Json;
  try {
    content = parseHelmYaml(withoutMark(file.data), budget);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof YamlTooLargeError)
      throw new ChartTooLargeError(chart, `${basename(file.path)}: ${reason}`, { cause: error });
    throw new NotAChartError(chart, `${basename(file.path)} is no valid YAML: ${reason}`, { cause: error });
  }
  if (content !== null && !isMap(content)) throw new NotAChartError(chart, `${basename(file.path)} holds no map`);
  return content ?? {};
}

function withoutMark(data: Buffer): string {
  return data.toString("utf8").replace(/^\uFEFF/, "");
}

function metadataFrom(yaml: JsonObject, requirements: JsonObject, where: string): ChartMetadata {
  const text = (key: string): string | undefined => scalarText(ownValue(yaml, key));
  const name = text("name");
  const version = text("version");
  if (!name || !version) throw new NotAChartError(where, `it has no ${name ? "version" : "name"}`);
  const optional = { appVersion: text("appVersion"), type: text("type"), kubeVersion: text("kubeVersion") };
  return {
    apiVersion: text("apiVersion") ?? "v1",
    name: pathSegment(name, `a chart (${where})`),
    version,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    dependencies: dependenciesIn(yaml, requirements).map(dependencyFrom),
  };
}

function dependenciesIn(yaml: JsonObject, requirements: JsonObject): JsonObject[] {
  const dependencies = requirements.dependencies ?? yaml.dependencies;
  return Array.isArray(dependencies) ? dependencies.filter(isMap) : [];
}

/** Characters that dependencies take, one at least for each text. */
function lengthOf(dependencies: readonly ChartDependency[]): number {
  let length = 0;
  for (const { name, version, repository, alias, condition, tags, importValues } of dependencies) {
    for (const text of [name, version, repository, alias, condition, ...tags]) length += (text?.length ?? 0) + 1;
    for (const { child, parent } of importValues) length += child.length + parent.length + 1;
  }
  return length;
}

function dependencyFrom(yaml: JsonObject): ChartDependency {
  const optional = {
    repository: scalarText(yaml.repository),
    alias: scalarText(yaml.alias),
    condition: scalarText(yaml.condition),
  };
  const list = (key: "tags" | "import-values"): Json[] => (Array.isArray(yaml[key]) ? yaml[key] : []);
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
