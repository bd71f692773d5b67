import type * as yaml from "js-yaml";
import { parseJson, type Json } from "../../json";
import type { OutputFormat } from "./outputFormat";
import { printable } from "../../printable";
import { formatTable } from "./table";

/** A result that people read as a table and programs as data. */
export interface Report {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly data: unknown;
}

/** Writes a report in a format. */
export function formatReport(report: Report, format: OutputFormat): string {
  switch (format) {
    case "table":
      return formatTable(report.headings, report.rows);
    case "json":
      return `${JSON.stringify(report.data, null, 2)}\n`;
    case "yaml":
      return toYaml(report.data as Json);
  }
}

/** YAML as people write it: no anchors, no folded lines. */
export function toYaml(data: Json): string {
  // Loaded here, since most output is no YAML and the parser takes a third of a short run's start.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { dump } = require("js-yaml") as typeof yaml;
  // Values that are not there would be an error in YAML; JSON leaves them out.
  const plain = parseJson(JSON.stringify(data));
  const text = dump(plain, { noRefs: true, lineWidth: -1 });
  // A plain scalar would hold what a terminal is only to be shown, and read otherwise then; JSON is YAML, with escapes.
  return printable(text) === text ? text : printable(`${JSON.stringify(plain, null, 2)}\n`);
}
