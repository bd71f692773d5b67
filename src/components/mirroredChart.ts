import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { splitMirrorOptions, type MirrorOptions } from "../release/chartMirrorArgs";
import { MirroredDeployment } from "./mirroredDeployment";
import { mirroredChartFields, taking } from "../release/argumentShapes";
import { checkArguments } from "../inputs/checkArguments";
import { insideOutput } from "../inputs/insideOutput";
import { repositoryFiles, withAssetTexts } from "../release/chartAssets";
import { componentLog } from "../resource/componentLog";

/** Every argument of `kubernetes.helm.v4.Chart`, and the mirror's own. */
export interface MirroredChartArgs extends kubernetes.helm.v4.ChartArgs, MirrorOptions {}

/**
 * A `kubernetes.helm.v4.Chart` whose images come from a registry of yours: each object of the chart is a resource with
 * differences of its own.
 *
 * Replacing `k8s.helm.v4.Chart` by this class and naming a registry is all that a program changes; objects that are
 * deployed already are taken over. As with `Chart`, the namespace must be there, hooks do not run (the preview warns of
 * those that the chart has), and a preview without a reachable cluster fails.
 *
 * @example
 * ```ts
 * const registry = new ExistingRegistry("mirror", { host: "registry.example.com", path: "platform" });
 * new MirroredChart("nginx", { chart: "oci://registry-1.docker.io/bitnamicharts/nginx", version: "16.0.7", registry });
 * ```
 */
export class MirroredChart extends MirroredDeployment {
  /** The chart itself. */
  readonly chart: kubernetes.helm.v4.Chart;
  /** The objects of the chart. */
  readonly resources: kubernetes.helm.v4.Chart["resources"];

  constructor(name: string, args: MirroredChartArgs, opts?: pulumi.ComponentResourceOptions) {
    const takes = taking(kubernetes.helm.v4.Chart);
    checkArguments({ type: "MirroredChart", name, takes }, args, mirroredChartFields);
    const { options, rest: chart } = splitMirrorOptions(args);
    const { version, devel, repositoryOpts, plainHttp, valueYamlFiles, namespace } = chart;
    super(
      "MirroredChart",
      name,
      {
        ...options,
        chart: chart.chart,
        version,
        devel,
        repositoryOpts: repositoryFiles(repositoryOpts, plainHttp),
        values: withAssetTexts(chart.values),
        valueYamlFiles,
        namespace,
        releaseName: chart.name,
        dependencyUpdate: chart.dependencyUpdate,
        deployment: { by: "MirroredChart", postRenderer: chart.postRenderer, verify: chart.verify },
      },
      opts,
    );
    this.chart = new kubernetes.helm.v4.Chart(
      name,
      {
        ...chart,
        name: chart.name ?? this.nameBeforeRename(name),
        chart: this.mirror.chart,
        version: this.mirror.version,
        repositoryOpts: this.mirror.repositoryOpts(repositoryOpts),
        values: this.mirror.releaseValues(),
      },
      this.deploymentOptions(),
    );
    this.linkChartAccounts(this.chart);
    this.resources = this.chart.resources;
    if (chart.includeHooks === undefined) this.warnOfHooks();
    this.registerOutputs({ images: this.images, overrides: this.overrides, ...this.mirror.memory() });
  }

  /** What the chart's objects are named for, where that is another name than the chart's resource has now. */
  private nameBeforeRename(name: string): pulumi.Input<string> {
    // The SDK leaves out what turns out to be undefined; its types do not know.
    return this.mirror.firstName().then((first) => (first === name ? undefined : first)) as pulumi.Input<string>;
  }

  private warnOfHooks(): void {
    const told = this.plan.apply(async ({ hooks = [] }) => {
      // Nothing runs `helm test` but the user, with either resource.
      const dropped = hooks.filter(({ hook }) => !/^test/.test(hook));
      if (dropped.length === 0) return;
      const named = dropped.map(({ kind, name, hook }) => `${kind} ${name} (${hook})`).join(", ");
      await componentLog.warn(
        `The chart's hooks are not deployed, since kubernetes.helm.v4.Chart runs none: ${named}. ` +
          "Use MirroredRelease where the chart needs them",
        this,
      );
    });
    // Who plans reports why a plan fails.
    insideOutput(told)
      .promise()
      .catch(() => undefined);
  }
}
