import { tryParseReference } from "../../image/reference";
import type { Json, JsonObject, JsonPath } from "../../json";
import { ownValue } from "../../ownKeys";
import { alignObjects } from "../render/alignment";
import { identityOf, type Manifest, type ObjectIdentity } from "../render/kubernetesManifest";
import { structureIn } from "../render/textDocuments";
import { isMap } from "../content/valuePaths";

/**
 * A pod spec of a rendered chart, wherever it stands: in a workload, a custom resource, a text inside a ConfigMap. So is what
 * an operator makes pods of, where it takes the pull secret in a pod's own field.
 */
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

/** Argo Workflows' group; {@link https://argo-workflows.readthedocs.io/en/latest/fields/#workflowspec}. */
const ARGO = "argoproj.io/";
/** A list of containers that run in the pod of a template of Argo's, which has no pod spec. */
const CONTAINER_SET = "containerSet";
/** Fields of a template that run images. */
const IN_TEMPLATES = ["container", CONTAINER_SET, "script"];

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
  const { apiVersion, kind } = identityOf(object);
  if (!specs) known.set(object, (specs = [...walk(object, [], apiVersion.startsWith(ARGO))]));
  if (isMap(object.spec) && POD_LIKE.test(`${apiVersion}\n${kind}`)) return [{ path: ["spec"], spec: object.spec }];
  return specs;
}

function* walk(value: Json, path: JsonPath, argo: boolean): Generator<PodSpec> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* walk(item, [...path, i], argo);
  else if (isMap(value)) {
    if (argo ? isWorkflowSpec(value) || isPodSpec(value, path) : isPodSpec(value, path)) yield { path, spec: value };
    for (const [key, item] of Object.entries(value)) yield* walk(item, [...path, key], argo);
  } else if (typeof value === "string" && value.includes("containers:") && value.includes("\n")) {
    const inner = structureIn(value);
    if (inner !== undefined) yield* walk(inner, path, argo);
  }
}

/**
 * A list of containers of which one has an image, or one of the init containers beside it: OpenShift and injectors fill in others.
 * Knative's need no names
 * ({@link https://knative.dev/docs/serving/services/creating-services/}); without them the list must stand in a `spec`, and its
 * images be some: policies have patterns there.
 */
function isPodSpec(value: JsonObject, path: JsonPath): boolean {
  const { containers, initContainers } = value;
  if (!Array.isArray(containers) || containers.length === 0 || path.at(-1) === CONTAINER_SET) return false;
  const imagesOf = (list: readonly Json[]) => list.map((container) => (isMap(container) ? container.image : undefined));
  const images = imagesOf(containers);
  const all = [...images, ...(Array.isArray(initContainers) ? imagesOf(initContainers) : [])];
  if (!all.some((image) => typeof image === "string") || !containers.every(isMap)) return false;
  if (containers.every(({ name }) => typeof name === "string")) return true;
  return path.at(-1) === "spec" && images.every((image) => typeof image === "string" && tryParseReference(image));
}

/** What Argo makes a workflow's pods of: its templates say what runs in them, and the pull secrets stand beside the templates. */
function isWorkflowSpec({ templates }: JsonObject): boolean {
  return (
    Array.isArray(templates) &&
    templates.some((template) => isMap(template) && IN_TEMPLATES.some((field) => isMap(ownValue(template, field))))
  );
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
