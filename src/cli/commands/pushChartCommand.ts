import { MirrorErrors } from "../../error";
import { parseReference } from "../../image/reference";
import { localRegistries } from "../../machine/localRegistries";
import { packedChart } from "../../machine/packedChart";
import { chartArtifact, chartPlace, chartRepositoryIn } from "../../plan/chartArtifact";
import { openChart } from "../analysis/analysis";
import { accessOf, accessProblems, type AccessOptions } from "../copy/copyAccess";
import { confirmationAt } from "../../machine/imageConfirmation";
import { EXIT } from "../output/exitCodes";
import { formatReport } from "../output/output";
import type { Streams } from "../output/streams";
import { relocate, tellFindings, type MirrorOptions } from "../analysis/relocation";

/** The options of `chart-mirror push-chart`. */
export type PushChartOptions = MirrorOptions & AccessOptions;

/**
 * `chart-mirror push-chart CHART --to HOST[/PATH]`: puts the chart itself into the mirror, as an OCI artifact, with the
 * lines patched that no value reaches. The same chart is the same artifact, whoever pushes it.
 */
export async function pushChartCommand(name: string, options: PushChartOptions, streams: Streams): Promise<number> {
  MirrorErrors.throwIfAny("reading the options of push-chart", accessProblems(options));
  const access = await accessOf(options.to, options, options.input);
  const registries = localRegistries(access);
  const opened = await openChart(name, options, access, streams);
  try {
    const plan = await relocate(opened, options, true, confirmationAt(registries));
    const { metadata, archive } = await packedChart(opened.chart, opened.folder, plan.patches);
    const repository = chartRepositoryIn(options.to, plan.chart.name);
    const artifact = chartArtifact(metadata, archive);
    const { version, target } = chartPlace(repository, metadata, artifact, plan.patches.length > 0);
    const { digest } = await registries.pushArtifact(parseReference(target), artifact);
    tellFindings(plan, streams);
    const data = { chart: `oci://${repository}`, version, digest };
    streams.out(
      options.output === undefined
        ? `${data.chart} ${version} ${digest}\n`
        : formatReport({ headings: ["chart", "version", "digest"], rows: [Object.values(data)], data }, options.output),
    );
    return plan.findings.some(({ severity }) => severity === "escape") ? EXIT.escapes : EXIT.whole;
  } finally {
    registries.close();
    await opened.close();
  }
}
