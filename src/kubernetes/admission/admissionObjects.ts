import type { JsonObject } from "../../json";
import { AdmissionMode } from "./admissionMode";
import { mutatingPolicy, type MutatingVersion } from "./mutatingPolicy";
import { modeLabel } from "./parameters";
import { POD_RULES } from "./podExpressions";
import { matchResources } from "./policyParts";
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
  const namespaces = { matchLabels: { [modeLabel(mode)]: "true" } };
  return policiesOf(mode, version).map((policy) => {
    const { name } = policy.metadata as { name: string };
    const spec = {
      policyName: name,
      ...(policy.kind === "ValidatingAdmissionPolicy"
        ? {
            // What a rewritten pod is made of may name what it wants.
            matchResources: matchResources(mode === AdmissionMode.Rewrite ? POD_RULES : undefined, namespaces),
            validationActions: mode === AdmissionMode.Deny ? ["Deny"] : ["Warn", "Audit"],
          }
        : { matchResources: matchResources(undefined, namespaces) }),
    };
    return shared(policy, { kind: `${policy.kind as string}Binding`, metadata: { name: `${name}-${mode}` }, spec });
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
