import { isMap, type Json, type JsonObject } from "../../json";
import { byKey } from "../../textOrder";

/**
 * One thing that a contribution adds to an object: an item of a list, a value, or a map or list around these. Its id
 * says all that is needed to take it out again: `/spec/hosts/#r.test`, `/data/ca.crt`, `/spec/`, and `/` for the object
 * itself.
 */
export interface Entry {
  readonly id: string;
  readonly kind: "root" | "map" | "list" | "item" | "value";
  /** Keys that lead to it; for an item, to its list. */
  readonly path: readonly string[];
  /** How many things are around it. */
  readonly depth: number;
  /** What tells an item from the others of its list. */
  readonly key?: string;
  readonly value: Json;
}

/** The entries of a partial object, what is around others first. None for an empty one. */
export function entriesOf(wanted: JsonObject): Entry[] {
  if (Object.keys(wanted).length === 0) return [];
  const root: Entry = { id: "/", kind: "root", path: [], depth: 0, value: null };
  return [root, ...Object.entries(wanted).flatMap(([key, value]) => [...walk([key], value)])];
}

function* walk(path: readonly string[], value: Json): Generator<Entry> {
  const depth = path.length;
  if (Array.isArray(value)) {
    yield { id: listId(path), kind: "list", path, depth, value: [] };
    for (const item of value) {
      const key = itemKey(item);
      yield { id: `${listId(path)}${key}`, kind: "item", path, depth: depth + 1, key, value: item };
    }
  } else if (isMap(value)) {
    yield { id: `${pointer(path)}/`, kind: "map", path, depth, value: {} };
    for (const [key, inner] of Object.entries(value)) yield* walk([...path, key], inner);
  } else if (value !== null) yield { id: pointer(path), kind: "value", path, depth, value };
}

/** What an id says; an item's or a value's content is not in it. */
export function entryWithId(id: string): Entry {
  if (id === "/") return { id, kind: "root", path: [], depth: 0, value: null };
  const mark = id.indexOf("/#");
  if (mark >= 0) {
    const path = segments(id.slice(0, mark));
    const key = id.slice(mark + 2);
    return key === ""
      ? { id, kind: "list", path, depth: path.length, value: [] }
      : { id, kind: "item", path, depth: path.length + 1, key, value: null };
  }
  if (id.endsWith("/")) {
    const path = segments(id.slice(0, -1));
    return { id, kind: "map", path, depth: path.length, value: {} };
  }
  const path = segments(id);
  return { id, kind: "value", path, depth: path.length, value: null };
}

/**
 * What tells an item of a list from the others, as Kubernetes does: the `name` of a map that has one, otherwise the item
 * itself.
 */
export function itemKey(item: Json): string {
  if (isMap(item) && typeof item.name === "string") return `name=${item.name}`;
  return typeof item === "string" && item !== "" ? item : sortedText(item);
}

/** JSON with its keys in order: the engine sorts those of inputs, and API servers write those of their own kinds as they like. */
function sortedText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join(",")}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(byKey);
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${sortedText(inner)}`).join(",")}}`;
}

const listId = (path: readonly string[]): string => `${pointer(path)}/#`;

/** RFC 6901, which leaves `#` alone; here it marks the items of a list. */
const pointer = (path: readonly string[]): string =>
  path.map((key) => `/${key.replace(/~/g, "~0").replace(/\//g, "~1").replace(/#/g, "~2")}`).join("");

const segments = (text: string): string[] =>
  text
    .slice(1)
    .split("/")
    .map((key) => key.replace(/~2/g, "#").replace(/~1/g, "/").replace(/~0/g, "~"));
