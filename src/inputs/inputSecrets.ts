import type { Json, JsonPath } from "../json";
import { ownValue } from "../ownKeys";
import type { PlainValues } from "./plainValues";

/**
 * The texts of some inputs that nothing may show: of an object that is one secret as a whole, such as how to reach a
 * registry, its passwords, tokens and keys, and what else the program keeps secret (`hiddenKeys`). Its host has to stand in
 * errors.
 */
export function secretTexts({ values, secretPaths }: Pick<PlainValues, "values" | "secretPaths">): string[] {
  const key = textAt(values, ["clientCertificate", "key"]);
  const { hidden } = values;
  const others = Array.isArray(hidden)
    ? hidden.flatMap((name) => (typeof name === "string" ? textAt(values, [name]) : []))
    : [];
  return [...secretPaths.flatMap((path) => textAt(values, path)), ...key, ...others];
}

function textAt(values: Json, path: JsonPath): string[] {
  let at: Json | undefined = values;
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else at = typeof at === "object" && at !== null ? ownValue(at, String(key)) : undefined;
  }
  return typeof at === "string" ? [at] : [];
}
