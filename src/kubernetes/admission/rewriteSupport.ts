import { AdmissionMode } from "./admissionMode";
import { MUTATING_VERSIONS, type MutatingVersion } from "./mutatingPolicy";
import { admissionApi } from "./policyParts";

/** What a cluster can do of a mode. */
export interface SupportedMode {
  readonly mode: AdmissionMode;
  readonly version: MutatingVersion;
  /** What the user should know, when it is another mode than was asked for. */
  readonly finding?: { readonly code: string; readonly message: string };
}

/**
 * The mode that a cluster can have: where it has no policies that change pods, it warns instead.
 *
 * @param serves asks the cluster for a kind
 */
export async function supportedMode(
  mode: AdmissionMode,
  serves: (kind: { readonly apiVersion: string; readonly kind: string }) => Promise<boolean>,
): Promise<SupportedMode> {
  if (mode !== AdmissionMode.Rewrite) return { mode, version: MUTATING_VERSIONS[0] };
  for (const version of MUTATING_VERSIONS)
    if (await serves({ apiVersion: admissionApi(version), kind: "MutatingAdmissionPolicy" })) return { mode, version };
  return {
    mode: AdmissionMode.Warn,
    version: MUTATING_VERSIONS[0],
    finding: {
      code: "REWRITE_NOT_SERVED",
      message:
        "The cluster has no MutatingAdmissionPolicy, so that its API server names no image anew: it warns of pods with images outside the mirror instead. " +
        "Kubernetes has it since 1.36; in 1.34 and 1.35 the API server wants --feature-gates=MutatingAdmissionPolicy=true and --runtime-config=admissionregistration.k8s.io/v1beta1=true",
    },
  };
}
