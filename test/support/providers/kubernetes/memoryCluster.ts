import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { isMap, type PropertyMap, type PropertyValue } from "../protocol/propertyValue";
import {
  ApiError,
  NotReady,
  type ApplyOptions,
  type Cluster,
  type KubernetesObject,
  type ObjectReference,
  type WriteOptions,
} from "./cluster";
import { forbiddenChange, invalidLabel } from "./objects/admission";
import { isBuiltIn, isNamespaced, kindOfObject, type GroupVersionKind } from "./objects/kinds";
import type { ClusterState, MemoryState, StoredObject } from "./memoryState";
import { applyMergePatch, threeWayMergePatch } from "./objects/mergePatch";

const systemNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

/**
 * A cluster that keeps objects and does nothing with them: no controllers, no pods, so whatever is applied is ready at
 * once, unless the state says that it never is. It checks what an API server checks first: kind, namespace, name, labels,
 * ownership of fields, those that never change, and the form of Secrets.
 */
export class MemoryCluster implements Cluster {
  readonly retryMilliseconds = 20;

  constructor(private readonly state: MemoryState) {}

  /** Makes a new cluster's own objects: the namespaces, each with its service account. */
  static async initialize(state: MemoryState): Promise<void> {
    await state.update((cluster) => {
      for (const name of systemNamespaces)
        createObject(cluster, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, "kube-apiserver");
      for (const stored of cluster.objects) stored.system = true;
    });
  }

  serves(kind: GroupVersionKind): Promise<boolean> {
    return Promise.resolve(isServed(this.state.read(), kind));
  }

  isNamespaced(kind: GroupVersionKind): Promise<boolean | undefined> {
    return Promise.resolve(scopeOf(this.state.read(), kind));
  }

  get(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    return Promise.resolve(findObject(this.state.read(), reference)?.object);
  }

  async create(object: KubernetesObject, { dryRun, fieldManager }: WriteOptions): Promise<KubernetesObject> {
    if (dryRun) return createObject(this.state.read(), object, fieldManager);
    return this.state.update((cluster) => createObject(cluster, object, fieldManager));
  }

  async apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    if (options.dryRun) return applyObject(this.state.read(), object, options);
    return this.state.update((cluster) => applyObject(cluster, object, options));
  }

  async delete(reference: ObjectReference): Promise<void> {
    await this.state.update((cluster) => deleteObject(cluster, reference));
  }

  waitUntilReady(object: KubernetesObject): Promise<KubernetesObject> {
    const name = `${object.kind}/${object.metadata.name}`;
    if (!this.state.read().neverReady.includes(name)) return Promise.resolve(object);
    return Promise.reject(new NotReady(`timed out waiting for ${name} to become ready`, object));
  }
}

/** @throws ApiError as an API server's answer to POST */
export function createObject(cluster: ClusterState, given: KubernetesObject, manager: string): KubernetesObject {
  const object = admit(cluster, given);
  const reference = { kind: kindOfObject(object), ...object.metadata };
  if (findObject(cluster, reference) !== undefined)
    throw new ApiError("AlreadyExists", `${resourceName(cluster, reference.kind)} "${reference.name}" already exists`);
  cluster.writes += 1;
  const created: KubernetesObject = {
    ...object,
    metadata: {
      ...object.metadata,
      uid: randomUUID(),
      resourceVersion: String(cluster.writes),
      creationTimestamp: new Date().toISOString(),
    },
  };
  cluster.objects.push({ object: created, managers: { [manager]: ownFields(object) } });
  if (created.kind === "Namespace" && created.apiVersion === "v1") {
    const metadata = { name: "default", namespace: created.metadata.name };
    createObject(cluster, { apiVersion: "v1", kind: "ServiceAccount", metadata }, "kube-controller-manager");
    (cluster.objects.at(-1) as StoredObject).system = true;
  }
  return created;
}

/** @throws ApiError as an API server's answer to a server-side apply */
export function applyObject(
  cluster: ClusterState,
  given: KubernetesObject,
  { fieldManager, force, takeOver = fieldManager }: Omit<ApplyOptions, "dryRun">,
): KubernetesObject {
  const object = admit(cluster, given);
  const stored = findObject(cluster, { kind: kindOfObject(object), ...object.metadata });
  if (stored === undefined) return createObject(cluster, given, fieldManager);

  const { [fieldManager]: own = {}, ...others } = stored.managers;
  const ours = applyMergePatch(others[takeOver] ?? {}, own);
  delete others[takeOver];
  const wanted = ownFields(object);
  const conflicts = Object.entries(others).flatMap(([manager, fields]) =>
    conflictingFields(fields, wanted, stored.object).map((field) => `conflict with "${manager}": ${field}`),
  );
  if (conflicts.length > 0 && !force)
    throw new ApiError(
      "Conflict",
      `Apply failed with ${conflicts.length} conflict${conflicts.length > 1 ? "s" : ""}: ${conflicts.join("; ")}`,
    );
  const before = stored.object;
  const kept = Object.values(others).reduce<PropertyMap>(without, ours);
  const patch = threeWayMergePatch(kept, wanted, stored.object);
  if (Object.keys(patch).length > 0) {
    const next = applyMergePatch(stored.object, patch) as KubernetesObject;
    const forbidden = forbiddenChange(stored.object, next);
    if (forbidden !== undefined) throw invalid(next, forbidden);
    cluster.writes += 1;
    next.metadata = { ...next.metadata, resourceVersion: String(cluster.writes) };
    stored.object = next;
  }
  const left = Object.entries(others).map(([manager, fields]) => [manager, withoutChanged(fields, wanted, before)]);
  stored.managers = { ...(Object.fromEntries(left) as StoredObject["managers"]), [fieldManager]: wanted };
  return stored.object;
}

/** @throws ApiError NotFound */
export function deleteObject(cluster: ClusterState, reference: ObjectReference): void {
  const stored = findObject(cluster, reference);
  if (stored === undefined)
    throw new ApiError("NotFound", `${resourceName(cluster, reference.kind)} "${reference.name}" not found`);
  const isNamespace = stored.object.kind === "Namespace" && stored.object.apiVersion === "v1";
  cluster.objects = cluster.objects.filter(
    (other) => other !== stored && !(isNamespace && other.object.metadata.namespace === reference.name),
  );
}

export function findObject(
  cluster: ClusterState,
  { kind, name, namespace }: ObjectReference,
): StoredObject | undefined {
  return cluster.objects.find(({ object }) => {
    const { group, kind: own } = kindOfObject(object);
    const { metadata } = object;
    return (
      group === kind.group &&
      own === kind.kind &&
      metadata.name === name &&
      (scopeOf(cluster, kind) === false || (metadata.namespace ?? "default") === (namespace ?? "default"))
    );
  });
}

export function isServed(cluster: ClusterState, kind: GroupVersionKind): boolean {
  return isBuiltIn(kind) || customDefinition(cluster, kind) !== undefined;
}

function scopeOf(cluster: ClusterState, kind: GroupVersionKind): boolean | undefined {
  const scope = customDefinition(cluster, kind)?.["scope"];
  return isNamespaced(kind) ?? (scope === undefined ? undefined : scope === "Namespaced");
}

/** The `spec` of the CustomResourceDefinition that serves a kind. */
function customDefinition(cluster: ClusterState, { group, version, kind }: GroupVersionKind): PropertyMap | undefined {
  for (const { object } of cluster.objects) {
    const spec = object["spec"];
    if (object.kind !== "CustomResourceDefinition" || !isMap(spec)) continue;
    const { names, versions } = spec;
    const served = Array.isArray(versions) && versions.some((entry) => isMap(entry) && entry["name"] === version);
    if (spec["group"] === group && served && isMap(names) && names["kind"] === kind) return spec;
  }
  return undefined;
}

function resourceName(cluster: ClusterState, kind: GroupVersionKind): string {
  const names = customDefinition(cluster, kind)?.["names"];
  const lower = kind.kind.toLowerCase();
  const regular = lower.endsWith("s") ? `${lower}es` : `${lower.replace(/y$/, "ie")}s`;
  const plural = isMap(names) && typeof names["plural"] === "string" ? names["plural"] : regular;
  return kind.group === "" ? plural : `${plural}.${kind.group}`;
}

function invalid(object: KubernetesObject, why: string): ApiError {
  const { group, kind } = kindOfObject(object);
  const type = group === "" ? kind : `${kind}.${group}`;
  return new ApiError("Invalid", `${type} "${object.metadata.name}" is invalid: ${why}`);
}

/** What an API server checks and fills in before it stores an object. */
function admit(cluster: ClusterState, given: KubernetesObject): KubernetesObject {
  const kind = kindOfObject(given);
  if (!isServed(cluster, kind))
    throw new ApiError("NoMatch", `no matches for kind "${kind.kind}" in version "${given.apiVersion}"`);
  const { name } = given.metadata;
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) && !kind.group.startsWith("rbac."))
    throw invalid(
      given,
      `metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
    );

  const label = invalidLabel(given);
  if (label !== undefined) throw invalid(given, label);

  const object: KubernetesObject = { ...given, metadata: { ...given.metadata } };
  if (scopeOf(cluster, kind) === false) delete object.metadata.namespace;
  else {
    const namespace = object.metadata.namespace ?? "default";
    object.metadata.namespace = namespace;
    if (
      !cluster.objects.some((stored) => stored.object.kind === "Namespace" && stored.object.metadata.name === namespace)
    )
      throw new ApiError("NotFound", `namespaces "${namespace}" not found`);
  }
  if (kind.group === "" && kind.kind === "Secret") admitSecret(object);
  if (kind.group === "" && kind.kind === "Namespace") object["status"] = { phase: "Active" };
  if (kind.group === "apiextensions.k8s.io" && kind.kind === "CustomResourceDefinition")
    object["status"] = { conditions: [{ type: "Established", status: "True", reason: "InitialNamesAccepted" }] };
  return object;
}

function admitSecret(object: KubernetesObject): void {
  const { stringData } = object;
  const data: PropertyMap = { ...(isMap(object["data"]) ? object["data"] : {}) };
  if (isMap(stringData))
    for (const [key, text] of Object.entries(stringData)) data[key] = Buffer.from(text as string).toString("base64");
  delete object["stringData"];
  for (const value of Object.values(data))
    if (typeof value !== "string" || Buffer.from(value, "base64").toString("base64") !== value)
      throw new ApiError("Other", 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data');
  if (Object.keys(data).length > 0) object["data"] = data;
  object["type"] ??= "Opaque";
  if (object["type"] !== "kubernetes.io/dockerconfigjson") return;
  const config = data[".dockerconfigjson"];
  if (typeof config !== "string") throw invalid(object, "data[.dockerconfigjson]: Required value");
  try {
    JSON.parse(Buffer.from(config, "base64").toString("utf8"));
  } catch (error) {
    // The value is a secret, and so is what the parser quotes of it.
    throw Object.assign(
      invalid(object, 'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": not JSON'),
      {
        cause: (error as Error).name,
      },
    );
  }
}

/** What a manager owns of an object: all but its identity. */
function ownFields({ apiVersion: _, kind: __, metadata, ...fields }: KubernetesObject): PropertyMap {
  const { name: ___, namespace: ____, ...rest } = metadata;
  return { ...fields, metadata: rest };
}

/** Paths of the leaves that `wanted` would change although another manager owns them. */
function conflictingFields(owned: PropertyMap, wanted: PropertyMap, live: PropertyMap, at = ""): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const [theirs, now] = [owned[key], live[key]];
    if (theirs === undefined) return [];
    if (isMap(theirs) && isMap(value)) return conflictingFields(theirs, value, isMap(now) ? now : {}, `${at}.${key}`);
    return isDeepStrictEqual(now, value) ? [] : [`${at}.${key}`];
  });
}

/** The fields that `wanted` does not take over by force. */
function withoutChanged(owned: PropertyMap, wanted: PropertyMap, live: PropertyMap): PropertyMap {
  const left: PropertyMap = {};
  for (const [key, value] of Object.entries(owned)) {
    const [next, now] = [wanted[key], live[key]];
    if (next === undefined || isDeepStrictEqual(now, next)) left[key] = value;
    else if (isMap(value) && isMap(next)) left[key] = withoutChanged(value, next, isMap(now) ? now : {});
  }
  return left;
}

/** The fields that `other` does not own as well. */
function without(fields: PropertyMap, other: PropertyMap): PropertyMap {
  const left: PropertyMap = {};
  for (const [key, value] of Object.entries(fields)) {
    const theirs: PropertyValue | undefined = other[key];
    if (theirs === undefined) left[key] = value;
    else if (isMap(value) && isMap(theirs)) left[key] = without(value, theirs);
  }
  return left;
}
