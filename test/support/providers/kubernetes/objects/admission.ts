import { isDeepStrictEqual } from "node:util";
import { isMap, type PropertyMap, type PropertyValue } from "../../protocol/propertyValue";
import type { KubernetesObject } from "../cluster";
import { kindOfObject } from "./kinds";

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/**
 * What an API server says of labels that are none, of an object and of the pods that it makes; undefined when they are well.
 *
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/validation/validation.go (ValidateLabels)
 */
export function invalidLabel(object: KubernetesObject): string | undefined {
  const places: readonly string[][] = [
    ["metadata", "labels"],
    ["spec", "selector", "matchLabels"],
    ["spec", "template", "metadata", "labels"],
    ["spec", "template", "spec", "nodeSelector"],
    ["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
  ];
  for (const place of places) {
    const labels = valueAt(object, place);
    if (!isMap(labels)) continue;
    for (const value of Object.values(labels)) {
      if (typeof value !== "string") continue;
      const at = `${place.join(".")}: Invalid value: ${JSON.stringify(value)}`;
      if (value.length > 63) return `${at}: must be no more than 63 bytes`;
      if (!labelValue.test(value))
        return `${at}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`;
    }
  }
  return undefined;
}

const statefulSetFree = [
  ...["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit"],
  ...["persistentVolumeClaimRetentionPolicy", "minReadySeconds"],
];

/**
 * What an API server says of a change that it allows nobody; undefined when it may be.
 *
 * @see https://github.com/kubernetes/kubernetes/tree/v1.34.4/pkg/apis (`Validate…Update` of apps, batch, core, rbac, storage)
 */
export function forbiddenChange(before: KubernetesObject, after: KubernetesObject): string | undefined {
  const changed = (...path: string[]): boolean =>
    !isDeepStrictEqual(valueAt(before, path) ?? null, valueAt(after, path) ?? null);
  const immutable = (...path: string[]): string | undefined =>
    changed(...path) ? `${path.join(".")}: Invalid value: field is immutable` : undefined;
  const { group, kind } = kindOfObject(after);
  switch (`${group}/${kind}`) {
    case "apps/Deployment":
    case "apps/DaemonSet":
    case "apps/ReplicaSet":
      return immutable("spec", "selector");
    case "apps/StatefulSet": {
      const [was, is] = [before, after].map((object) => without(object["spec"], statefulSetFree));
      return isDeepStrictEqual(was, is)
        ? undefined
        : "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    }
    case "batch/Job":
      return immutable("spec", "completions") ?? immutable("spec", "selector") ?? immutable("spec", "template");
    case "/Pod": {
      const [was, is] = [before, after].map(podWithoutImages);
      return isDeepStrictEqual(was, is)
        ? undefined
        : "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
    }
    case "/PersistentVolumeClaim": {
      const [was, is] = [before, after].map((object) =>
        without(object["spec"], ["resources", "volumeAttributesClassName"]),
      );
      return isDeepStrictEqual(was, is)
        ? undefined
        : "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    }
    case "/ConfigMap":
    case "/Secret":
      if (before["immutable"] === true && changed("data"))
        return "data: Forbidden: field is immutable when `immutable` is set";
      return kind === "Secret" ? immutable("type") : undefined;
    case "rbac.authorization.k8s.io/RoleBinding":
    case "rbac.authorization.k8s.io/ClusterRoleBinding":
      return changed("roleRef") ? "roleRef: Invalid value: cannot change roleRef" : undefined;
    case "storage.k8s.io/StorageClass":
      return (
        immutable("provisioner") ??
        (changed("parameters") ? "parameters: Forbidden: updates to parameters are forbidden." : undefined)
      );
    default:
      return undefined;
  }
}

function valueAt(value: PropertyValue | undefined, path: readonly string[]): PropertyValue | undefined {
  return path.reduce<PropertyValue | undefined>((here, key) => (isMap(here) ? here[key] : undefined), value);
}

function without(value: unknown, keys: readonly string[]): PropertyMap {
  if (!isMap(value as PropertyValue)) return {};
  return Object.fromEntries(Object.entries(value as PropertyMap).filter(([key]) => !keys.includes(key)));
}

function podWithoutImages(object: KubernetesObject): PropertyMap {
  const spec = without(object["spec"], ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"]);
  for (const list of ["containers", "initContainers"]) {
    const containers = spec[list];
    if (Array.isArray(containers)) spec[list] = containers.map((container) => without(container, ["image"]));
  }
  return spec;
}
