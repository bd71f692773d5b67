import * as pulumi from "@pulumi/pulumi";
import type { Chart } from "../chart/content/chart";
import { foreignSchemas } from "../chart/content/schemaReferences";
import { helmCommand } from "../chart/render/helmCommand";
import { manifestParser } from "../chart/render/kubernetesManifest";
import type { Render, RenderOptions } from "../chart/render/render";
import { templateFunction } from "../chart/render/templateFunction";
import { withoutLogin } from "../chart/source/source";
import { knownNow } from "../inputs/knownNow";
import type { Json } from "../json";
import { findHelm } from "../machine/findHelm";
import type { ChartMirrorArgs } from "./chartMirrorArgs";

/** How to render a folder: with the `helm` command where there is one, else with the Kubernetes provider's Helm. */
export async function releaseRenderer(
  name: string,
  args: ChartMirrorArgs,
  component: pulumi.Resource,
  { chart, chartName }: { readonly chart: Chart; readonly chartName: string },
): Promise<(folder: string) => Render> {
  const options: Omit<RenderOptions, "chart"> = {
    name: withoutLogin(chartName),
    // The engine gives a release without a name a random one, which no chart may depend on for its images.
    releaseName: (await knownOr(args.releaseName, name)) ?? name,
    namespace: await releaseNamespace(args),
    kubeVersion: args.kubeVersion,
    apiVersions: args.apiVersions,
  };
  const helm = findHelm();
  const skipSchemas = foreignSchemas(chart).length > 0;
  if (helm !== undefined) {
    const parse = manifestParser();
    return (folder) => helmCommand(helm, { ...options, skipSchemas, parse, chart: folder });
  }
  const invoke = async (jsonOpts: string): Promise<readonly Json[] | undefined> => {
    const answer: unknown = await pulumi.runtime.invoke(
      "kubernetes:helm:template",
      { jsonOpts },
      { parent: component },
    );
    return (answer as { result?: Json[] }).result;
  };
  return (folder) => templateFunction(invoke, { ...options, chart: folder });
}

/** The namespace that the chart is rendered for. */
export async function releaseNamespace({ namespace }: ChartMirrorArgs): Promise<string> {
  return (await knownOr(namespace, "default")) ?? "default";
}

/** A name that is not known yet does not decide which images a chart has. */
async function knownOr(
  input: pulumi.Input<string | undefined> | undefined,
  standIn: string,
): Promise<string | undefined> {
  return knownNow(input, "the name").catch(() => standIn);
}
