import type { Json, JsonPath } from "../json";
import { ownValue } from "../ownKeys";
import type { PlainValues } from "./plainValues";

/**
 * The texts of some inputs that nothing may show: of an object that is one secret as a whole, such as how to reach a
 * registry, its passwords, tokens and keys. Its host has to stand in errors.
 */
export function secretTexts({ values, secretPaths }: Pick<PlainValues, "values" | "secretPaths">): string[] {
  const key = textAt(values, ["clientCertificate", "key"]);
  return [...secretPaths.flatMap((path) => textAt(values, path)), ...key];
}

function textAt(values: Json, path: JsonPath): string[] {
  let at: Json | undefined = values;
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else at = typeof at === "object" && at !== null ? ownValue(at, String(key)) : undefined;
  }
  return typeof at === "string" ? [at] : [];
}
