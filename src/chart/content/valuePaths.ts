import { isMap as isAnyMap, type Json, type JsonObject, type JsonPath } from "../../json";
import { childOf, ownValue, setChild, setOwnValue, valueAt } from "../../ownKeys";

/** A string (or an empty place: `null`) inside values, with its path. */
export interface ValueLeaf {
  readonly path: JsonPath;
  readonly value: string | null;
}

export { valueAt };

/** Whether a value is a map of Helm values; of one signature, since `filter` narrows by no function that has several. */
export const isMap: (value: Json | undefined) => value is JsonObject = isAnyMap;

/** Every text and every null, depth first. */
export function valueLeaves(values: Json): ValueLeaf[] {
  const leaves: ValueLeaf[] = [];
  const path: (string | number)[] = [];
  const below = (key: string | number, item: Json): void => {
    path.push(key);
    walk(item);
    path.pop();
  };
  const walk = (here: Json): void => {
    if (typeof here === "string" || here === null) leaves.push({ path: [...path], value: here });
    else if (Array.isArray(here)) here.forEach((item, i) => below(i, item));
    else if (typeof here === "object") for (const [key, item] of Object.entries(here)) below(key, item);
  };
  walk(values);
  return leaves;
}

/** Every map, depth first, the outermost first. */
export function* valueMaps(values: Json, path: JsonPath = []): Generator<{ path: JsonPath; map: JsonObject }> {
  if (Array.isArray(values)) for (const [i, item] of values.entries()) yield* valueMaps(item, [...path, i]);
  else if (isMap(values)) {
    yield { path, map: values };
    for (const [key, item] of Object.entries(values)) yield* valueMaps(item, [...path, key]);
  }
}

/** A path as Helm's `--set` and people write it: `image.tag`, `env[0].value`, `"a.b".c`. */
export function formatValuePath(path: JsonPath): string {
  return path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      return `${i ? "." : ""}${/^[\w-]+$/.test(key) ? key : JSON.stringify(key)}`;
    })
    .join("");
}

/** The part of a path that `--values` can reach: Helm merges maps but replaces lists, so it ends before the first index. */
export function settablePath(path: JsonPath): JsonPath {
  const index = path.findIndex((key) => typeof key === "number");
  return index < 0 ? path : path.slice(0, index);
}

/** Whether a release can be given a value there: Pulumi's SDK for Node.js loses whatever has the key `__proto__`. */
export function isSettable(path: JsonPath): boolean {
  return !path.includes("__proto__");
}

/**
 * Sets values in a copy of `base` that will be merged over `standard`.
 *
 * A path through a list needs the whole list in `base`, since Helm replaces lists: it is copied from `standard` first.
 * What is not settable ({@link isSettable}) is left out, so that no trial ever finds it of use.
 */
export function withValues(
  base: JsonObject,
  standard: JsonObject,
  entries: Iterable<readonly [JsonPath, Json]>,
): JsonObject {
  const result = structuredClone(base);
  for (const [path, value] of entries) {
    if (!isSettable(path)) continue;
    const list = settablePath(path);
    if (list.length < path.length && !Array.isArray(valueAt(result, list)))
      setAt(result, list, structuredClone(valueAt(standard, list) ?? []));
    setAt(result, path, value);
  }
  return result;
}

/** Sets a value, and makes the maps that lead to it. What stands below a list by a key is nowhere, and is not set. */
export function setAt(values: JsonObject, path: JsonPath, value: Json): void {
  let here: JsonObject | Json[] = values;
  for (const key of path.slice(0, -1)) {
    let next = childOf(here, key);
    if (typeof next !== "object" || next === null) setChild(here, key, (next = {}));
    here = next;
  }
  setChild(here, path.at(-1) as string | number, value);
}

/** Merges values as Helm does: maps deeply, everything else replaced; `null` is kept, it deletes in Helm. */
export function mergeValues(under: JsonObject, over: JsonObject): JsonObject {
  const result: JsonObject = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = ownValue(result, key);
    setOwnValue(result, key, isMap(below) && isMap(value) ? mergeValues(below, value) : value);
  }
  return result;
}
