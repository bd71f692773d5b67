import type { Json, JsonObject, JsonPath } from "../../json";
import { alignObjects } from "../render/alignment";
import { parseHelmYaml } from "../content/helmYaml";
import { identityOf, type Manifest, type ObjectIdentity } from "../render/manifest";
import { isMap } from "../content/valuePaths";

/** A pod spec of a rendered chart, wherever it stands: in a workload, a custom resource, a text inside a ConfigMap. */
export interface Pod {
  /** Index of the manifest that holds it. */
  readonly manifest: number;
  /** Of the pod spec inside the object; it goes on into YAML that stands in a text. */
  readonly path: JsonPath;
  readonly object: ObjectIdentity;
  readonly spec: JsonObject;
}

// Custom resources whose spec the Prometheus operator turns into a pod, with the pod's own field names.
const POD_LIKE = /^monitoring\.coreos\.com\/.*\n(Prometheus|PrometheusAgent|Alertmanager|ThanosRuler)$/;

/** Every pod spec of a render. */
export function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap(({ object }, manifest) =>
    podSpecs(object).map(({ path, spec }) => ({ manifest, path, object: identityOf(object), spec })),
  );
}

interface PodSpec {
  readonly path: JsonPath;
  readonly spec: JsonObject;
}

const known = new WeakMap<JsonObject, PodSpec[]>();

function podSpecs(object: JsonObject): PodSpec[] {
  let specs = known.get(object);
  if (!specs) known.set(object, (specs = [...walk(object, [])]));
  const { apiVersion, kind } = identityOf(object);
  if (isMap(object.spec) && POD_LIKE.test(`${apiVersion}\n${kind}`)) return [{ path: ["spec"], spec: object.spec }];
  return specs;
}

function* walk(value: Json, path: JsonPath): Generator<PodSpec> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* walk(item, [...path, i]);
  else if (isMap(value)) {
    if (isPodSpec(value)) yield { path, spec: value };
    for (const [key, item] of Object.entries(value)) yield* walk(item, [...path, key]);
  } else if (typeof value === "string" && value.includes("containers:") && value.includes("\n")) {
    const inner = parsed(value);
    if (inner !== undefined) yield* walk(inner, path);
  }
}

function isPodSpec(value: JsonObject): boolean {
  const { containers } = value;
  return (
    Array.isArray(containers) &&
    containers.length > 0 &&
    containers.every((container) => isMap(container) && typeof container.name === "string") &&
    containers.some((container) => isMap(container) && typeof container.image === "string")
  );
}

function parsed(text: string): Json | undefined {
  try {
    const value = parseHelmYaml(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** For each pod of one render, the same pod in another. */
export function matchPods(
  pods: readonly Pod[],
  before: readonly Manifest[],
  after: readonly Manifest[],
): (Pod | undefined)[] {
  const pairs = alignObjects(
    before.map((manifest) => manifest.object),
    after.map((manifest) => manifest.object),
  );
  const byPlace = new Map(podsOf(after).map((pod) => [JSON.stringify([pod.manifest, pod.path]), pod]));
  return pods.map((pod) => byPlace.get(JSON.stringify([pairs[pod.manifest], pod.path])));
}

/** Names of the pull secrets of a pod spec or a service account, as far as they are well formed. */
export function pullSecretNames(holder: JsonObject): string[] {
  const { imagePullSecrets } = holder;
  if (!Array.isArray(imagePullSecrets)) return [];
  return imagePullSecrets.flatMap((item) => (isMap(item) && typeof item.name === "string" ? [item.name] : []));
}

/** The service account that a pod uses; Kubernetes gives it `default` where it names none. */
export function serviceAccountOf({ spec }: Pod): string {
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  return typeof account === "string" && account !== "" ? account : "default";
}

/** Names of the pull secrets that a pod gets through the service account that it uses, where the chart makes that. */
export function accountSecretNames(pod: Pod, manifests: readonly Manifest[]): string[] {
  const account = serviceAccountOf(pod);
  return manifests.flatMap(({ object }) => {
    if (object.kind !== "ServiceAccount") return [];
    const { name, namespace } = identityOf(object);
    return name === account && namespace === pod.object.namespace ? pullSecretNames(object) : [];
  });
}
