import { formatReport } from "../output/output";
import type { OutputFormat } from "../output/outputFormat";
import type { CopyEntry } from "./copyRun";

/** What a run over images did, or found out, in a format. */
export function copyReport(entries: readonly CopyEntry[], output: OutputFormat): string {
  const rows = entries.map(({ source, target, digest }) => [source, target, digest]);
  return formatReport({ headings: ["source", "target", "digest"], rows, data: entries }, output);
}
