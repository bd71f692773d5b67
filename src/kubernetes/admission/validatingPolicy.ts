import type { JsonObject } from "../../json";
import { canonicalImages, EXCEPTED, IN_MIRROR, type PolicyVariable } from "./imageExpressions";
import { NAMED_IMAGES, POD_VARIABLES, WORKLOAD_RULES } from "./podExpressions";
import { PARAMETER_VARIABLES, policyObject, policySpec } from "./policyParts";

/** Bytes of the images in a message, of which the API server takes 5 KiB and otherwise none. */
const TOLD = 3000;

const WHAT_TO_DO =
  "Name the image there and bring it there (extraImages of the release), or except it (admission.exceptions)";

const VARIABLES: readonly PolicyVariable[] = [
  ...PARAMETER_VARIABLES,
  ...POD_VARIABLES,
  {
    name: "judged",
    // Templates say `auto` where a webhook puts the image into their pods (Istio's gateways).
    expression: `(${NAMED_IMAGES}).filter(j, !(j.i in variables.before) && j.i != "" && (j.i != "auto" || request.kind.kind == "Pod"))`,
  },
  ...canonicalImages("judged", "images", ["c"]),
  {
    name: "outside",
    expression: `variables.images.filter(j, !${IN_MIRROR} && !${EXCEPTED}).map(j, j.c + " would pull " + j.i)`,
  },
  { name: "told", expression: `variables.outside.join("; ")` },
  {
    name: "shown",
    expression: `size(variables.told) <= ${TOLD} ? variables.told : variables.outside[0] + "; and " + string(size(variables.outside) - 1) + " more"`,
  },
];

/**
 * The policy that finds images outside the mirror, in pods and in what pods are made of, when they are set: what an object
 * had before an update is not judged. Bindings say for whom it is, whether it refuses or warns, and with which parameters.
 *
 * It keeps to what API servers know since 1.30. It has no audit annotations: where one cannot be evaluated, the API server
 * refuses also what it should only warn of. The audit of a binding has the message.
 */
export function validatingPolicy(): JsonObject {
  return policyObject("v1", "ValidatingAdmissionPolicy", {
    ...policySpec(WORKLOAD_RULES, VARIABLES),
    validations: [
      {
        // Without a mirror nothing is one: a namespace that has lost its annotations would refuse all pods, those of the mirror too.
        expression: "size(variables.prefixes) == 0 || size(variables.outside) == 0",
        message: `An image is outside the mirror. ${WHAT_TO_DO}`,
        messageExpression: `variables.shown + ", outside the mirror (" + variables.prefixes.join(", ") + "). ${WHAT_TO_DO}"`,
      },
    ],
    failurePolicy: "Fail",
  });
}
