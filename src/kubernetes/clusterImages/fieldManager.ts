import type { Json, JsonObject, JsonPath } from "../../json";
import { at, itemsOf, textOrEmpty } from "./specImages";

/**
 * Who wrote a field of an object, as the API server keeps it; undefined where it does not tell.
 *
 * @param path keys, and names of list items as `{ name }`
 * @see {@link https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management}
 */
export function managerOf(
  object: JsonObject,
  path: readonly (string | { readonly name: string })[],
): string | undefined {
  const keys = path.map((step) =>
    typeof step === "string" ? `f:${step}` : `k:${JSON.stringify({ name: step.name })}`,
  );
  const owners = itemsOf(object.metadata, "managedFields").filter(({ fieldsV1 }) => owns(fieldsV1, keys));
  // What two have written alike belongs to both; the newest is the one who decided.
  const newest = owners.reduce<JsonObject | undefined>(
    (last, next) => (last && textOrEmpty(last.time) > textOrEmpty(next.time) ? last : next),
    undefined,
  );
  return newest && (textOrEmpty(newest.manager) || undefined);
}

/** The manager of a place in a custom resource, whose lists may be a field as a whole. */
export function managerOfPath(object: JsonObject, path: JsonPath): string | undefined {
  const end = path.findIndex((step) => typeof step !== "string");
  return managerOf(object, path.slice(0, end < 0 ? path.length : end) as string[]);
}

function owns(fields: Json | undefined, keys: readonly string[]): boolean {
  let here = fields;
  for (const key of keys) {
    here = at(here, key);
    if (here === undefined) return false;
  }
  return here !== undefined;
}
