import { join, resolve } from "node:path";
import type { PropertyMap } from "../../protocol/propertyValue";
import { withChart } from "./chart";
import type { KubernetesObject } from "../cluster";
import type { Helm } from "./helm";
import { kindOfObject, type GroupVersionKind } from "../objects/kinds";
import { hookEvents, parseDocuments } from "../objects/manifests";

/** The options of `kubernetes:helm:template`, the JSON in its only argument. */
interface TemplateOptions {
  readonly api_versions?: readonly string[];
  readonly chart?: string;
  readonly include_test_hook_resources?: boolean;
  readonly skip_crd_rendering?: boolean;
  readonly namespace?: string;
  readonly path?: string;
  readonly release_name?: string;
  readonly repo?: string;
  readonly values?: PropertyMap;
  readonly version?: string;
  readonly kube_version?: string;
  readonly fetch_opts?: {
    readonly ca_file?: string;
    readonly cert_file?: string;
    readonly key_file?: string;
    readonly keyring?: string;
    readonly repo?: string;
    readonly username?: string;
    readonly password?: string;
    readonly verify?: boolean;
    readonly version?: string;
    readonly devel?: boolean;
  };
}

/** What a cluster would tell helm; nothing without one. */
export interface Capabilities {
  readonly kubeVersion: string;
  readonly apiVersions: readonly string[];
}

/**
 * `kubernetes:helm:template`: the chart's objects as the real helm renders them, hooks among them.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/invoke_helm_template.go
 */
export async function helmTemplate(
  helm: Helm,
  jsonOpts: string,
  capabilities: () => Promise<Capabilities | undefined>,
  isNamespaced: (kind: GroupVersionKind) => Promise<boolean | undefined>,
): Promise<KubernetesObject[]> {
  const options = JSON.parse(jsonOpts) as TemplateOptions;
  const { fetch_opts: fetch = {}, chart = "", path = "", repo = "" } = options;
  if (path === "" && repo.startsWith("http"))
    throw new Error(
      "'repo' option specifies the name of the Helm Chart repo, not the URL.Use 'fetchOpts.repo' to specify a URL for a remote Chart",
    );
  const version = options.version || fetch.version || (fetch.devel ? ">0.0.0-0" : "");
  const location = {
    chart: path === "" ? chart : join(resolve(path), chart),
    version,
    repository: {
      repo: path === "" ? (fetch.repo ?? repo) : "",
      username: fetch.username ?? "",
      password: fetch.password ?? "",
      caFile: fetch.ca_file ?? "",
      certFile: fetch.cert_file ?? "",
      keyFile: fetch.key_file ?? "",
    },
    verify: fetch.verify ?? false,
    keyring: fetch.keyring ?? "",
    dependencyUpdate: false,
  };
  const namespace = options.namespace || "default";
  const cluster = await capabilities();
  const kubeVersion = options.kube_version || cluster?.kubeVersion;
  const apiVersions = options.api_versions?.length ? options.api_versions : (cluster?.apiVersions ?? []);
  const rendered = await withChart(helm, location, (found) =>
    helm(
      [
        ...["template", options.release_name || "release-name", found.path, "--namespace", namespace, "--values", "-"],
        ...(options.skip_crd_rendering ? [] : ["--include-crds"]),
        ...(kubeVersion ? ["--kube-version", kubeVersion] : []),
        ...apiVersions.flatMap((apiVersion) => ["--api-versions", apiVersion]),
      ],
      JSON.stringify(options.values ?? {}),
    ),
  );
  const isTest = (object: KubernetesObject): boolean => hookEvents(object).some((event) => event.startsWith("test"));
  const objects = parseDocuments(rendered).filter(
    (object) => object.kind === "List" || options.include_test_hook_resources || !isTest(object),
  );
  if (!options.namespace) return objects;
  // Items of lists stay as the chart writes them.
  for (const object of objects)
    if (object.kind !== "List" && !object.metadata.namespace && ((await isNamespaced(kindOfObject(object))) ?? true))
      object.metadata.namespace = namespace;
  return objects;
}
