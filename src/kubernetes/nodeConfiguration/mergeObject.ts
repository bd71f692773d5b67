import { isMap, type Json, type JsonObject } from "../../json";
import { ownValue, setOwnValue } from "../../ownKeys";

/**
 * An object of the cluster with what is wanted of it: maps are merged, lists get the items that they lack at their
 * ends, other values are replaced. Whatever else the object has stays. Both arguments stay as they are.
 */
export function mergeObject(existing: JsonObject, wanted: JsonObject): JsonObject {
  const merged: JsonObject = { ...existing };
  for (const [key, value] of Object.entries(wanted))
    setOwnValue(merged, key, mergeValue(ownValue(existing, key), value));
  return merged;
}

function mergeValue(existing: Json | undefined, wanted: Json): Json {
  if (Array.isArray(existing) && Array.isArray(wanted)) {
    const known = new Set(existing.map((item) => JSON.stringify(item)));
    return [...existing, ...wanted.filter((item) => !known.has(JSON.stringify(item)))];
  }
  if (isMap(existing) && isMap(wanted)) return mergeObject(existing, wanted);
  return wanted;
}
