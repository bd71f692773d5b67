import { isDeepStrictEqual } from "node:util";
import { isMap, type JsonObject } from "../../json";
import { ownValue, setOwnValue } from "../../ownKeys";

/**
 * The JSON merge patch (RFC 7396) that makes `to` of `from`; empty when they are the same. Fields that do not change are
 * not in it, so that whatever a newer API knows besides stays.
 */
export function mergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (ownValue(to, key) === undefined) setOwnValue(patch, key, null);
  for (const [key, value] of Object.entries(to)) {
    const before = ownValue(from, key);
    if (isDeepStrictEqual(before, value)) continue;
    setOwnValue(patch, key, isMap(before) && isMap(value) ? mergePatch(before, value) : value);
  }
  return patch;
}
