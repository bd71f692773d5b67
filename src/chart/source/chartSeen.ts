import { chartDigest } from "../content/patch";
import type { LoadedChart } from "./source";
import type { Finding } from "../../plan/relocationPlan";

/**
 * What a chart from a repository or registry was when it was first deployed under its version, as `VERSION@DIGEST`. The
 * component remembers it in its outputs: Pulumi compares name and version alone, so that a chart that is pushed again under
 * its version would slip in with whatever upgrade comes next, or never.
 */
export function chartSeen({ chart }: Pick<LoadedChart, "chart">, remembered: unknown): string {
  const { version } = chart.metadata;
  if (typeof remembered === "string" && remembered.startsWith(`${version}@`)) return remembered;
  return `${version}@${chartDigest(chart)}`;
}

/** Whether a chart is another one than it was when it was first deployed under its version. */
export function isPushedAgain({ chart }: Pick<LoadedChart, "chart">, seen: string): boolean {
  return seen !== `${chart.metadata.version}@${chartDigest(chart)}`;
}

export function pushedAgainFinding({ name, version }: LoadedChart["metadata"]): Finding {
  return {
    severity: "warning",
    code: "CHART_PUSHED_AGAIN",
    message: `the chart ${name} ${version} is another one than was deployed under that version: somebody has pushed it again. It is deployed from a copy, so that what is new in it is an upgrade`,
  };
}
