import { digestOf } from "../../image/digest";
import type { JsonObject } from "../../json";
import { shortHash } from "../../plan/chartArtifact";
import type { PolicyVariable } from "./imageExpressions";
import { PARAMETER } from "./parameters";

/** A version of the API that has policies. */
export const admissionApi = (version: string): string => `admissionregistration.k8s.io/${version}`;

/** The values of all parameters of a kind that the namespace of an object has. */
export const parametersOf = (name: string, kind: keyof typeof PARAMETER): PolicyVariable => ({
  name,
  expression:
    `(has(namespaceObject.metadata.annotations) ? namespaceObject.metadata.annotations : {})` +
    `.filter(k, k.startsWith("${PARAMETER[kind]}")).map(k, namespaceObject.metadata.annotations[k])`,
});

export const PARAMETER_VARIABLES: readonly PolicyVariable[] = [
  parametersOf("prefixes", "mirror"),
  parametersOf("exceptions", "exception"),
];

/**
 * What both kinds of policies have. They have no parameter object: once no binding names the kind of one that Kubernetes
 * itself has, such as a ConfigMap, API servers up to 1.36 see none of that kind any more until they are restarted
 * ({@link https://github.com/kubernetes/kubernetes/issues/130887}). Namespaces they always see. All that the API server would fill in is written, since an object that several
 * releases share goes with the last of them only if nothing else is left in it.
 */
export function policySpec(rules: readonly JsonObject[], variables: readonly PolicyVariable[]): JsonObject {
  return {
    matchConstraints: matchResources(rules),
    variables: variables.map(({ name, expression }) => ({ name, expression })),
  };
}

/** The objects that something is for. */
export function matchResources(
  resourceRules: readonly JsonObject[] | undefined,
  namespaceSelector: JsonObject = {},
): JsonObject {
  return {
    namespaceSelector,
    objectSelector: {},
    ...(resourceRules && { resourceRules: [...resourceRules] }),
    matchPolicy: "Equivalent",
  };
}

/**
 * A policy by a name of its content: another version of this package makes another one beside it, and each goes with the
 * last release that it is for.
 */
export function policyObject(version: string, kind: string, spec: JsonObject): JsonObject {
  const name = `chart-mirror-${shortHash(digestOf(JSON.stringify([kind, spec])))}`;
  return { apiVersion: admissionApi(version), kind, metadata: { name }, spec };
}
