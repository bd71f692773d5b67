import { join } from "node:path";
import { statIfThere } from "../../files/presence";

/** Where in a chart's folder Helm reads; what else lies there may be an output of the user's. */
const CHART_PARTS = [
  "Chart.yaml",
  "Chart.lock",
  "requirements.yaml",
  "requirements.lock",
  "values.yaml",
  "values.schema.json",
  ".helmignore",
  "templates",
  "charts",
  "crds",
];

/** Files and folders that a command reads, as far as they lie on this machine. */
export interface CommandInputs {
  /** For an output that is a folder: the chart as a whole. */
  readonly whole: readonly string[];
  /** For an output that is a file, which may lie in the chart's folder beside what the chart is made of. */
  readonly parts: readonly string[];
}

/**
 * What a command reads, which none of its outputs may replace.
 *
 * @param chart as the command line names it
 * @param files of options; those that are not given are undefined
 */
export async function commandInputs(chart: string, ...files: (string | undefined)[]): Promise<CommandInputs> {
  const given = files.filter((file) => file !== undefined);
  const info = await statIfThere(chart);
  if (!info) return { whole: given, parts: given };
  const parts = info.isDirectory() ? CHART_PARTS.map((part) => join(chart, part)) : [chart];
  return { whole: [chart, ...given], parts: [...parts, ...given] };
}
