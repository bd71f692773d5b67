import { isMap } from "../../protocol/propertyValue";
import type { KubernetesObject } from "../cluster";
import { kindOfObject } from "./kinds";

/** An object, and those of the same set that must be there before it. */
export interface OrderedObject {
  readonly object: KubernetesObject;
  readonly needs: readonly KubernetesObject[];
}

/**
 * Objects in an order in which they can be made: a custom resource needs its definition, an object its namespace, and
 * the annotation `config.kubernetes.io/depends-on` names more.
 *
 * @throws Error when objects need each other
 * @see https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/object/graph/depends.go
 */
export function creationOrder(objects: readonly KubernetesObject[]): OrderedObject[] {
  const ordered: OrderedObject[] = [];
  const done = new Set<KubernetesObject>();
  const place = (object: KubernetesObject, path: readonly KubernetesObject[]): void => {
    if (path.includes(object)) throw new Error(`cyclic dependency: ${[...path, object].map(referenceOf).join(" -> ")}`);
    if (done.has(object)) return;
    const needs = objects.filter((other) => other !== object && isNeededBy(other, object));
    for (const need of needs) place(need, [...path, object]);
    done.add(object);
    ordered.push({ object, needs });
  };
  for (const object of objects) place(object, []);
  return ordered;
}

function isNeededBy(other: KubernetesObject, object: KubernetesObject): boolean {
  const { group, kind } = kindOfObject(object);
  const spec = other["spec"];
  if (other.kind === "CustomResourceDefinition" && isMap(spec) && isMap(spec["names"]))
    if (spec["group"] === group && spec["names"]["kind"] === kind) return true;
  if (other.kind === "Namespace" && other.apiVersion === "v1" && other.metadata.name === object.metadata.namespace)
    return true;
  const annotations = object.metadata["annotations"];
  const named = isMap(annotations) ? annotations["config.kubernetes.io/depends-on"] : undefined;
  return typeof named === "string" && named.split(",").some((reference) => reference.trim() === referenceOf(other));
}

/** `GROUP/namespaces/NAMESPACE/KIND/NAME` or `GROUP/KIND/NAME`. */
function referenceOf(object: KubernetesObject): string {
  const { group, kind } = kindOfObject(object);
  const { namespace, name } = object.metadata;
  return [group, ...(namespace ? ["namespaces", namespace] : []), kind, name].join("/");
}
