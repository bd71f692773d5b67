import type { Json } from "../../json";
import type { Chart } from "./chart";

/** Keywords whose text names another schema ({@link https://json-schema.org/draft/2020-12/json-schema-core#section-8.2.3}). */
const REFERENCES: ReadonlySet<string> = new Set(["$ref", "$dynamicRef", "$recursiveRef", "$schema"]);
/** Inside of the same schema, or one that Helm brings along. */
const OWN = /^(?:#|https?:\/\/json-schema\.org\/)/;

/**
 * What the `values.schema.json` of a chart and of its sub-charts name outside of themselves. Helm reads such places, files of
 * this machine and addresses inside its network among them: a stranger's chart may not choose them.
 */
export function foreignSchemas(chart: Chart): string[] {
  const found = new Set<string>();
  const walk = (value: Json): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        if (typeof inner !== "string") walk(inner);
        else if (REFERENCES.has(key) && !OWN.test(inner)) found.add(inner);
      }
  };
  const read = ({ schema, subcharts }: Chart): void => {
    if (schema) walk(schema);
    subcharts.forEach(read);
  };
  read(chart);
  return [...found];
}
