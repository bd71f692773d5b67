import { resolve } from "node:path";
import { MirrorError } from "../../error";
import type { Json } from "../../json";
import { manifestsOf, MAX_RENDERED_NODES } from "./kubernetesManifest";
import { DEFAULT_KUBE_VERSION, RenderError, UpgradeNotRenderedError, type Render, type RenderOptions } from "./render";
import { explainRenderFailure } from "./renderFailure";
import { sizeOfYaml, YamlBudget } from "../content/yamlBudget";

/**
 * Calls the Kubernetes provider's `kubernetes:helm:template` function.
 *
 * @param jsonOpts its one argument, a JSON text
 * @returns the rendered objects; undefined when the provider gave none, as it does while its own configuration is not
 *   known yet
 */
export type TemplateInvoke = (jsonOpts: string) => Promise<readonly Json[] | undefined>;

/** The Kubernetes provider cannot render yet. `code` is `RENDERER_NOT_KNOWN`. */
export class RendererNotKnownError extends MirrorError {
  override readonly name = "RendererNotKnownError";
  constructor(readonly chart: string) {
    super(
      "RENDERER_NOT_KNOWN",
      `rendering chart ${chart} with the Kubernetes provider is not possible yet: the provider's own configuration is only known after the update`,
      "Put the helm command on the PATH, or give the chart a provider whose configuration is known in previews",
    );
  }
}

/**
 * Renders with the Kubernetes provider's own Helm: what a machine without the `helm` command has.
 *
 * @throws {RendererNotKnownError} from the render; {RenderError} when the chart does not render
 */
export function templateFunction(invoke: TemplateInvoke, options: RenderOptions): Render {
  const { chart, name = chart, releaseName, namespace, kubeVersion = DEFAULT_KUBE_VERSION, apiVersions = [] } = options;
  return async (values, what) => {
    // @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/invoke_helm_template.go (HelmChartOpts)
    if (what === "upgrade")
      throw new UpgradeNotRenderedError(
        "the Kubernetes provider renders charts as installs alone; the helm command, where it is on the PATH, can do both",
      );
    // Names as the provider's HelmChartOpts has them. With a path and no chart name the path itself is loaded.
    const jsonOpts = JSON.stringify({
      path: resolve(chart),
      release_name: releaseName,
      namespace,
      values,
      kube_version: kubeVersion,
      // Without any the provider asks the cluster, and the result would depend on it.
      api_versions: apiVersions.length > 0 ? apiVersions : ["v1"],
      skip_crd_rendering: true,
      include_test_hook_resources: true,
    });
    let objects: readonly Json[] | undefined;
    try {
      objects = await invoke(jsonOpts);
    } catch (error) {
      const output = (error instanceof Error ? error.message : String(error)).replaceAll(resolve(chart), () => name);
      throw new RenderError(name, explainRenderFailure(output), { cause: error });
    }
    if (objects === undefined) throw new RendererNotKnownError(name);
    try {
      new YamlBudget(MAX_RENDERED_NODES).take(sizeOfYaml([...objects]));
    } catch (error) {
      const reason = `what it renders is too large: ${(error as Error).message}`;
      throw new RenderError(name, { reason, output: reason }, { cause: error });
    }
    return manifestsOf(objects);
  };
}
