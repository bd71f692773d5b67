import type { Finding, RelocationPlan } from "../../plan/relocationPlan";
import type { ResolvedPlan } from "../../plan/resolvedPlan";
import type { MirrorAddress, UpstreamMapping } from "../../plan/layout";
import { count } from "../../plan/report/reportWords";
import { relocateChart } from "../../chart/relocate";
import { COMMAND_LINE_WORDS } from "../options/commandLineWords";
import type { ChartOptions, OpenChart } from "./analysis";
import { imageConfirmation } from "../../machine/imageConfirmation";
import type { Streams } from "../output/streams";
import { layoutOf } from "../options/mirrorOption";

/** The options of the commands that know a mirror. */
export interface MirrorOptions extends ChartOptions {
  readonly to: MirrorAddress;
  readonly keepHost?: boolean;
  /** What the mirror serves through itself. */
  readonly upstream?: readonly UpstreamMapping[];
  readonly pullSecret?: string;
  readonly extraImage: readonly string[];
  readonly ignoreImage: readonly string[];
  readonly confirm?: boolean;
}

/**
 * Analyses a chart as the command line says.
 *
 * @param patch whether what no value reaches is patched in a copy
 * @param confirm tells whether a text that is only shaped like an image is one; default: as `--confirm` says
 */
export async function relocate(
  opened: OpenChart,
  options: MirrorOptions,
  patch: boolean,
  confirm?: (reference: string) => Promise<boolean>,
): Promise<RelocationPlan> {
  const { chart, values, numbers, render, renderPatched } = opened;
  const confirmation = !confirm && options.confirm ? imageConfirmation() : undefined;
  const confirmed = confirm ?? confirmation?.confirm;
  try {
    return await relocateChart({
      chart,
      values,
      numbers,
      render,
      mirror: options.to,
      layout: layoutOf(options),
      words: COMMAND_LINE_WORDS,
      pullSecret: options.pullSecret,
      extraImages: options.extraImage,
      ignoreImages: options.ignoreImage,
      confirm: confirmed,
      renderPatched: patch ? renderPatched : undefined,
    });
  } finally {
    confirmation?.close();
  }
}

/** Says findings in words, each once with the number of its places; what only informs is left out. */
export function tellEach(findings: readonly Finding[], streams: Streams): void {
  const places = new Map<string, number>();
  for (const { severity, message } of findings)
    if (severity !== "info") {
      const line = `${severity}: ${message}`;
      places.set(line, (places.get(line) ?? 0) + 1);
    }
  for (const [line, times] of places) streams.err(`${line}${times > 1 ? ` (in ${times} places)` : ""}\n`);
}

/** How many texts stand where images must and are none. */
export function countInvalid(findings: readonly Finding[]): number {
  return new Set(findings.flatMap(({ code, image }) => (code === "INVALID_REFERENCE" ? [image] : []))).size;
}

/** Says in words what a person should know: findings first, then how much was done. */
export function tellFindings(plan: RelocationPlan | ResolvedPlan, streams: Streams): void {
  tellEach(plan.findings, streams);
  const { images, overrides, patches, renders } = plan;
  const escapes = plan.findings.filter((finding) => finding.severity === "escape").length;
  const invalid = countInvalid(plan.findings);
  streams.err(
    `${count(images.length, "image")} moved by ${count(overrides.length, "value")}${patches.length ? ` and ${patches.length} patch${patches.length === 1 ? "" : "es"}` : ""}, ` +
      `${escapes} escape, ${invalid > 0 ? `${invalid} cannot be pulled, ` : ""}${count(renders, "render")}\n`,
  );
}
