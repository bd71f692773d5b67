import { digestOf } from "../../image/digest";
import type { JsonObject } from "../../json";
import { shortHash } from "../../plan/chartArtifact";
import { CLUSTER_NAMESPACE, clusterKey } from "./clusterScope";
import type { PolicyVariable } from "./imageExpressions";
import { PARAMETER } from "./parameters";

/** A version of the API that has policies. */
export const admissionApi = (version: string): string => `admissionregistration.k8s.io/${version}`;

/** The values of all parameters of a kind: of the namespace of an object, and of all namespaces. */
export const parametersOf = (name: string, kind: keyof typeof PARAMETER): PolicyVariable => ({
  name,
  expression: `${valuesAt("namespaceObject", PARAMETER[kind])} + ${valuesAt("params", clusterKey(PARAMETER[kind]))}`,
});

const valuesAt = (namespace: string, key: string): string =>
  `(has(${namespace}.metadata.annotations) ? ${namespace}.metadata.annotations : {})` +
  `.filter(k, k.startsWith("${key}")).map(k, ${namespace}.metadata.annotations[k])`;

/** What the bindings of all policies say of where the parameters of all namespaces are. */
export const CLUSTER_PARAMETERS: JsonObject = { name: CLUSTER_NAMESPACE, parameterNotFoundAction: "Allow" };

/**
 * Whether it is anything but what a kubelet tells the API server of a static pod of its node, which runs whatever is said of
 * it. Anybody may write the annotation, also at what makes pods, and not everything that runs pods is a kubelet: only nodes
 * are believed.
 */
const NOT_STATIC =
  'request.kind.kind != "Pod" || !has(object.metadata.annotations) || !("kubernetes.io/config.mirror" in object.metadata.annotations) || ' +
  '!has(request.userInfo.groups) || !("system:nodes" in request.userInfo.groups)';

export const PARAMETER_VARIABLES: readonly PolicyVariable[] = [
  parametersOf("prefixes", "mirror"),
  parametersOf("exceptions", "exception"),
];

/**
 * What both kinds of policies have. Their parameter object is a namespace: once no binding names the kind of one that
 * Kubernetes itself has, such as a ConfigMap, API servers up to 1.36 see none of that kind any more until they are restarted
 * ({@link https://github.com/kubernetes/kubernetes/issues/130887}). Namespaces they see by themselves from their start. All
 * that the API server would fill in is written, since an object that several releases share goes with the last of them only
 * if nothing else is left in it.
 */
export function policySpec(rules: readonly JsonObject[], variables: readonly PolicyVariable[]): JsonObject {
  return {
    paramKind: { apiVersion: "v1", kind: "Namespace" },
    matchConstraints: matchResources(rules),
    matchConditions: [{ name: "not-a-static-pod", expression: NOT_STATIC }],
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
