import { ChartCopy } from "../../chart/content/chartCopy";
import { patchedFiles } from "../../chart/content/patch";
import { formatValuePath } from "../../chart/content/valuePaths";
import { OutputFolder } from "../../files/outputFolder";
import { refuseOutputFile, writeOutputFile, type OutputFileOptions } from "../../files/outputFile";
import { OutputRefusedError } from "../../files/outputRefused";
import { isBelow, realPlace } from "../../files/place";
import { localRegistries } from "../../machine/localRegistries";
import type { RegistryAccess } from "../../oci/transport/access";
import { platformsBySource } from "../../plan/platformChoice";
import type { RelocationPlan } from "../../plan/relocationPlan";
import type { ResolvedPlan } from "../../plan/resolvedPlan";
import { resolveImages } from "../../plan/resolveImages";
import { openChart, type OpenChart } from "../analysis/analysis";
import { commandInputs } from "../options/commandInputs";
import { EXIT } from "../output/exitCodes";
import type { Streams } from "../output/streams";
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
  /** Lets `--chart-out` replace what somebody has changed in the folder since a former run wrote it. */
  readonly force?: boolean;
  readonly allowEscapes?: boolean;
}

/** `chart-mirror values CHART --to HOST[/PATH]`: the values that move every image into the mirror. */
export async function valuesCommand(name: string, options: ValuesOptions, streams: Streams): Promise<number> {
  const outputs = await openOutputs(name, options);
  const access = await readRegistries(options.registries);
  const opened = await openChart(name, options, access, streams);
  try {
    const relocation = await relocate(opened, options, options.chartOut !== undefined);
    const plan = options.pinDigests ? await pinnedNow(relocation, opened, options, access) : relocation;
    await outputs.write(opened, plan);
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

/** What `--values-out` and `--chart-out` name, looked at before any work: what cannot be written is told at once. */
async function openOutputs(name: string, options: ValuesOptions) {
  const { valuesOut, chartOut, force } = options;
  const inputs = await commandInputs(name, ...options.values, options.registries);
  const valuesFile: OutputFileOptions = { what: "the values of --values-out", inputs: inputs.parts };
  if (
    valuesOut !== undefined &&
    chartOut !== undefined &&
    isBelow(await realPlace(valuesOut), await realPlace(chartOut))
  )
    throw new OutputRefusedError(
      `${valuesOut} (${valuesFile.what})`,
      "it lies in the folder of --chart-out, whose files are the chart's",
      "Name a file beside that folder",
    );
  if (valuesOut !== undefined)
    await writeOutput("--values-out", valuesOut, (path) => refuseOutputFile(path, valuesFile));
  const folder =
    chartOut === undefined
      ? undefined
      : await writeOutput("--chart-out", chartOut, (path) =>
          OutputFolder.open(path, {
            what: "the chart of --chart-out",
            // Helm never reads what begins with a dot in templates/ ({@link parseHelmIgnore}).
            list: "templates/.chart-mirror.json",
            others: force ? "keep" : "refuse",
            othersRemedy: "Move them away, or give --force, which keeps what was added and replaces what was changed",
            inputs: inputs.whole,
          }),
        );
  return {
    async write(opened: OpenChart, plan: RelocationPlan): Promise<void> {
      if (folder && chartOut !== undefined)
        await writeOutput("--chart-out", chartOut, () => folder.write((fresh) => writeChart(opened, plan, fresh)));
      if (valuesOut !== undefined)
        await writeOutput("--values-out", valuesOut, (path) => writeOutputFile(path, toYaml(plan.values), valuesFile));
    },
  };
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
