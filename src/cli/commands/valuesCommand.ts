import { writeFile } from "node:fs/promises";
import { ChartCopy } from "../../chart/content/chartCopy";
import { patchedFiles } from "../../chart/content/patch";
import { formatValuePath } from "../../chart/content/valuePaths";
import { localRegistries } from "../../machine/localRegistries";
import type { RegistryAccess } from "../../oci/transport/access";
import { platformsBySource } from "../../plan/platformChoice";
import type { RelocationPlan } from "../../plan/relocationPlan";
import type { ResolvedPlan } from "../../plan/resolvedPlan";
import { resolveImages } from "../../plan/resolveImages";
import { openChart, type OpenChart } from "../analysis/analysis";
import { EXIT } from "../output/exitCodes";
import type { Streams } from "../main";
import { formatReport, toYaml } from "../output/output";
import { layoutOf } from "../options/mirrorOption";
import { pinned, type PinOption } from "../analysis/pinning";
import { platformChoice, type PlatformOption } from "../options/platformOption";
import { readRegistries } from "../options/registriesOption";
import { relocate, tellFindings, type MirrorOptions } from "../analysis/relocation";
import { writeOutput } from "../output/unwritableOutput";

/** The options of `chart-mirror values`. */
export interface ValuesOptions extends MirrorOptions, PinOption, PlatformOption {
  readonly registries?: string;
  readonly valuesOut?: string;
  readonly chartOut?: string;
  readonly allowEscapes?: boolean;
}

/** `chart-mirror values CHART --to HOST[/PATH]`: the values that move every image into the mirror. */
export async function valuesCommand(name: string, options: ValuesOptions, streams: Streams): Promise<number> {
  const access = await readRegistries(options.registries);
  const opened = await openChart(name, options, access);
  try {
    const relocation = await relocate(opened, options, options.chartOut !== undefined);
    const plan = options.pinDigests ? await pinnedNow(relocation, opened, options, access) : relocation;
    const { valuesOut, chartOut } = options;
    if (valuesOut !== undefined)
      await writeOutput("--values-out", valuesOut, (file) => writeFile(file, toYaml(plan.values)));
    if (chartOut !== undefined)
      await writeOutput("--chart-out", chartOut, (folder) => writeChart(opened, plan, folder));
    printPlan(plan, options, streams);
    const escapes = plan.findings.some((finding) => finding.severity === "escape");
    return escapes && !options.allowEscapes ? EXIT.escapes : EXIT.whole;
  } finally {
    await opened.close();
  }
}

/** The plan with the digests that its images have at their registries now. */
async function pinnedNow(
  plan: RelocationPlan,
  opened: OpenChart,
  options: ValuesOptions,
  access: readonly RegistryAccess[],
): Promise<ResolvedPlan> {
  const registries = localRegistries(access);
  try {
    const doing = `Looking up the images of chart ${plan.chart.name}`;
    const platformsOf = platformsBySource(plan.images, platformChoice(options, layoutOf(options)));
    const images = await resolveImages(plan.images, registries, doing, { platformsOf });
    return await pinned({ ...plan, images }, opened, options);
  } finally {
    registries.close();
  }
}

/** Writes the chart to deploy: its copy with the plan's patches, or, where there are none, as it is. */
async function writeChart(
  opened: OpenChart,
  plan: Pick<RelocationPlan, "patches">,
  destination: string,
): Promise<void> {
  const copy = await ChartCopy.create(opened.folder, destination);
  if (plan.patches.length > 0) await copy.apply(patchedFiles(opened.chart, plan.patches));
}

function printPlan(plan: ResolvedPlan, options: ValuesOptions, streams: Streams): void {
  if (options.output !== undefined) {
    const rows = plan.overrides.map(({ path, value, reason }) => [
      formatValuePath(path),
      typeof value === "string" ? value : JSON.stringify(value),
      reason,
    ]);
    streams.out(formatReport({ headings: ["value", "set to", "reason"], rows, data: plan }, options.output));
  } else if (options.valuesOut === undefined) streams.out(toYaml(plan.values));
  tellFindings(plan, streams);
}
