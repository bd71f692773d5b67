import type { Json, JsonPath } from "../../json";
import { ownValue } from "../../ownKeys";
import { parseHelmYaml, plainScalar, parseYamlAsWritten } from "./helmYaml";
import { isMap } from "./valuePaths";

/** A number in values that lost its notation when it was read, or may have: `tag: 1.10` became 1.1. */
export interface WrittenNumber {
  readonly path: JsonPath;
  readonly value: number;
  /** As it stands in the file; absent where only the number came here. */
  readonly written?: string;
}

/** The numbers of a file of values that are written otherwise than they are read. @throws {InvalidYamlError} {YamlTooLargeError} */
export function writtenNumbers(text: string): WrittenNumber[] {
  const found: WrittenNumber[] = [];
  const walk = (value: Json | undefined, written: Json | undefined, path: JsonPath): void => {
    if (typeof value === "number") {
      const plain = typeof written === "string" ? plainScalar(written) : undefined;
      if (plain !== undefined && plain !== String(value)) found.push({ path, value, written: plain });
    } else if (Array.isArray(value) && Array.isArray(written))
      value.forEach((item, i) => {
        walk(item, written[i], [...path, i]);
      });
    else if (isMap(value) && isMap(written))
      for (const [key, item] of Object.entries(value)) walk(item, ownValue(written, key), [...path, key]);
  };
  const values = parseHelmYaml(text);
  walk(values, asWritten(text), []);
  return found;
}

/** The first document; nothing where what comes behind it, which Helm does not read, cannot be read. */
function asWritten(text: string): Json | undefined {
  try {
    return parseYamlAsWritten(text)[0];
  } catch {
    return undefined;
  }
}

/** Numbers with a fraction in values whose text is not known, such as those of a program. */
export function fractions(values: Json, path: JsonPath = []): WrittenNumber[] {
  if (typeof values === "number") return Number.isInteger(values) ? [] : [{ path, value: values }];
  if (Array.isArray(values)) return values.flatMap((item, i) => fractions(item, [...path, i]));
  if (isMap(values)) return Object.entries(values).flatMap(([key, item]) => fractions(item, [...path, key]));
  return [];
}
