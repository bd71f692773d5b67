import type { JsonObject } from "../../json";
import { canonicalImages, EXCEPTED, IN_MIRROR, type PolicyVariable } from "./imageExpressions";
import { RULE_FORMS } from "./parameters";
import { IMAGES_WITH_POINTERS, listAt, POD_RULES, POD_VARIABLES } from "./podExpressions";
import { PARAMETER_VARIABLES, parametersOf, policyObject, policySpec } from "./policyParts";

/** Versions of the API that have the policy, the best first. Version 1.34 of Kubernetes has the second, behind a gate. */
export const MUTATING_VERSIONS = ["v1", "v1beta1"] as const;
export type MutatingVersion = (typeof MUTATING_VERSIONS)[number];

const TAG = `":[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}$"`;
const COMPONENT = "[a-z0-9]+((\\\\.|_|__|-+)[a-z0-9]+)*";
const PATH = `"^${COMPONENT}(/${COMPONENT})*$"`;
const DIGEST = `"^(@(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$"`;

const VARIABLES: readonly PolicyVariable[] = [
  ...PARAMETER_VARIABLES,
  parametersOf("secrets", "secret"),
  parametersOf("knownTexts", "image"),
  // What is not written as this package does would fail for all pods.
  { name: "known", expression: `variables.knownTexts.map(k, k.split(" ")).filter(k, size(k) > 2)` },
  parametersOf("ruleTexts", "rule"),
  { name: "rules", expression: `variables.ruleTexts.map(k, k.split(" ")).filter(k, size(k) == 3)` },
  ...POD_VARIABLES,
  {
    name: "judged",
    expression: `(${IMAGES_WITH_POINTERS}).filter(j, !(j.i in variables.before) && j.i != "")`,
  },
  ...canonicalImages("judged", "images", ["p"]),
  {
    name: "suffixed",
    expression:
      `variables.images.filter(j, !${IN_MIRROR} && !${EXCEPTED}).map(j, {"p": j.p, "f": j.f, "w": j.w, ` +
      `"t": j.w.split("@", 2)[0].find(${TAG}), "d": (j.w.contains("@") ? j.w.substring(j.w.indexOf("@")) : "")})`,
  },
  {
    name: "parts",
    expression:
      `variables.suffixed.map(j, {"p": j.p, "t": j.t, "d": j.d, ` +
      `"n": j.f.substring(0, size(j.f) - size(j.t) - size(j.d)), "w": j.w.substring(0, size(j.w) - size(j.t) - size(j.d)), ` +
      // What a manifest is asked for by: the digest where there is one.
      `"k": (j.d != "" ? j.d : j.t != "" ? j.t : ":latest")})`,
  },
  {
    // The repositories that an image may have in the mirror. Several mirrors may share parameters, whose order is none.
    name: "targets",
    expression:
      `variables.parts.map(j, {"p": [j.p], "s": [j.t + j.d], "known": variables.known.filter(e, e[0] == j.n && j.k in e).map(e, e[1]), ` +
      `"rules": (j.w.matches(${PATH}) && j.d.matches(${DIGEST}) ? variables.rules.filter(r, j.n.startsWith(r[0])) : [])` +
      `.map(r, [r[0], (r[2] == "${RULE_FORMS.stays}" ? "" : r[1] + (r[2] == "${RULE_FORMS.path}" ? j.w : j.n.substring(size(r[0]))))])` +
      `.map(r, r[0] + " " + r[1])})`,
  },
  {
    // The longest beginning decides, as in the layout.
    name: "chosen",
    expression:
      `variables.targets.map(j, {"p": j.p, "s": j.s, "v": (size(j.known) > 0 ? j.known : ` +
      `j.rules.filter(r, j.rules.all(o, size(o.split(" ")[0]) <= size(r.split(" ")[0]))).map(r, r.split(" ")[1]).filter(v, v != ""))})`,
  },
  {
    name: "moved",
    expression: `variables.chosen.filter(j, size(j.v) > 0).map(j, {"p": j.p[0], "v": j.v.min() + j.s[0]})`,
  },
  {
    name: "missingSecrets",
    expression:
      `request.operation == "CREATE" && (size(variables.moved) > 0 || variables.images.exists(j, ${IN_MIRROR})) ? ` +
      `variables.secrets.filter(s, !${listAt("object.spec", "imagePullSecrets")}.exists(o, has(o.name) && o.name == s)) : []`,
  },
];

const MUTATION =
  `variables.moved.map(m, JSONPatch{op: "replace", path: m.p, value: m.v}) + ` +
  `(size(variables.missingSecrets) == 0 ? [] : size(${listAt("object.spec", "imagePullSecrets")}) == 0 ? ` +
  `[JSONPatch{op: "add", path: "/spec/imagePullSecrets", value: variables.missingSecrets.map(s, {"name": s})}] : ` +
  `variables.missingSecrets.map(s, JSONPatch{op: "add", path: "/spec/imagePullSecrets/-", value: {"name": s}}))`;

/**
 * The policy that names the mirror's image in place of each one that the mirror has or serves, in pods alone: what makes
 * them would put back what was changed in its own object. What cannot be evaluated leaves a pod as it is, of which the
 * binding of the {@link validatingPolicy} warns.
 */
export function mutatingPolicy(version: MutatingVersion): JsonObject {
  return policyObject(version, "MutatingAdmissionPolicy", {
    ...policySpec(POD_RULES, VARIABLES),
    mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: MUTATION } }],
    failurePolicy: "Ignore",
    reinvocationPolicy: "IfNeeded",
  });
}
