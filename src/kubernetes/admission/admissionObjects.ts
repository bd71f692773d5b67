import type { JsonObject } from "../../json";
import { CLUSTER_NAMESPACE, clusterKey, clusterParameters, SYSTEM_NAMESPACES } from "./clusterScope";
import { AdmissionMode } from "./admissionMode";
import { mutatingPolicy, type MutatingVersion } from "./mutatingPolicy";
import { modeLabel } from "./parameters";
import { POD_RULES } from "./podExpressions";
import { CLUSTER_PARAMETERS, matchResources } from "./policyParts";
import { validatingPolicy } from "./validatingPolicy";

/** What one release adds to an object that others share. */
export interface AdmissionObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly content: JsonObject;
  /** Whether it is made where it is missing, and goes with the last that wants it. */
  readonly create: boolean;
}

/** The policies of a mode; they hold nothing of any release. */
export function admissionPolicies(mode: AdmissionMode, version: MutatingVersion): AdmissionObject[] {
  return policiesOf(mode, version).map((policy) => shared(policy, policy));
}

/** What makes the policies of a mode hold in the namespaces that have its label. */
export function admissionBindings(mode: AdmissionMode, version: MutatingVersion): AdmissionObject[] {
  return bindings(mode, version, mode, { matchLabels: { [modeLabel(mode)]: "true" } });
}

/** The label that every namespace has by itself: its name. */
const NAME_LABEL = "kubernetes.io/metadata.name";

/**
 * What makes the policies of a mode hold in all namespaces, also those that are yet to come, but for Kubernetes' own and some
 * more. Those stand in the binding, so that nothing that is wrong with a policy reaches them; each by itself, so that it goes
 * with the last program that leaves it alone.
 */
export function clusterBindings(
  mode: AdmissionMode,
  version: MutatingVersion,
  left: readonly string[],
): AdmissionObject[] {
  const groups = [SYSTEM_NAMESPACES, ...[...left].sort().map((name) => [name])];
  const matchExpressions = groups.map((values) => ({ key: NAME_LABEL, operator: "NotIn", values: [...values] }));
  return bindings(mode, version, `all-${mode}`, { matchExpressions });
}

function bindings(
  mode: AdmissionMode,
  version: MutatingVersion,
  suffix: string,
  namespaces: JsonObject,
): AdmissionObject[] {
  return policiesOf(mode, version).map((policy) => {
    const { name } = policy.metadata as { name: string };
    const spec = {
      policyName: name,
      paramRef: CLUSTER_PARAMETERS,
      ...(policy.kind === "ValidatingAdmissionPolicy"
        ? {
            // What a rewritten pod is made of may name what it wants.
            matchResources: matchResources(mode === AdmissionMode.Rewrite ? POD_RULES : undefined, namespaces),
            validationActions: mode === AdmissionMode.Deny ? ["Deny"] : ["Warn", "Audit"],
          }
        : { matchResources: matchResources(undefined, namespaces) }),
    };
    return shared(policy, { kind: `${policy.kind as string}Binding`, metadata: { name: `${name}-${suffix}` }, spec });
  });
}

/**
 * A namespace that a mode is for, with its parameters. Who may write namespaces is trusted with what is in them.
 *
 * @param parameters as `admissionParameters` makes them
 */
export function admittedNamespace(
  name: string,
  mode: AdmissionMode,
  parameters: Readonly<Record<string, string>>,
): AdmissionObject {
  const content = { metadata: { labels: { [modeLabel(mode)]: "true" }, annotations: { ...parameters } } };
  return { apiVersion: "v1", kind: "Namespace", name, content, create: false };
}

/** The namespace that says what a mode for all namespaces is told, as {@link admittedNamespace} does for one. */
export function admittedCluster(
  mode: AdmissionMode,
  parameters: Readonly<Record<string, string>>,
  left: readonly string[],
): AdmissionObject {
  const labels = { [clusterKey(modeLabel(mode))]: "true" };
  const content = { metadata: { labels, annotations: clusterParameters(mode, parameters, left) } };
  return { apiVersion: "v1", kind: "Namespace", name: CLUSTER_NAMESPACE, content, create: false };
}

function policiesOf(mode: AdmissionMode, version: MutatingVersion): JsonObject[] {
  return [validatingPolicy(), ...(mode === AdmissionMode.Rewrite ? [mutatingPolicy(version)] : [])];
}

function shared({ apiVersion }: JsonObject, { kind, metadata, spec }: JsonObject): AdmissionObject {
  const { name } = metadata as { name: string };
  return {
    apiVersion: apiVersion as string,
    kind: kind as string,
    name,
    content: { spec: spec as JsonObject },
    create: true,
  };
}
