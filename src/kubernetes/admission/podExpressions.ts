import type { PolicyVariable } from "./imageExpressions";

/** Lists of a pod whose items have an `image`, and what messages call their items. */
export const CONTAINER_LISTS = [
  ["containers", "container"],
  ["initContainers", "init container"],
  ["ephemeralContainers", "ephemeral container"],
] as const;

/** Where pods, and what pods are made of, name images. One rule, so that the ledger of a shared policy stays short. */
const PODS = ["pods", "pods/ephemeralcontainers"];
const WORKLOADS = [
  "podtemplates",
  "replicationcontrollers",
  "daemonsets",
  "deployments",
  "replicasets",
  "statefulsets",
  "cronjobs",
  "jobs",
];

const rule = (apiGroups: readonly string[], resources: readonly string[]) => ({
  operations: ["CREATE", "UPDATE"],
  apiGroups: [...apiGroups],
  apiVersions: ["v1"],
  resources: [...resources],
  scope: "Namespaced",
});

export const POD_RULES = [rule([""], PODS)];
export const WORKLOAD_RULES = [rule(["", "apps", "batch"], [...PODS, ...WORKLOADS])];

/** The spec of the pods that an object is, or makes. */
const podSpec = (object: string): string =>
  `has(${object}.template) ? ${object}.template.spec : ` +
  `has(${object}.spec.jobTemplate) ? ${object}.spec.jobTemplate.spec.template.spec : ` +
  `has(${object}.spec.template) ? ${object}.spec.template.spec : ${object}.spec`;

/** A list that may be missing, or null before Kubernetes has looked at the object. */
export const listAt = (spec: string, field: string): string =>
  `(has(${spec}.${field}) && ${spec}.${field} != null ? ${spec}.${field} : [])`;

const imageOf = (container: string): string => `(has(${container}.image) ? string(${container}.image) : "")`;
const HAS_VOLUME_IMAGE = "has(v.image) && has(v.image.reference)";

const textsOf = (spec: string): string =>
  [
    ...CONTAINER_LISTS.map(([list]) => `${listAt(spec, list)}.map(c, ${imageOf("c")})`),
    `${listAt(spec, "volumes")}.filter(v, ${HAS_VOLUME_IMAGE}).map(v, string(v.image.reference))`,
  ].join(" + ");

/** `variables.spec`, and `variables.before`: the images that an object had before an update, which stay as they are. */
export const POD_VARIABLES: readonly PolicyVariable[] = [
  { name: "spec", expression: podSpec("object") },
  { name: "oldSpec", expression: `oldObject == null ? dyn({}) : (${podSpec("oldObject")})` },
  { name: "before", expression: textsOf("variables.oldSpec") },
];

/** The images of an object as maps: `i` is the image, `c` what names it in messages. */
export const NAMED_IMAGES = [
  ...CONTAINER_LISTS.map(
    ([list, word]) =>
      `${listAt("variables.spec", list)}.map(c, {"c": "${word} " + string(c.name), "i": ${imageOf("c")}})`,
  ),
  `${listAt("variables.spec", "volumes")}.filter(v, ${HAS_VOLUME_IMAGE}).map(v, {"c": "volume " + string(v.name), "i": string(v.image.reference)})`,
].join(" + ");

/** The images of a pod with `p`, the JSON pointer that they stand at. */
export const IMAGES_WITH_POINTERS = [
  ...CONTAINER_LISTS.map(
    ([list]) =>
      `${listAt("variables.spec", list)}.transformList(i, c, {"p": "/spec/${list}/" + string(i) + "/image", "i": ${imageOf("c")}})`,
  ),
  `${listAt("variables.spec", "volumes")}.transformList(i, v, ${HAS_VOLUME_IMAGE}, {"p": "/spec/volumes/" + string(i) + "/image/reference", "i": string(v.image.reference)})`,
].join(" + ");
