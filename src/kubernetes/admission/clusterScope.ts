import { digestOf } from "../../image/digest";
import { shortHash } from "../../plan/chartArtifact";
import type { AdmissionMode } from "./admissionMode";
import { NAMESPACE_KEYS } from "./parameters";
import { byKey } from "../../textOrder";

/**
 * The namespace at which the parameters stand that hold in all of them. Every cluster has it, nobody can delete it, and unlike
 * `kube-system` it may be written in clusters whose service guards what is its own.
 */
export const CLUSTER_NAMESPACE = "kube-public";

/** Namespaces of Kubernetes itself, which no policy for the whole cluster is for: without their pods no node becomes ready. */
export const SYSTEM_NAMESPACES: readonly string[] = ["kube-node-lease", CLUSTER_NAMESPACE, "kube-system"];

const CLUSTER_KEYS = "pulumi-chart-mirror/cluster-admission";

/** What the keys begin with that name namespaces which are left alone, for whoever asks what holds where. */
const LEFT = `${CLUSTER_KEYS}.left.`;

/** The key of a label or a parameter of a namespace for what holds in all of them. */
export const clusterKey = (key: string): string => CLUSTER_KEYS + key.slice(NAMESPACE_KEYS.length);

/** Parameters of a mode for all namespaces but some, as annotations of {@link CLUSTER_NAMESPACE}. */
export function clusterParameters(
  mode: AdmissionMode,
  parameters: Readonly<Record<string, string>>,
  left: readonly string[],
): Record<string, string> {
  const data = Object.entries(parameters).map(([key, value]) => [clusterKey(key), value] as const);
  const names = left.map((name) => [`${LEFT}${mode}.${shortHash(digestOf(name))}`, name] as const);
  return Object.fromEntries([...data, ...names].sort(byKey));
}

/** Labels or annotations of {@link CLUSTER_NAMESPACE} under the keys that a namespace's own have. */
export function ofCluster<T>(part: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(part).flatMap(([key, value]) =>
      key.startsWith(CLUSTER_KEYS) && !key.startsWith(LEFT)
        ? [[NAMESPACE_KEYS + key.slice(CLUSTER_KEYS.length), value]]
        : [],
    ),
  );
}

/** Namespaces that those annotations leave alone by a mode, whose binding has the same. */
export function leftAlone(mode: AdmissionMode, annotations: Readonly<Record<string, unknown>>): string[] {
  const named = Object.entries(annotations).flatMap(([key, value]) =>
    key.startsWith(`${LEFT}${mode}.`) && typeof value === "string" ? [value] : [],
  );
  return [...SYSTEM_NAMESPACES, ...named];
}
