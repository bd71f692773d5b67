import type { Json, JsonObject, JsonPath } from "../../json";
import { ownValue } from "../../ownKeys";
import { alignItems, alignObjects } from "../render/alignment";
import { isMap } from "../content/valuePaths";

/** One leaf that two renders do not share; `before` or `after` is undefined where only the other render has it. */
export interface Difference {
  /** Index of the object in the first render, or -1 when only the second has it. */
  readonly object: number;
  /** Empty when a whole object came or went. */
  readonly path: JsonPath;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Every leaf that differs between two renders of a chart, object by object. */
export function differences(before: readonly JsonObject[], after: readonly JsonObject[]): Difference[] {
  const found: Difference[] = [];
  const pairs = alignObjects(before, after);
  const seen = new Set(pairs);
  pairs.forEach((pair, object) => {
    if (pair < 0) found.push({ object, path: [], before: before[object], after: undefined });
    // One by one: as arguments of a single call they could be more than the stack takes.
    else
      for (const difference of leafDifferences(before[object] as JsonObject, after[pair] as JsonObject, object))
        found.push(difference);
  });
  after.forEach((object, i) => {
    if (!seen.has(i)) found.push({ object: -1, path: [], before: undefined, after: object });
  });
  return found;
}

/** The differing leaves of two values; a map or list that only one of them has counts as one difference. */
export function leafDifferences(before: Json, after: Json, object = 0): Difference[] {
  const found: Difference[] = [];
  // One for the whole walk: nearly all that it passes is the same in both.
  const path: (string | number)[] = [];
  const below = (key: string | number, a: Json | undefined, b: Json | undefined): void => {
    path.push(key);
    walk(a, b);
    path.pop();
  };
  const walk = (a: Json | undefined, b: Json | undefined): void => {
    // Documents that did not change are often the very same object.
    if (a === b) return;
    if (isMap(a) && isMap(b)) {
      for (const key of Object.keys(a)) below(key, ownValue(a, key), ownValue(b, key));
      for (const key of Object.keys(b)) if (!Object.hasOwn(a, key)) below(key, undefined, ownValue(b, key));
    } else if (Array.isArray(a) && Array.isArray(b)) {
      const pairs = alignItems(a, b);
      const kept = new Set(pairs);
      pairs.forEach((pair, i) => below(i, a[i], pair < 0 ? undefined : b[pair]));
      let added = a.length;
      b.forEach((item, i) => {
        if (!kept.has(i)) below(added++, undefined, item);
      });
    } else found.push({ object, path: [...path], before: a, after: b });
  };
  walk(before, after);
  return found;
}

/** Names the place of a difference, the same for every pair of renders that starts from the same first one. */
export function differencePlace(difference: Pick<Difference, "object" | "path">): string {
  return JSON.stringify([difference.object, difference.path]);
}
