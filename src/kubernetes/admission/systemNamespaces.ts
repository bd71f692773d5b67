import { AdmissionMode } from "./admissionMode";
import { SYSTEM_NAMESPACES } from "./clusterScope";

/** The namespace of what a node needs before it takes pods: its network, the proxy of services, the cluster's DNS. */
const SYSTEM = "kube-system";

/**
 * What the user should know who has pods refused in the namespace of Kubernetes itself.
 *
 * @param namespaces those that the mode is for
 */
export function systemFinding(
  mode: AdmissionMode,
  namespaces: readonly string[],
): { readonly code: string; readonly message: string } | undefined {
  if (mode !== AdmissionMode.Deny || !namespaces.includes(SYSTEM)) return undefined;
  return {
    code: "SYSTEM_NAMESPACE_DENIED",
    message:
      `Pods with images outside the mirror are refused in ${SYSTEM}, too, also those of the network, kube-proxy and CoreDNS, which this release knows nothing of: ` +
      "new nodes would not become ready. Except their images (admission.exceptions.images) or the namespace (admission.exceptions.namespaces), or begin with AdmissionMode.Warn",
  };
}

/**
 * What the user should know who has pods refused in the whole cluster.
 *
 * @param left namespaces that are left alone besides those of Kubernetes itself
 */
export function clusterFinding(mode: AdmissionMode, left: readonly string[]): string | undefined {
  if (mode !== AdmissionMode.Deny) return undefined;
  return (
    `Pods with images outside the mirror are refused in every namespace but ${[...SYSTEM_NAMESPACES, ...left].join(", ")}, also in those that are made later. ` +
    "Where the network, the storage or the registry of the nodes runs in another one, except that (exceptions.namespaces); chart-mirror images --cluster tells which pods it would be"
  );
}
