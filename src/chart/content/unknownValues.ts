import type { JsonObject, JsonPath } from "../../json";
import { setAt, valueAt } from "./valuePaths";

const PREFIX = "pulumi-unknown-";

/** Whether a rendered text depends on a value that was not known when the chart was rendered. */
export function dependsOnUnknown(text: string): boolean {
  return text.includes(PREFIX);
}

/**
 * Puts stand-ins where values are not known yet, so that a chart renders in a preview.
 *
 * A stand-in has the type that the chart expects there, taken from its own default: numbers, booleans, lists and maps
 * keep the default; everything else becomes a unique text that is also a valid DNS label, since charts put values into
 * names, and that {@link dependsOnUnknown} finds again in the output.
 *
 * @param values the user's values; the unknown places are overwritten
 * @param defaults the chart's coalesced values without the user's
 */
export function fillUnknowns(values: JsonObject, unknown: readonly JsonPath[], defaults: JsonObject): JsonObject {
  if (unknown.some((path) => path.length === 0)) return structuredClone(defaults);
  const filled = structuredClone(values);
  unknown.forEach((path, i) => {
    const standard = valueAt(defaults, path);
    setAt(
      filled,
      path,
      standard === null || typeof standard === "string" || standard === undefined ? `${PREFIX}${i}` : standard,
    );
  });
  return filled;
}
