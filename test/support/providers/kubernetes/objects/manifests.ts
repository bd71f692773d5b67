import { loadAll } from "js-yaml";
import type { KubernetesObject } from "../cluster";

type Listed = KubernetesObject & { readonly items?: KubernetesObject[] };

/** The documents of a YAML stream that are objects, Lists among them. */
export function parseDocuments(yaml: string): Listed[] {
  // Of a key that is there twice the last one counts, as Helm and Kubernetes read it.
  return loadAll(yaml, null, { json: true }).flatMap((document) =>
    (document as Listed | null | undefined)?.kind ? [document as Listed] : [],
  );
}

/** The objects of a YAML stream; empty documents and what has no kind are left out, and Lists are taken apart. */
export function parseManifests(yaml: string): KubernetesObject[] {
  return parseDocuments(yaml).flatMap((object) => (object.kind === "List" ? (object.items ?? []) : [object]));
}

/** `KIND.GROUP/APIVERSION` → the sorted names of a manifest's objects, with their namespace where they state it. */
export function resourceNames(manifest: string): Record<string, string[]> {
  const names = new Map<string, Set<string>>();
  for (const { apiVersion, kind, metadata } of parseManifests(manifest)) {
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const key = `${kind}${group === "" ? "" : `.${group}`}/${apiVersion}`;
    const name = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
    names.set(key, (names.get(key) ?? new Set()).add(name));
  }
  return Object.fromEntries([...names].map(([key, set]) => [key, [...set].sort()]));
}

const hookAnnotation = "helm.sh/hook";

/** The events that a hook waits for, such as `pre-install`; none for an object that is no hook. */
export function hookEvents(object: KubernetesObject): string[] {
  return annotation(object, hookAnnotation)
    .split(",")
    .filter((event) => event !== "")
    .map((event) => event.trim());
}

/** Whether helm deletes a hook's objects once it has succeeded. */
export function deletedOnSuccess(object: KubernetesObject): boolean {
  return annotation(object, "helm.sh/hook-delete-policy")
    .split(",")
    .map((policy) => policy.trim())
    .includes("hook-succeeded");
}

function annotation(object: KubernetesObject, name: string): string {
  const annotations = object.metadata["annotations"] as Record<string, string> | null | undefined;
  return annotations?.[name] ?? "";
}
