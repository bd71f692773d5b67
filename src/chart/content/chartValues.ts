import type { JsonObject, JsonPath } from "../../json";
import { ownValue, setOwnValue } from "../../ownKeys";
import type { Chart, ChartDependency } from "./chart";
import { subchartKey } from "./chartFiles";
import { ChartBudget, ChartTooLargeError } from "./chartLimits";
import { isMap, valueAt } from "./valuePaths";
import { sizeOfYaml, YamlTooLargeError } from "./yamlBudget";

/**
 * The values that a chart's templates see: the user's over the chart's own, each sub-chart's below its key, globals
 * handed down, `null` taking a standard value away. The rules are those of Helm's `CoalesceValues`, quirks included.
 *
 * @param chart as {@link enabledChart} gives it
 * @see {@link https://github.com/helm/helm/blob/v3.19.5/pkg/chartutil/coalesce.go}
 */
export function coalescedValues(chart: Chart, user: JsonObject): JsonObject {
  return coalesce(chart, structuredClone(user), false);
}

/**
 * The coalesced values with every sub-chart's `global` lifted into the root's: the path of a leaf is then the path that
 * a user sets, since Helm hands the root's globals down over the sub-charts' own.
 */
export function settableValues(chart: Chart, user: JsonObject): JsonObject {
  const values = coalescedValues(chart, user);
  const globals: JsonObject = isMap(values.global) ? values.global : {};
  const lift = (parent: Chart, own: JsonObject): void => {
    for (const subchart of parent.subcharts) {
      const below = ownValue(own, subchartKey(subchart));
      if (!isMap(below)) continue;
      if (isMap(below.global)) coalesceTables(globals, below.global, true);
      delete below.global;
      lift(subchart, below);
    }
  };
  lift(chart, values);
  if (Object.keys(globals).length > 0) values.global = globals;
  return values;
}

/**
 * The chart with those sub-charts only that the values enable by conditions and tags, and with the values that parents
 * import from their sub-charts (`import-values`).
 *
 * @throws {ChartTooLargeError} for imports that grow beyond what values may have
 * @see {@link https://helm.sh/docs/topics/charts/#tags-and-condition-fields-in-dependencies}
 */
export function enabledChart(chart: Chart, user: JsonObject): Chart {
  const values = coalescedValues(chart, user);
  const enabled = (parent: Chart): Chart => {
    // Helm goes by the name: a chart of that name in another version than the one asked for is switched off with it.
    const off = new Set(
      parent.metadata.dependencies
        .filter((dependency) => !isEnabled(dependency, parent.valuesPath, values))
        .map(({ name, alias }) => alias ?? name),
    );
    return { ...parent, subcharts: parent.subcharts.filter((s) => !off.has(subchartKey(s))).map(enabled) };
  };
  return withImportedValues(enabled(chart), new ChartBudget(chart.metadata.name));
}

function isEnabled(dependency: ChartDependency, parent: JsonPath, values: JsonObject): boolean {
  for (const condition of (dependency.condition ?? "").trim().split(",")) {
    if (condition === "") continue;
    const decision = valueAt(values, [...parent, ...condition.split(".")]);
    if (typeof decision === "boolean") return decision;
  }
  const tags = isMap(values.tags) ? values.tags : {};
  const decisions = dependency.tags.map((tag) => ownValue(tags, tag));
  return decisions.includes(true) || !decisions.includes(false);
}

/**
 * Helm does this for every chart that names dependencies, imports or not: the values of the sub-charts become the parent's
 * own, and with them their nulls, which then take themselves away.
 */
function withImportedValues(chart: Chart, budget: ChartBudget): Chart {
  const subcharts = chart.subcharts.map((subchart) => withImportedValues(subchart, budget));
  const own = { ...chart, subcharts };
  if (!subcharts.some((subchart) => subchart.dependency)) return own;
  const values = coalesce(own, {}, true);
  const imported: JsonObject = {};
  for (const subchart of subcharts)
    for (const { child, parent } of subchart.dependency?.importValues ?? []) {
      const table = valueAt(values, [subchartKey(subchart), ...child.split(".")]);
      if (!isMap(table)) continue;
      // One table may be imported thousands of times, and below a path that is as deep as its text is long.
      budget.take(
        "values",
        measured(() => sizeOfYaml(table, parent.split(".").length), chart),
      );
      coalesceTables(imported, below(parent, structuredClone(table)), true);
    }
  return { ...own, values: coalesceTables(values, imported, true) };
}

/** @throws {ChartTooLargeError} for what nests too deep */
function measured(size: () => number, chart: Chart): number {
  try {
    return size();
  } catch (error) {
    if (!(error instanceof YamlTooLargeError)) throw error;
    throw new ChartTooLargeError(chart.metadata.name, `a value that it imports: ${error.message}`, { cause: error });
  }
}

function below(path: string, table: JsonObject): JsonObject {
  if (path === ".") return table;
  return path.split(".").reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), table);
}

function coalesce(chart: Chart, given: JsonObject, merge: boolean): JsonObject {
  coalesceOwn(chart, given, merge);
  for (const subchart of chart.subcharts) {
    const key = subchartKey(subchart);
    const own = ownValue(given, key) ?? {};
    // Helm fails where a sub-chart's values are no map; the render says so.
    if (!isMap(own)) continue;
    handGlobalsDown(own, given);
    setOwnValue(given, key, coalesce(subchart, own, merge));
  }
  return given;
}

function coalesceOwn(chart: Chart, given: JsonObject, merge: boolean): void {
  const keys = new Set(chart.subcharts.map((subchart) => subchartKey(subchart)));
  for (const [key, standard] of Object.entries(structuredClone(chart.values))) {
    if (!Object.hasOwn(given, key)) {
      setOwnValue(given, key, standard);
      continue;
    }
    const value = ownValue(given, key);
    if (value === null && !merge) delete given[key];
    // A sub-chart must still see the nulls, to take its own standard values away.
    else if (isMap(value) && isMap(standard)) coalesceTables(value, standard, merge || keys.has(key));
  }
}

/** Fills `over` with what only `standard` has. A null takes the standard value away; with `merge` it stays a null. */
function coalesceTables(over: JsonObject, standard: JsonObject, merge: boolean): JsonObject {
  for (const [key, value] of Object.entries(over)) {
    if (value !== null || merge) continue;
    delete over[key];
    delete standard[key];
  }
  for (const [key, value] of Object.entries(standard)) {
    if (!Object.hasOwn(over, key)) setOwnValue(over, key, value);
    else {
      const own = ownValue(over, key);
      if (isMap(value) && isMap(own)) coalesceTables(own, value, merge);
    }
  }
  return over;
}

function handGlobalsDown(to: JsonObject, from: JsonObject): void {
  const own = Object.hasOwn(to, "global") ? to.global : {};
  const handed = Object.hasOwn(from, "global") ? from.global : {};
  if (!isMap(own) || !isMap(handed)) return;
  for (const [key, value] of Object.entries(handed)) {
    const before = ownValue(own, key);
    if (isMap(value)) {
      const copy = structuredClone(value);
      if (!Object.hasOwn(own, key)) setOwnValue(own, key, copy);
      else if (isMap(before)) setOwnValue(own, key, coalesceTables(copy, before, true));
    } else if (!isMap(before)) setOwnValue(own, key, value);
  }
  to.global = own;
}
