import { isDeepStrictEqual } from "node:util";
import type { PropertyMap } from "./protocol/propertyValue";

/** The properties of which one map has another value than the other. */
export function changedKeys(olds: PropertyMap, news: PropertyMap): string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => !isDeepStrictEqual(olds[key], news[key]));
}
