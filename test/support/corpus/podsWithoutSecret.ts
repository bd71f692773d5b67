import type { KubernetesObject } from "../providers/kubernetes/cluster";
import { objectName } from "./outsideImages";

interface NamedList {
  readonly [key: string]: unknown;
}

/** The objects with a pod that gets the secret neither itself nor by a service account of the render. */
export function podsWithoutSecret(objects: readonly KubernetesObject[], secret: string): string[] {
  const accounts = new Set(
    objects
      .filter((object) => object.kind === "ServiceAccount" && names(object["imagePullSecrets"]).includes(secret))
      .map(({ metadata }) => metadata.name),
  );
  const without = new Set<string>();
  for (const object of objects) {
    const walk = (here: unknown): void => {
      if (Array.isArray(here)) here.forEach(walk);
      else if (isMap(here)) {
        if (isPodSpec(here)) {
          const account = (here["serviceAccountName"] ?? here["serviceAccount"] ?? "default") as string;
          if (!names(here["imagePullSecrets"]).includes(secret) && !accounts.has(account))
            without.add(objectName(object));
        }
        Object.values(here).forEach(walk);
      }
    };
    if (object.kind !== "CustomResourceDefinition") walk(object);
  }
  return [...without];
}

function isPodSpec(map: NamedList): boolean {
  const { containers } = map;
  return (
    Array.isArray(containers) && containers.some((item: unknown) => isMap(item) && typeof item["image"] === "string")
  );
}

function names(list: unknown): string[] {
  return Array.isArray(list) ? list.flatMap((item: unknown) => (isMap(item) ? String(item["name"]) : [])) : [];
}

function isMap(value: unknown): value is NamedList {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
