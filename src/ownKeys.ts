import type { Json, JsonObject, JsonPath } from "./json";

/*
 * Keys that strangers wrote: of charts' values, manifests, registries' answers, files. `object[key]` with such a key walks
 * the prototype, where `toString` finds a function and `__proto__` what all objects of the process share. So they are read
 * and written here alone, or in a Map; lint/ownKeys.mjs sees to it.
 *
 * JSON.parse, js-yaml, spread, structuredClone and Object.fromEntries make `__proto__` a key like any other.
 */

/** What an object has at a key by itself, not by its prototype; undefined when that is nothing. */
export function ownValue<T extends object, K extends keyof T & string>(object: Maybe<T>, key: K): T[K] | undefined;
export function ownValue<T>(object: Maybe<Readonly<Record<string, T>>>, key: string): T | undefined;
export function ownValue(object: Maybe<Readonly<Record<string, unknown>>>, key: string): unknown {
  return object !== undefined && object !== null && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** What a file or an answer holds may be null, whatever its type says. */
type Maybe<T> = T | null | undefined;

/** Gives an object a value at a key, whatever the key's name. */
export function setOwnValue<T>(object: Record<string, T>, key: string, value: T): void {
  // The one name that every object inherits a setter for.
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** A copy that inherits nothing: Node.js gives a process all that its environment inherits, too. */
export function withoutPrototype<T extends object>(object: T): T {
  return Object.setPrototypeOf({ ...object }, null) as T;
}

/** What a map or a list has at a key or an index; undefined when that is nothing, and in what is neither. */
export function childOf(value: Json | undefined, key: string | number): Json | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value)) return ownValue(value, String(key));
  return typeof key === "number" ? value[key] : undefined;
}

/** The value at a path; undefined when nothing stands there. */
export function valueAt(values: Json, path: JsonPath): Json | undefined {
  let here: Json | undefined = values;
  for (const key of path) {
    here = childOf(here, key);
    if (here === undefined) return undefined;
  }
  return here;
}

/** Gives a map or a list a value at a key or an index. A list has no keys: nothing happens there. */
export function setChild(value: JsonObject | Json[], key: string | number, child: Json): void {
  if (!Array.isArray(value)) setOwnValue(value, String(key), child);
  else if (typeof key === "number") value[key] = child;
}
