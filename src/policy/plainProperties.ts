import type { Json, JsonPath } from "../json";
import { setOwnValue } from "../ownKeys";

/** Properties of a resource as plain values, and where a preview does not know them yet. */
export interface PlainProperties {
  readonly value: Json;
  readonly unknown: readonly { readonly path: JsonPath; readonly error: unknown }[];
}

/** Stands in properties for a value that a preview does not know. */
export const UNKNOWN = "";

/**
 * Copies properties as policies get them: reading one that a preview does not know throws, which the framework tells as a
 * policy that could not run. Whether that matters depends on where it stands.
 */
export function plainProperties(properties: object): PlainProperties {
  const unknown: { path: JsonPath; error: unknown }[] = [];
  const copy = (holder: object, key: string | number, path: JsonPath): Json => {
    try {
      return plain(Reflect.get(holder, key), path);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      unknown.push({ path, error });
      return UNKNOWN;
    }
  };
  const plain = (value: unknown, path: JsonPath): Json => {
    if (Array.isArray(value)) return Array.from(value, (_, i) => copy(value, i, [...path, i]));
    if (typeof value !== "object" || value === null) return (value ?? null) as Json;
    const result = {};
    for (const key of Object.keys(value)) setOwnValue<Json>(result, key, copy(value, key, [...path, key]));
    return result;
  };
  return { value: plain(properties, []), unknown };
}

/** The framework does not export its class. */
function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === "UnknownValueError";
}
