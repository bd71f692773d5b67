import { ownValue } from "../../ownKeys";
import type { JsonObject, JsonPath } from "../../json";
import type { Difference } from "./differences";
import { groupOf, identityOf, type Manifest } from "../render/kubernetesManifest";
import { formatValuePath, isMap, valueAt } from "../content/valuePaths";

/** An object whose immutable fields a plan would change, which an API server refuses. */
export interface ImmutableChange {
  readonly manifest: Manifest;
  /** The fields that change, as Kubernetes names them: `spec.template`. */
  readonly fields: readonly string[];
}

/**
 * The objects of a chart that an upgrade cannot change in place: an API server refuses the new form as long as the old one
 * is there, and with it the whole upgrade.
 *
 * @param before the render that is compared: of the release as it runs
 * @param found how the other one differs from it
 * @param counts whether a difference comes of the plan; the others alone make no object one that cannot be changed, but what has
 * another name is another object whyever it has that
 */
export function immutableChanges(
  before: readonly Manifest[],
  found: readonly Difference[],
  counts: (difference: Difference) => boolean = () => true,
): ImmutableChange[] {
  const byObject = new Map<number, Difference[]>();
  for (const difference of found)
    byObject.set(difference.object, [...(byObject.get(difference.object) ?? []), difference]);
  return [...byObject].flatMap(([index, differences]): ImmutableChange[] => {
    const manifest = before[index];
    // Helm deletes what a hook has left before it makes the next one.
    if (!manifest || manifest.hook !== undefined || isReplaced(manifest.object, differences)) return [];
    const fields = new Set(
      differences.filter(counts).flatMap(({ path }) => immutableField(manifest.object, path) ?? []),
    );
    return fields.size === 0 ? [] : [{ manifest, fields: [...fields].sort() }];
  });
}

/** Whether it is another object: it came, it went, or it has another name, such as one with a hash of its content. */
function isReplaced(object: JsonObject, differences: readonly Difference[]): boolean {
  const { metadata } = object;
  if (!isMap(metadata) || typeof metadata.name !== "string") return true;
  return differences.some(
    ({ path }) =>
      path.length === 0 ||
      (path.length === 2 && path[0] === "metadata" && (path[1] === "name" || path[1] === "namespace")),
  );
}

/** Tells of a path inside an object which immutable field it leads into. */
type Rule = (path: JsonPath, object: JsonObject) => string | undefined;

/** These fields, and all in them. */
const fixed =
  (...fields: readonly string[]): Rule =>
  (path) =>
    fields.find((field) => field.split(".").every((key, i) => path[i] === key));

/** All in `spec` but these. */
const fixedSpecBut =
  (...free: readonly RegExp[]): Rule =>
  (path) => {
    if (path[0] !== "spec") return undefined;
    const inside = formatValuePath(path.slice(1));
    return free.some((pattern) => pattern.test(inside)) ? undefined : formatValuePath(path.slice(0, 2));
  };

/** The fields of something that says of itself that it never changes. */
const fixedWhenImmutable =
  (...fields: readonly string[]): Rule =>
  (path, object) =>
    object.immutable === true ? fixed(...fields)(path, object) : undefined;

/**
 * What cannot be changed, by group and kind.
 *
 * @see https://github.com/kubernetes/kubernetes/tree/v1.34.4/pkg/apis (validation/validation.go of each group, `Validate…Update`)
 */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  "apps Deployment": [fixed("spec.selector")],
  "apps ReplicaSet": [fixed("spec.selector")],
  "apps DaemonSet": [fixed("spec.selector")],
  "apps StatefulSet": [
    fixedSpecBut(
      /^(?:replicas|ordinals|template|updateStrategy|revisionHistoryLimit|persistentVolumeClaimRetentionPolicy|minReadySeconds)\b/,
    ),
  ],
  "apps ControllerRevision": [fixed("data")],
  "batch Job": [
    fixed(
      ...["spec.template", "spec.selector", "spec.completions", "spec.completionMode", "spec.podFailurePolicy"],
      ...["spec.backoffLimitPerIndex", "spec.successPolicy", "spec.managedBy", "spec.manualSelector"],
    ),
  ],
  " Pod": [fixedSpecBut(/^(?:initContainers|containers)\[\d+\]\.image$/, /^(?:activeDeadlineSeconds|tolerations)\b/)],
  " Service": [fixed("spec.clusterIP", "spec.clusterIPs")],
  " PersistentVolumeClaim": [fixedSpecBut(/^resources\b/, /^volumeAttributesClassName$/)],
  " PersistentVolume": [
    fixedSpecBut(
      /^(?:capacity|accessModes|persistentVolumeReclaimPolicy|storageClassName|mountOptions|claimRef|volumeAttributesClassName)\b/,
    ),
  ],
  " Secret": [fixed("type"), fixedWhenImmutable("data", "stringData", "immutable")],
  " ConfigMap": [fixedWhenImmutable("data", "binaryData", "immutable")],
  "storage.k8s.io StorageClass": [fixed("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode")],
  "storage.k8s.io VolumeAttributesClass": [fixed("driverName", "parameters")],
  "storage.k8s.io CSIDriver": [fixed("spec.attachRequired", "spec.volumeLifecycleModes")],
  "rbac.authorization.k8s.io RoleBinding": [fixed("roleRef")],
  "rbac.authorization.k8s.io ClusterRoleBinding": [fixed("roleRef")],
  "networking.k8s.io IngressClass": [fixed("spec.controller")],
  "node.k8s.io RuntimeClass": [fixed("handler")],
  "scheduling.k8s.io PriorityClass": [fixed("value", "preemptionPolicy")],
  "discovery.k8s.io EndpointSlice": [fixed("addressType")],
  "certificates.k8s.io CertificateSigningRequest": [fixed("spec")],
};

function immutableField(object: JsonObject, path: JsonPath): string | undefined {
  const { apiVersion, kind } = identityOf(object);
  const rules = ownValue(RULES, `${groupOf(apiVersion)} ${kind}`) ?? [];
  for (const rule of rules) {
    const field = rule(path, object);
    if (field !== undefined) return field;
  }
  return undefined;
}

/** Those of the kinds with {@link RULES} that are in no namespace. */
const CLUSTER_WIDE = new Set([
  ...["PersistentVolume", "StorageClass", "VolumeAttributesClass", "CSIDriver", "ClusterRoleBinding", "IngressClass"],
  ...["RuntimeClass", "PriorityClass", "CertificateSigningRequest"],
]);

/**
 * The `kubectl delete` by which an object whose immutable fields change can be made anew.
 *
 * @param own namespace of the release, which objects are in that name none
 */
export function deleteCommand({ manifest, fields }: ImmutableChange, own?: string): string {
  const { kind, name, ...identity } = identityOf(manifest.object);
  const namespace = CLUSTER_WIDE.has(kind) ? undefined : (identity.namespace ?? own);
  const where = namespace === undefined ? "" : ` --namespace ${namespace}`;
  // The new one takes its pods over, unless it selects others.
  const orphans = kind === "StatefulSet" && !fields.includes("spec.selector") ? " --cascade=orphan" : "";
  return `kubectl delete ${kind.toLowerCase()} ${name}${where}${orphans}`;
}

/** Seconds after which a Job that has finished deletes itself; undefined where it stays. */
export function timeToLive(object: JsonObject): number | undefined {
  const seconds = valueAt(object, ["spec", "ttlSecondsAfterFinished"]);
  return object.kind === "Job" && typeof seconds === "number" ? seconds : undefined;
}
