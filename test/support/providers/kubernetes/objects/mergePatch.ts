import { isDeepStrictEqual } from "node:util";
import { isMap, type PropertyMap } from "../../protocol/propertyValue";

/**
 * What turns `before` into `after`: null deletes, and a list is replaced whole.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7386
 */
export function mergePatch(before: PropertyMap, after: PropertyMap): PropertyMap {
  return threeWayMergePatch(before, after, before);
}

/**
 * The patch for a live object of which only a part is ours: what we no longer want is deleted, what is to be otherwise
 * is changed, and what others have put there stays.
 */
export function threeWayMergePatch(ours: PropertyMap, wanted: PropertyMap, live: PropertyMap): PropertyMap {
  return overlay(deletions(ours, wanted), additions(live, wanted));
}

/** What `after` has more than `before`, or otherwise. */
function additions(before: PropertyMap, after: PropertyMap): PropertyMap {
  const patch: PropertyMap = {};
  for (const [key, value] of Object.entries(after)) {
    const old = before[key];
    if (!isMap(old) || !isMap(value)) {
      if (!isDeepStrictEqual(old, value)) patch[key] = value;
      continue;
    }
    const inner = additions(old, value);
    if (Object.keys(inner).length > 0) patch[key] = inner;
  }
  return patch;
}

/** What `after` no longer has, as nulls. */
function deletions(before: PropertyMap, after: PropertyMap): PropertyMap {
  const patch: PropertyMap = {};
  for (const [key, old] of Object.entries(before)) {
    const value = after[key];
    if (value === undefined) patch[key] = null;
    else if (isMap(old) && isMap(value)) {
      const inner = deletions(old, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    }
  }
  return patch;
}

/** `top` laid over `base`, maps key by key. */
export function overlay(base: PropertyMap, top: PropertyMap): PropertyMap {
  const merged: PropertyMap = { ...base };
  for (const [key, value] of Object.entries(top)) {
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? overlay(below, value) : value;
  }
  return merged;
}

/** The object after a merge patch. */
export function applyMergePatch(object: PropertyMap, patch: PropertyMap): PropertyMap {
  const result: PropertyMap = { ...object };
  for (const [key, value] of Object.entries(patch)) {
    const old = result[key];
    if (value === null) delete result[key];
    else if (isMap(value)) result[key] = applyMergePatch(isMap(old) ? old : {}, value);
    else result[key] = value;
  }
  return result;
}
