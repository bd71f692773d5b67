import { isMap, type Json, type JsonPath } from "../json";
import { ownValue } from "../ownKeys";
import type { ValueOverride } from "./relocationPlan";

/** A single value that an override changes: lists and maps are split, and what stays equal in them is left out. */
export interface OverrideLeaf {
  readonly path: JsonPath;
  /** Absent when nothing stood there. */
  readonly previous?: Json;
  readonly value: Json;
}

/**
 * What an override changes, leaf by leaf.
 *
 * Helm replaces lists whole, so an override of one image in a list carries all that the list holds besides, passwords in
 * environment variables among them. Reports and lock files show the leaves alone: that is what a reviewer looks for, and
 * it is nobody's secret.
 */
export function overrideLeaves({ path, previous, value }: ValueOverride): OverrideLeaf[] {
  return leaves(path, previous, value);
}

function leaves(path: JsonPath, previous: Json | undefined, value: Json): OverrideLeaf[] {
  if (Array.isArray(previous) && Array.isArray(value) && previous.length > 0 && previous.length <= value.length)
    return value.flatMap((item, i) => leaves([...path, i], previous[i], item));
  if (isMap(previous) && isMap(value) && Object.keys(previous).every((key) => Object.hasOwn(value, key)))
    return Object.entries(value).flatMap(([key, item]) => leaves([...path, key], ownValue(previous, key), item));
  if (previous !== undefined && JSON.stringify(previous) === JSON.stringify(value)) return [];
  return [{ path, ...(previous !== undefined && { previous }), value }];
}
