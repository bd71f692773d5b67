import { isMap, type PropertyMap, type PropertyValue } from "../../protocol/propertyValue";

/**
 * What of a live object stands where `shape` has something: so the fields that the server added are no differences, and
 * those that somebody changed are.
 */
export function pruneTo(live: PropertyMap, shape: PropertyMap): PropertyMap {
  const kept = Object.entries(live).flatMap(([key, value]): [string, PropertyValue][] => {
    const wanted = shape[key];
    return wanted === undefined ? [] : [[key, pruneValue(value, wanted)]];
  });
  return Object.fromEntries(kept);
}

function pruneValue(value: PropertyValue, shape: PropertyValue): PropertyValue {
  if (isMap(value) && isMap(shape)) return pruneTo(value, shape);
  if (!Array.isArray(value) || !Array.isArray(shape)) return value;
  if (value.length === 0 || shape.length === 0) return [];
  // Lists of another make are not compared item by item.
  if (typeof value[0] !== typeof shape[0]) return value;
  return value.slice(0, shape.length).map((item, index) => pruneValue(item, shape[index] ?? null));
}
