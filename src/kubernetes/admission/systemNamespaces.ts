import { AdmissionMode } from "./admissionMode";

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
