import { resourceSchema } from "./schema";

/** Group, version and kind of a Kubernetes object; the core group is the empty string. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** From a Pulumi type such as `kubernetes:core/v1:Secret`; a Patch resource has the kind that it patches. */
export function kindOfType(type: string): GroupVersionKind {
  const match = /^kubernetes:(?:([^/]+)\/)?([^:]+):(\w+)$/.exec(type);
  if (match === null) throw new Error(`unrecognized resource type: ${JSON.stringify(type)}`);
  const [, group = "", version = "", kind = ""] = match;
  return { group: group === "core" ? "" : group, version, kind: isPatch(type) ? kind.slice(0, -"Patch".length) : kind };
}

export function kindOfObject(object: { readonly apiVersion: string; readonly kind: string }): GroupVersionKind {
  const [version = "", group = ""] = object.apiVersion.split("/").reverse();
  return { group, version, kind: object.kind };
}

export function apiVersionOf({ group, version }: GroupVersionKind): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Whether a resource only patches an object that is not its own. */
export function isPatch(type: string): boolean {
  return type.endsWith("Patch") && isBuiltInType(type) && isBuiltInType(type.slice(0, -"Patch".length));
}

const isBuiltInType = (type: string) => resourceSchema(type) !== undefined;

/** Whether Kubernetes itself serves the kind, without a custom resource definition. */
export function isBuiltIn({ group, version, kind }: GroupVersionKind): boolean {
  return isBuiltInType(`kubernetes:${group === "" ? "core" : group}/${version}:${kind}`);
}

/** The built-in kinds that no namespace holds; all others are namespaced. */
const clusterScoped = new Set([
  "APIService",
  "CertificateSigningRequest",
  "ClusterRole",
  "ClusterRoleBinding",
  "CSIDriver",
  "CSINode",
  "CustomResourceDefinition",
  "FlowSchema",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
]);

/** Whether objects of the kind live in a namespace; nothing for kinds that only a cluster can tell. */
export function isNamespaced(kind: GroupVersionKind): boolean | undefined {
  return isBuiltIn(kind) ? !clusterScoped.has(kind.kind) : undefined;
}

const labelSelector = [".spec.selector"];
const podTemplateOwner = ["Deployment", "DaemonSet"];

/**
 * The properties whose change replaces an object, as the real provider's table has them for the kinds that this
 * package or its tests create.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go
 */
export function replacingProperties(
  object: { readonly apiVersion: string; readonly kind: string; readonly immutable?: unknown },
  mutable: { readonly secrets: boolean; readonly configMaps: boolean },
): readonly string[] {
  const identity = [".metadata.name", ".metadata.namespace"];
  const { group, kind } = kindOfObject(object);
  const immutable = object.immutable === true;
  const of = (...properties: string[]) => [...identity, ...properties];
  if (group === "") {
    if (kind === "Secret") return mutable.secrets && !immutable ? of(".type") : of(".type", ".stringData", ".data");
    if (kind === "ConfigMap") return mutable.configMaps && !immutable ? identity : of(".binaryData", ".data");
    if (kind === "Service") return of(".spec.clusterIP");
    if (kind === "Pod") return of(".spec");
    if (kind === "PersistentVolumeClaim")
      return of(".spec.accessModes", ".spec.selector", ".spec.storageClassName", ".spec.volumeName");
  }
  if (group === "apps" && podTemplateOwner.includes(kind)) return of(...labelSelector);
  if (group === "apps" && kind === "StatefulSet")
    return of(".spec.podManagementPolicy", ".spec.selector", ".spec.serviceName", ".spec.volumeClaimTemplates");
  if (group === "batch" && kind === "Job")
    return of(".spec.completions", ".spec.parallelism", ".spec.template", ...labelSelector);
  if (group === "rbac.authorization.k8s.io" && kind.endsWith("RoleBinding")) return of(".roleRef");
  if (group === "storage.k8s.io" && kind === "StorageClass") return of(".parameters", ".provisioner");
  return identity;
}
