import type { JsonObject } from "../json";
import { isMap } from "./valuePaths";

/**
 * Pairs the objects of two renders of one chart: by kind, namespace and name, and where the name moved (a random
 * suffix, a timestamp, a hash of the content) by kind and the most alike name.
 *
 * @returns for each object of `before`, its index in `after`, or -1 when it is gone
 */
export function alignObjects(before: readonly JsonObject[], after: readonly JsonObject[]): number[] {
  const waiting = new Map<string, number[]>();
  after.forEach((object, i) => push(waiting, identity(object), i));
  const pairs = before.map((object) => waiting.get(identity(object))?.shift() ?? -1);

  const byKind = new Map<string, number[]>();
  for (const rest of waiting.values()) for (const i of rest) push(byKind, kindOf(after[i] as JsonObject), i);
  pairs.forEach((pair, i) => {
    if (pair >= 0) return;
    const object = before[i] as JsonObject;
    const candidates = byKind.get(kindOf(object)) ?? [];
    let best = -1;
    let length = 0;
    for (const [at, candidate] of candidates.entries()) {
      const alike = commonPrefix(nameOf(object), nameOf(after[candidate] as JsonObject));
      if (alike > length) [best, length] = [at, alike];
    }
    if (best >= 0) pairs[i] = candidates.splice(best, 1)[0] as number;
  });
  return pairs;
}

function identity(object: JsonObject): string {
  return `${kindOf(object)}\n${nameOf(object)}`;
}

function kindOf(object: JsonObject): string {
  const namespace = isMap(object.metadata) ? object.metadata.namespace : undefined;
  return JSON.stringify([object.apiVersion ?? null, object.kind ?? null, namespace ?? null]);
}

function nameOf(object: JsonObject): string {
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const name = metadata.name ?? metadata.generateName;
  return typeof name === "string" ? name : "";
}

function commonPrefix(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
