import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChartCopy } from "../chart/chartCopy";
import { readChartFolder } from "../chart/chartFiles";
import { parseHelmYaml } from "../chart/helmYaml";
import { packChart } from "../chart/packChart";
import { patchedFiles, withContentVersion } from "../chart/patch";
import { parseReference } from "../image/reference";
import { localRegistries } from "../machine/localRegistries";
import { chartArtifact, chartRepositoryIn, chartTag, type PackedMetadata } from "../plan/chartArtifact";
import type { RelocationPlan } from "../plan/relocationPlan";
import { openChart, type OpenChart } from "./analysis";
import { confirmationAt } from "../machine/imageConfirmation";
import { EXIT } from "./exitCodes";
import type { Streams } from "./main";
import { readRegistries } from "./registriesOption";
import { relocate, tellFindings, type MirrorOptions } from "./relocation";

/** The options of `chart-mirror push-chart`. */
export interface PushChartOptions extends MirrorOptions {
  readonly registries?: string;
}

/**
 * `chart-mirror push-chart CHART --to HOST[/PATH]`: puts the chart itself into the mirror, as an OCI artifact, with the
 * lines patched that no value reaches. The same chart is the same artifact, whoever pushes it.
 */
export async function pushChartCommand(name: string, options: PushChartOptions, streams: Streams): Promise<number> {
  const registries = localRegistries(await readRegistries(options.registries));
  const opened = await openChart(name, options);
  try {
    const plan = await relocate(opened, options, true, confirmationAt(registries));
    const { metadata, archive } = await packed(opened, plan);
    const repository = chartRepositoryIn(options.to, plan.chart.name);
    const { version } = metadata;
    const target = parseReference(`${repository}:${chartTag(version)}`);
    const { digest } = await registries.pushArtifact(target, chartArtifact(metadata, archive));
    tellFindings(plan, streams);
    streams.out(`oci://${repository} ${version} ${digest}\n`);
    return plan.findings.some(({ severity }) => severity === "escape") ? EXIT.escapes : EXIT.whole;
  } finally {
    registries.close();
    await opened.close();
  }
}

/** The chart to deploy, with the plan's patches, as an archive. */
async function packed(
  { chart, folder }: OpenChart,
  { patches }: RelocationPlan,
): Promise<{ metadata: PackedMetadata; archive: Buffer }> {
  const scratch = await mkdtemp(join(tmpdir(), "chart-mirror-push-"));
  try {
    const copy = await ChartCopy.create(folder, join(scratch, chart.metadata.name));
    if (patches.length > 0) await copy.apply(withContentVersion(chart, patchedFiles(chart, patches)));
    const files = await readChartFolder(copy.folder);
    const metadata = files.find(({ path }) => path === "Chart.yaml")?.data.toString("utf8") ?? "";
    return {
      metadata: parseHelmYaml(metadata) as PackedMetadata,
      archive: packChart(chart.metadata.name, files),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
