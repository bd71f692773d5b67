import type { Json, JsonObject, JsonPath } from "../../json";
import { childOf } from "../../ownKeys";
import { isMap } from "../content/valuePaths";

/** Comparisons of items that a chart is worth; beyond them a longest sequence would take memory and time without end. */
const MOST_COMPARISONS = 4_000_000;
/** Objects of one kind that are looked at for one whose name moved: renders keep their order. */
const MOST_NAMES = 1_000;

/**
 * Pairs the objects of two renders of one chart: by kind, namespace and name, and where the name moved (a random
 * suffix, a timestamp, a hash of the content) by kind and the most alike name.
 *
 * @returns for each object of `before`, its index in `after`, or -1 when it is gone
 */
export function alignObjects(before: readonly JsonObject[], after: readonly JsonObject[]): number[] {
  // Most renders have the same objects in the same order.
  if (before.length === after.length && before.every((object, i) => isNamedAlike(object, after[i] as JsonObject)))
    return before.map((_, i) => i);
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
    for (const [at, candidate] of candidates.slice(0, MOST_NAMES).entries()) {
      const alike = commonPrefix(nameOf(object), nameOf(after[candidate] as JsonObject));
      if (alike > length) [best, length] = [at, alike];
    }
    // The last of its kind needs no like name.
    if (best < 0 && candidates.length === 1) best = 0;
    if (best >= 0) pairs[i] = candidates.splice(best, 1)[0] as number;
  });
  return pairs;
}

/**
 * Pairs the items of two versions of a list: by their `name` where all have one, else by what stayed the same, and between
 * that by how alike they begin. Charts put items into a list (an argument, an environment variable) when a value is set.
 *
 * @returns for each item of `before`, its index in `after`, or -1 when it is gone
 */
export function alignItems(before: readonly Json[], after: readonly Json[]): number[] {
  const names = itemNames(before);
  const newNames = itemNames(after);
  if (names && newNames) {
    if (names.length === newNames.length && names.every((name, i) => name === newNames[i]))
      return names.map((_, i) => i);
    const places = new Map<string, number[]>();
    newNames.forEach((name, i) => push(places, name, i));
    const pairs = names.map((name) => places.get(name)?.shift() ?? -1);
    // Names can be random, too: as many new ones as are gone are the same items.
    const fresh = [...places.values()].flat().sort((a, b) => a - b);
    if (fresh.length !== pairs.filter((pair) => pair < 0).length) return pairs;
    return pairs.map((pair) => (pair < 0 ? (fresh.shift() as number) : pair));
  }
  if (before.length === after.length) return before.map((_, i) => i);
  const old = before.map((item) => JSON.stringify(item));
  const now = after.map((item) => JSON.stringify(item));
  const pairs = old.map(() => -1);
  let at = 0;
  let next = 0;
  const close = (end: number, newEnd: number): void => {
    // In a gap as wide as that nothing is alike.
    if ((end - at) * (newEnd - next) > MOST_COMPARISONS) at = end;
    // Within a gap the order stays; each takes the most alike of those that leave enough for the rest.
    for (; at < end; at++) {
      let best = -1;
      let length = 0;
      for (let j = next; j < newEnd; j++) {
        const alike = commonPrefix(old[at] as string, now[j] as string);
        if (alike > length) [best, length] = [j, alike];
      }
      // A quote or a brace alone is nothing in common.
      if (best < 0 || length < 4) continue;
      pairs[at] = best;
      next = best + 1;
    }
    next = newEnd;
  };
  for (const [i, j] of unchangedItems(old, now)) {
    close(i, j);
    pairs[i] = j;
    [at, next] = [i + 1, j + 1];
  }
  close(old.length, now.length);
  return pairs;
}

/** The place in another version of an object that a path leads to: indexes of lists follow the items. */
export function translatePath(before: Json, after: Json, path: JsonPath): JsonPath | undefined {
  const result: (string | number)[] = [];
  let old: Json | undefined = before;
  let now: Json | undefined = after;
  for (const key of path) {
    let there = key;
    if (Array.isArray(old) && Array.isArray(now) && typeof key === "number") {
      there = old === now ? key : (alignedItems(old, now)[key] ?? -1);
      if (there === -1) return undefined;
    }
    result.push(there);
    old = childOf(old, key);
    now = childOf(now, there);
  }
  return result;
}

/** Lists that take no time to pair. */
const SHORT = 8;
/** How the items of long lists of two renders are paired, which nobody changes: thousands of images may stand in one. */
const aligned = new WeakMap<readonly Json[], WeakMap<readonly Json[], readonly number[]>>();

function alignedItems(before: readonly Json[], after: readonly Json[]): readonly number[] {
  if (before.length <= SHORT) return alignItems(before, after);
  const known = aligned.get(before) ?? new WeakMap<readonly Json[], readonly number[]>();
  aligned.set(before, known);
  const pairs = known.get(after) ?? alignItems(before, after);
  known.set(after, pairs);
  return pairs;
}

/** Pairs of indexes of a longest common subsequence; equal beginnings and ends are told without a search. */
function unchangedItems(old: readonly string[], now: readonly string[]): [number, number][] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  const rest = Math.min(old.length, now.length) - head;
  while (tail < rest && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const width = now.length - head - tail + 1;
  const height = old.length - head - tail;
  const pairs: [number, number][] = Array.from({ length: head }, (_, i) => [i, i]);
  const addTail = (): [number, number][] => {
    for (let i = tail; i > 0; i--) pairs.push([old.length - i, now.length - i]);
    return pairs;
  };
  if (height * width > MOST_COMPARISONS) {
    // One by one: as arguments of a single call they could be more than the stack takes.
    for (const pair of soleItems(old, now, head, tail)) pairs.push(pair);
    return addTail();
  }
  const lengths = new Uint32Array((height + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] as number;
  for (let i = height - 1; i >= 0; i--)
    for (let j = width - 2; j >= 0; j--)
      lengths[i * width + j] =
        old[head + i] === now[head + j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  for (let i = 0, j = 0; i < height && j < width - 1;) {
    if (old[head + i] === now[head + j]) pairs.push([head + i++, head + j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return addTail();
}

/** Of items that are there once before and after, those that stand in the same order: each takes the next that fits. */
function soleItems(old: readonly string[], now: readonly string[], head: number, tail: number): [number, number][] {
  const places = new Map<string, number>();
  const seen = new Set<string>();
  for (let j = head; j < now.length - tail; j++) {
    const item = now[j] as string;
    if (seen.has(item)) places.delete(item);
    else places.set(item, j);
    seen.add(item);
  }
  const pairs: [number, number][] = [];
  let next = head;
  for (let i = head; i < old.length - tail; i++) {
    const place = places.get(old[i] as string);
    if (place === undefined || place < next) continue;
    pairs.push([i, place]);
    next = place + 1;
  }
  return pairs;
}

function itemNames(items: readonly Json[]): string[] | undefined {
  const names = items.map((item) => (isMap(item) && typeof item.name === "string" ? item.name : undefined));
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** Objects of renders, which nobody changes, are paired again and again. */
const identities = new WeakMap<JsonObject, string>();

function identity(object: JsonObject): string {
  let text = identities.get(object);
  if (text === undefined) identities.set(object, (text = `${kindOf(object)}\n${nameOf(object)}`));
  return text;
}

function isNamedAlike(one: JsonObject, other: JsonObject): boolean {
  if (one.apiVersion === other.apiVersion && one.kind === other.kind && one.metadata === other.metadata) return true;
  return identity(one) === identity(other);
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
