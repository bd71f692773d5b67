import type { AdmissionExceptions } from "../../kubernetes/admission/admissionExceptions";
import type { AdmissionMode } from "../../kubernetes/admission/admissionMode";

/** How the API server keeps pods on the mirror that no chart shows. */
export interface AdmissionOptions {
  /** What happens to pods whose images are not there. */
  mode: AdmissionMode;
  /** The namespaces that it is for. Default: the release's, and those of its pull secret. */
  namespaces?: string[];
  /** What is left alone, besides `ignoreImages`. Default: nothing. */
  exceptions?: AdmissionExceptions;
  /**
   * With `AdmissionMode.Rewrite`, name the mirror for every image of the hosts that the plan's images come from, whether the
   * mirror is known to have it or not. Default: false.
   */
  rewriteAll?: boolean;
}
