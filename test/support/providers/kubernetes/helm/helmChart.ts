import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Asset,
  hasUnknowns,
  isMap,
  plain,
  Secret,
  stripSecrets,
  type PropertyMap,
  type PropertyValue,
} from "../../protocol/propertyValue";
import { resourceReference, type ResourceMonitor } from "../../protocol/resourceMonitor";
import type { Constructed, ConstructRequest, Host } from "../../protocol/resourceProvider";
import { withChart, type ChartLocation } from "./chart";
import type { KubernetesObject } from "../cluster";
import type { Helm } from "./helm";
import type { Capabilities } from "./helmTemplate";
import { kindOfObject } from "../objects/kinds";
import { parseManifests } from "../objects/manifests";
import { creationOrder } from "../objects/objectOrder";
import { providerVersion, repositoryOptsSchema, resourceSchema, schemaFailures } from "../objects/schema";

export const chartType = "kubernetes:helm.sh/v4:Chart";

/** What constructing a chart needs of the configured provider. */
export interface ChartContext {
  readonly helm: Helm;
  readonly defaultNamespace: string;
  /** What the cluster tells helm; nothing for a cluster that does not run. */
  readonly capabilities: () => Promise<Capabilities | undefined>;
  readonly isNamespaced: (object: KubernetesObject) => Promise<boolean | undefined>;
  readonly host: Host;
}

/**
 * `helm.v4.Chart`: what the real helm renders, without hooks, each object a resource of its own.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/helm/v4/chart.go
 */
export async function constructChart(
  { name, inputs }: ConstructRequest,
  monitor: ResourceMonitor,
  context: ChartContext,
): Promise<Constructed> {
  const urn = await monitor.registerComponent();
  const warn = (message: string) => context.host.log("warning", urn, message);
  refuseWrongInputs(inputs);
  if (hasUnknowns(inputs)) {
    await warn("Input properties have unknown values. Preview is incomplete.");
    return { urn, state: {} };
  }
  if (stripSecrets(inputs["includeHooks"] ?? false) === true)
    await warn(
      "includeHooks is only supported when the provider is configured with renderYamlToDirectory; Helm hooks will be ignored.",
    );
  const text = (key: string) => textOf(inputs[key]);
  const namespace = text("namespace") || context.defaultNamespace;
  const objects = parseManifests(await render(inputs, text("name") || name, namespace, context));
  for (const object of objects) {
    if (!object.metadata.namespace && ((await isNamespacedAmong(objects, object, context)) ?? false))
      object.metadata.namespace = namespace;
    if (stripSecrets(inputs["skipAwait"] ?? false) === true)
      object.metadata["annotations"] = { ...annotationsOf(object), "pulumi.com/skipAwait": "true" };
  }
  const prefix = inputs["resourcePrefix"] === undefined ? name : text("resourcePrefix");
  const resources = await register(objects, prefix, urn, monitor);
  await monitor.registerOutputs(urn, { resources });
  return { urn, state: { resources } };
}

/** A component's inputs are not checked by the engine, but the SDKs' types allow no others. */
function refuseWrongInputs(inputs: PropertyMap): void {
  const schema = resourceSchema(chartType);
  if (schema === undefined) throw new Error(`the SDK has no ${chartType}`);
  const repository = stripSecrets(inputs["repositoryOpts"] ?? null);
  const known = repositoryOptsSchema();
  const failures = [
    ...schemaFailures(schema, inputs).map(({ reason }) => reason),
    ...(isMap(repository) ? Object.keys(repository).filter((key) => !known.has(key)) : []).map(
      (key) => `there is no property "repositoryOpts.${key}" in the schema`,
    ),
  ];
  if (failures.length > 0) throw new Error(`setting args: ${failures.join("; ")}`);
}

async function render(
  inputs: PropertyMap,
  releaseName: string,
  namespace: string,
  { helm, capabilities }: ChartContext,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kubernetes-double-chart-"));
  try {
    const files = new AssetFiles(folder);
    const location = await chartLocation(inputs, files);
    const valueFiles = listOf(inputs["valueYamlFiles"]);
    const values: string[] = [];
    for (const file of valueFiles) values.push("--values", await files.pathOf(file));
    const postRenderer = stripSecrets(inputs["postRenderer"] ?? null);
    const renderer = isMap(postRenderer)
      ? [
          ...["--post-renderer", textOf(postRenderer["command"])],
          ...listOf(postRenderer["args"]).flatMap((arg) => ["--post-renderer-args", textOf(arg)]),
        ]
      : [];
    const cluster = await capabilities();
    return await withChart(helm, location, async ({ path }) =>
      helm(
        [
          ...["template", releaseName, path, "--namespace", namespace, "--no-hooks", ...values, "--values", "-"],
          ...(stripSecrets(inputs["skipCrds"] ?? false) === true ? [] : ["--include-crds"]),
          ...(cluster === undefined ? [] : ["--dry-run=server", "--kube-version", cluster.kubeVersion]),
          ...(cluster?.apiVersions ?? []).flatMap((version) => ["--api-versions", version]),
          ...renderer,
        ],
        JSON.stringify(plain(await withAssetTexts(inputs["values"] ?? {}))),
      ),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function chartLocation(inputs: PropertyMap, files: AssetFiles): Promise<ChartLocation> {
  const given = stripSecrets(inputs["repositoryOpts"] ?? null);
  const repository: PropertyMap = isMap(given) ? given : {};
  const is = (key: string) => stripSecrets(inputs[key] ?? false) === true;
  const version = textOf(inputs["version"]);
  return {
    chart: textOf(inputs["chart"]),
    version: version === "" && is("devel") ? ">0.0.0-0" : version,
    repository: {
      repo: textOf(repository["repo"]),
      username: textOf(repository["username"]),
      password: textOf(repository["password"]),
      caFile: await files.pathOf(repository["caFile"]),
      certFile: await files.pathOf(repository["certFile"]),
      keyFile: await files.pathOf(repository["keyFile"]),
    },
    verify: is("verify"),
    keyring: (await files.pathOf(inputs["keyring"])) || `${process.env["HOME"] ?? ""}/.gnupg/pubring.gpg`,
    dependencyUpdate: is("dependencyUpdate"),
    plainHttp: is("plainHttp"),
  };
}

/** Assets that helm wants as files. */
class AssetFiles {
  private written = 0;

  constructor(private readonly folder: string) {}

  /** Empty for what is not there. */
  async pathOf(value: PropertyValue | undefined): Promise<string> {
    const asset = stripSecrets(value ?? null);
    if (asset === null) return "";
    if (!(asset instanceof Asset)) throw new Error("setting args: expected an asset");
    const path = join(this.folder, String((this.written += 1)));
    await writeFile(path, await asset.bytes(), { mode: 0o600 });
    return path;
  }
}

/** Assets among the values stand for their content. */
async function withAssetTexts(value: PropertyValue): Promise<PropertyValue> {
  if (value instanceof Asset) return value.read();
  if (value instanceof Secret) return withAssetTexts(value.value);
  if (Array.isArray(value)) return Promise.all(value.map(withAssetTexts));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await withAssetTexts(inner)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Whether the object's kind is namespaced; the chart itself may bring the definition of the kind. */
async function isNamespacedAmong(
  objects: readonly KubernetesObject[],
  object: KubernetesObject,
  context: ChartContext,
): Promise<boolean | undefined> {
  const { group, kind } = kindOfObject(object);
  for (const { kind: other, spec } of objects)
    if (other === "CustomResourceDefinition" && isMap(spec) && spec["group"] === group) {
      const names = spec["names"];
      if (isMap(names) && names["kind"] === kind) return spec["scope"] === "Namespaced";
    }
  return context.isNamespaced(object);
}

/** Registers every object as soon as those are there that it needs. */
async function register(
  objects: readonly KubernetesObject[],
  prefix: string,
  component: string,
  monitor: ResourceMonitor,
): Promise<PropertyMap[]> {
  const registered = new Map<KubernetesObject, Promise<{ urn: string; id: string }>>();
  for (const { object, needs } of creationOrder(objects))
    registered.set(
      object,
      Promise.all(needs.flatMap((need) => registered.get(need) ?? [])).then((dependencies) => {
        const { namespace, name } = object.metadata;
        const named = namespace ? `${namespace}/${name}` : name;
        return monitor.registerChild(component, {
          type: pulumiType(object),
          name: prefix === "" ? named : `${prefix}:${named}`,
          inputs: withSecretData(object),
          dependencies: dependencies.map(({ urn }) => urn),
          retainOnDelete: annotationsOf(object)["helm.sh/resource-policy"] === "keep",
        });
      }),
    );
  const made = await Promise.all([...registered.values()]);
  return made.map(({ urn, id }) => resourceReference(urn, id, providerVersion));
}

function pulumiType(object: KubernetesObject): string {
  const { group, version, kind } = kindOfObject(object);
  return `kubernetes:${group === "" ? "core" : group}/${version}:${kind}`;
}

function withSecretData(object: KubernetesObject): PropertyMap {
  if (object.apiVersion !== "v1" || object.kind !== "Secret") return object;
  const entries = Object.entries(object).map(([key, value]): [string, PropertyValue] => [
    key,
    key === "data" || key === "stringData" ? new Secret(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function annotationsOf(object: KubernetesObject): PropertyMap {
  const annotations = object.metadata["annotations"];
  return isMap(annotations) ? annotations : {};
}

function textOf(value: PropertyValue | undefined): string {
  const known = stripSecrets(value ?? null);
  return typeof known === "string" ? known : "";
}

function listOf(value: PropertyValue | undefined): PropertyValue[] {
  const known = stripSecrets(value ?? null);
  return Array.isArray(known) ? known : [];
}
