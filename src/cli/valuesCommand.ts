import { writeFile } from "node:fs/promises";
import { formatValuePath } from "../chart/valuePaths";
import { EXIT } from "./exitCodes";
import type { Streams } from "./main";
import { formatReport, toYaml } from "./output";
import { relocate, tellFindings, type MirrorOptions } from "./relocation";

/** The options of `chart-mirror values`. */
export interface ValuesOptions extends MirrorOptions {
  readonly valuesOut?: string;
  readonly chartOut?: string;
  readonly allowEscapes?: boolean;
}

/** `chart-mirror values CHART --to HOST[/PATH]`: the values that move every image into the mirror. */
export async function valuesCommand(name: string, options: ValuesOptions, streams: Streams): Promise<number> {
  const { plan } = await relocate(name, options);
  const values = toYaml(plan.values);
  if (options.valuesOut !== undefined) await writeFile(options.valuesOut, values);
  if (options.output !== undefined) {
    const rows = plan.overrides.map(({ path, value, reason }) => [
      formatValuePath(path),
      typeof value === "string" ? value : JSON.stringify(value),
      reason,
    ]);
    streams.out(formatReport({ headings: ["value", "set to", "reason"], rows, data: plan }, options.output));
  } else if (options.valuesOut === undefined) streams.out(values);
  tellFindings(plan, streams);
  const escapes = plan.findings.some((finding) => finding.severity === "escape");
  return escapes && !options.allowEscapes ? EXIT.escapes : EXIT.whole;
}
