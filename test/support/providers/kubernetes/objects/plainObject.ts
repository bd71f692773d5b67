import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  hasUnknowns,
  isMap,
  plain,
  stripSecrets,
  type PropertyMap,
  type PropertyValue,
} from "../../protocol/propertyValue";
import {
  InitializationFailed,
  type Checked,
  type Created,
  type Diff,
  type DiffRequest,
  type ReadResult,
  type Resource,
  type UpdateRequest,
} from "../../protocol/resourceProvider";
import { ApiError, NotReady, referenceTo, type ApplyOptions, type Cluster, type KubernetesObject } from "../cluster";
import {
  apiVersionOf,
  isBuiltIn,
  isNamespaced,
  isPatch,
  kindOfType,
  replacingProperties,
  type GroupVersionKind,
} from "./kinds";
import { mergePatch } from "./mergePatch";
import { checkpoint, importedInputs, managerOf, markSecrets, normalized, parseCheckpoint } from "./objectState";
import { patchDiff } from "./patchDiff";
import type { ProviderSettings } from "../providerSettings";
import { pruneTo } from "./prune";
import { resourceSchema, schemaFailures } from "./schema";

const autonamed = "pulumi.com/autonamed";

/** Who creates objects by POST; the first update moves its fields to the manager of the state (await.go, Creation). */
const CREATOR = "pulumi-kubernetes";

/**
 * Any object of the Kubernetes API as the real provider has it: the same names, defaults, differences and errors, and
 * server-side apply.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go
 */
export class PlainObjectResource {
  constructor(
    private readonly cluster: Cluster | { readonly unreachable: string },
    private readonly settings: ProviderSettings,
  ) {}

  async check({ type, name }: Resource, olds: PropertyMap, news: PropertyMap): Promise<Checked> {
    const kind = kindOfType(type);
    const schema = resourceSchema(type);
    const failures = schema === undefined ? [] : schemaFailures(schema, news);
    if (kind.kind.endsWith("List") && isBuiltIn(kind))
      throw new Error(
        "list resources exist for compatibility with YAML manifests and Helm charts, and cannot be created directly. Use the underlying resource type instead",
      );
    if (failures.length > 0) return { inputs: news, failures };

    const inputs = normalized(stripSecrets(news));
    const metadata: PropertyMap = isMap(inputs["metadata"]) ? { ...inputs["metadata"] } : {};
    inputs["metadata"] = metadata;
    if (isPatch(type)) {
      if (!this.settings.serverSideApply)
        throw new Error(
          "patch resources require Server-Side Apply mode, which is enabled using the `enableServerSideApply` Provider config",
        );
      if (isUnset(metadata["name"])) throw new Error("patch resources require the `.metadata.name` field to be set");
    }
    if (metadata["generateName"] !== undefined && isUnset(metadata["name"]) && this.settings.serverSideApply)
      throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
    if (isUnset(metadata["name"])) {
      const old = isMap(olds["metadata"]) ? olds["metadata"] : {};
      const adopted = isAutonamed(old) ? old["name"] : undefined;
      if (adopted !== undefined || Object.keys(olds).length === 0) {
        metadata["name"] = adopted ?? `${name}-${randomBytes(4).toString("hex")}`;
        metadata["annotations"] = { ...(metadata["annotations"] as PropertyMap | undefined), [autonamed]: "true" };
      }
    }
    if (isUnset(metadata["namespace"]) && this.settings.defaultNamespace !== "") {
      if ((await this.namespaced(kind)) ?? true) metadata["namespace"] = this.settings.defaultNamespace;
    }
    return { inputs: markSecrets(inputs, news) };
  }

  async diff({ type }: Resource, { olds, news, ignoreChanges }: DiffRequest): Promise<Diff> {
    const newInputs = normalized(stripSecrets(news));
    const { oldInputs, live } = parseCheckpoint(olds);
    const old = pruneTo(live, normalized(oldInputs));
    const metadata = (map: PropertyMap) => (map["metadata"] ??= {}) as PropertyMap;
    if ((await this.namespaced(kindOfType(type))) ?? true) {
      for (const side of [old, newInputs]) metadata(side)["namespace"] ||= "default";
    } else {
      for (const side of [old, newInputs]) delete metadata(side)["namespace"];
    }
    if (metadata(newInputs)["name"] !== undefined) metadata(old)["name"] = metadata(live)["name"] ?? null;
    delete metadata(old)["resourceVersion"];

    const patch = mergePatch(plain(old) as PropertyMap, plain(newInputs) as PropertyMap);
    const replacing = isPatch(type)
      ? [".metadata.name", ".metadata.namespace"]
      : replacingProperties(newInputs as KubernetesObject, this.settings.mutable);
    const details = Object.fromEntries(
      Object.entries(patchDiff(patch, old, newInputs, old, replacing)).filter(
        ([path]) => !ignoreChanges.some((ignored) => path === ignored || /^[.[]/.test(pathBelow(path, ignored))),
      ),
    );
    const replaces = Object.keys(details).filter((path) => details[path]?.kind.endsWith("-replace"));
    const name = metadata(newInputs)["name"];
    const deleteBeforeReplace =
      replaces.length > 0 &&
      !isAutonamed(metadata(newInputs)) &&
      name === metadata(live)["name"] &&
      metadata(newInputs)["namespace"] === metadata(live)["namespace"];
    return { changes: Object.keys(details).length > 0, replaces, deleteBeforeReplace, details };
  }

  async create({ type, urn }: Resource, inputs: PropertyMap, preview: boolean): Promise<Created> {
    const kind = kindOfType(type);
    if (
      preview &&
      (hasUnknowns(inputs) || isPatch(type) || !this.settings.serverSideApply || !(await this.serves(kind)))
    )
      return { id: "", state: inputs };
    const cluster = this.reachable();
    const object = plain(inputs) as KubernetesObject;
    const options = {
      dryRun: preview,
      fieldManager: fieldManager(object) ?? `pulumi-kubernetes-${randomBytes(4).toString("hex")}`,
      force: preview || this.forces(object),
    };
    let live: KubernetesObject;
    try {
      live = await retryMissing(cluster, preview, () =>
        isPatch(type) || this.settings.upsertExistingObjects
          ? cluster.apply(object, options)
          : cluster.create(object, { ...options, fieldManager: CREATOR }),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { reason } = error;
      // What may be there by then is no reason to fail a preview.
      if (preview && ["AlreadyExists", "Forbidden", "NotFound"].includes(reason)) return { id: "", state: inputs };
      throw new Error(creationError(urn, kind, error), { cause: error });
    }
    if (preview) {
      const { status: _, ...shown } = live;
      return { id: "", state: checkpoint(object, shown, inputs, options.fieldManager) };
    }
    const id = idOf(live);
    try {
      live = await cluster.waitUntilReady(live);
    } catch (error) {
      if (!(error instanceof NotReady)) throw error;
      throw new InitializationFailed(
        `resource ${JSON.stringify(urn)} was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: ${error.message}`,
        id,
        checkpoint(object, error.live, inputs, options.fieldManager),
      );
    }
    return { id, state: checkpoint(object, live, inputs, options.fieldManager) };
  }

  async update({ type, urn }: Resource, { olds, news, ignoreChanges, preview }: UpdateRequest): Promise<PropertyMap> {
    const kind = kindOfType(type);
    if (preview && (hasUnknowns(news) || !(await this.serves(kind)))) return news;
    const cluster = this.reachable();
    const object = plain(normalized(stripSecrets(news))) as KubernetesObject;
    const manager = fieldManager(object) ?? managerOf(olds);
    const options: ApplyOptions = {
      dryRun: preview,
      fieldManager: manager,
      force: this.forces(object),
      takeOver: CREATOR,
    };
    let live: KubernetesObject;
    try {
      const reference = referenceTo(object, kind);
      const before = await cluster.get(reference);
      if (before === undefined) throw new ApiError("NotFound", `${kind.kind} "${reference.name}" not found`);
      live = await cluster.apply(keepIgnored(object, before, ignoreChanges), options);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (preview && error.reason === "Forbidden") return news;
      throw new Error(`update of resource ${JSON.stringify(urn)} failed: ${error.message}`, { cause: error });
    }
    if (preview) return checkpoint(object, live, news, manager);
    try {
      live = await cluster.waitUntilReady(live);
    } catch (error) {
      if (!(error instanceof NotReady)) throw error;
      throw new InitializationFailed(
        `the Kubernetes API server reported that ${JSON.stringify(idOf(live))} failed to fully initialize or become live: ${error.message}`,
        idOf(live),
        checkpoint(object, error.live, news, manager),
      );
    }
    return checkpoint(object, live, news, manager);
  }

  async read({ type }: Resource, id: string, state: PropertyMap, inputs: PropertyMap): Promise<ReadResult | undefined> {
    const cluster = this.reachable(
      'failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"',
    );
    const kind = kindOfType(type);
    const [name = "", namespace] = id.split("/").reverse();
    let live: KubernetesObject | undefined;
    try {
      live = await cluster.get({ kind, name, ...(namespace !== undefined && { namespace }) });
    } catch (error) {
      if (error instanceof ApiError && error.reason === "NoMatch") return undefined;
      throw error;
    }
    if (live === undefined) return undefined;
    const known = normalized(stripSecrets(inputs));
    const unread = Object.keys(known).length === 0;
    const liveInputs = unread ? importedInputs(type, live) : pruneTo(live, known);
    const manager = managerOf(state);
    return { id, state: checkpoint(liveInputs, live, inputs, manager), inputs: markSecrets(liveInputs, inputs) };
  }

  async delete({ type }: Resource, id: string, state: PropertyMap): Promise<void> {
    const cluster = this.reachable();
    const kind = kindOfType(type);
    const [name = "", namespace] = id.split("/").reverse();
    const reference = { kind, name, ...(namespace !== undefined && { namespace }) };
    try {
      if (!isPatch(type)) return await cluster.delete(reference);
      // Applying nothing gives up every field that was ours.
      if ((await cluster.get(reference)) === undefined) return;
      const metadata = { name, ...(namespace !== undefined && { namespace }) };
      const nothing = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
      await cluster.apply(nothing, { dryRun: false, fieldManager: managerOf(state), force: true });
    } catch (error) {
      if (error instanceof ApiError && ["NotFound", "NoMatch"].includes(error.reason)) return;
      throw error;
    }
  }

  private reachable(otherwise?: string): Cluster {
    if (!("unreachable" in this.cluster)) return this.cluster;
    throw new Error(otherwise ?? `configured Kubernetes cluster is unreachable: ${this.cluster.unreachable}`);
  }

  private async serves(kind: GroupVersionKind): Promise<boolean> {
    return !("unreachable" in this.cluster) && this.cluster.serves(kind);
  }

  private async namespaced(kind: GroupVersionKind): Promise<boolean | undefined> {
    const known = isNamespaced(kind);
    return known ?? ("unreachable" in this.cluster ? undefined : await this.cluster.isNamespaced(kind));
  }

  private forces(object: KubernetesObject): boolean {
    return this.settings.patchForce || annotation(object, "pulumi.com/patchForce") === "true";
  }
}

/** Namespaces and kinds may be about to come: what failed for the lack of them is tried again for a while. */
async function retryMissing<T>(cluster: Cluster, once: boolean, attempt: () => Promise<T>): Promise<T> {
  for (let retries = once ? 0 : 5, pause = cluster.retryMilliseconds; ; retries--, pause *= 2) {
    try {
      return await attempt();
    } catch (error) {
      const missing = error instanceof ApiError && ["NotFound", "NoMatch"].includes(error.reason);
      if (!missing || retries === 0) throw error;
      await sleep(pause);
    }
  }
}

function creationError(urn: string, kind: GroupVersionKind, { reason, message }: ApiError): string {
  if (reason === "NoMatch")
    return `creation of resource ${JSON.stringify(urn)} with kind ${apiVersionOf(kind)}/${kind.kind} failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${message}`;
  return `resource ${JSON.stringify(urn)} was not successfully created by the Kubernetes API server: ${message}`;
}

function annotation(object: KubernetesObject, name: string): PropertyValue | undefined {
  const annotations = object.metadata["annotations"];
  return isMap(annotations) ? annotations[name] : undefined;
}

function fieldManager(object: KubernetesObject): string | undefined {
  const manager = annotation(object, "pulumi.com/patchFieldManager");
  return typeof manager === "string" && manager !== "" ? manager : undefined;
}

function isAutonamed(metadata: PropertyMap): boolean {
  const annotations = stripSecrets(metadata["annotations"] ?? null);
  return isMap(annotations) && annotations[autonamed] === "true";
}

function isUnset(value: PropertyValue | undefined): boolean {
  return value === undefined || value === null || value === "";
}

function idOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

/** What of a property path lies below another; empty where it does not. */
function pathBelow(path: string, above: string): string {
  return path.startsWith(above) ? path.slice(above.length) : "";
}

/** The object with what the cluster has of ignored properties, so that it is neither changed nor taken away (await.go, handleSSAIgnoreFields). */
function keepIgnored(object: KubernetesObject, live: KubernetesObject, ignored: readonly string[]): KubernetesObject {
  const kept = structuredClone(object);
  for (const path of ignored) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let [from, to]: PropertyValue[] = [live, kept];
    for (const key of keys) {
      from = isMap(from) ? (from[key] ?? null) : null;
      if (isMap(to)) to = to[key] ??= {};
    }
    if (isMap(from) && isMap(to) && from[last] !== undefined) to[last] = from[last];
  }
  return kept;
}
