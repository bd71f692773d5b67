import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { PropertyMap } from "../protocol/propertyValue";
import {
  ApiError,
  NotReady,
  referenceTo,
  type ApiErrorReason,
  type ApplyOptions,
  type Cluster,
  type KubernetesObject,
  type ObjectReference,
  type WriteOptions,
} from "./cluster";
import type { Connection } from "./kubeconfig";
import { apiVersionOf, kindOfObject, type GroupVersionKind } from "./objects/kinds";
import { readiness } from "./objects/readiness";

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: PropertyMap;
}

/** How long objects have to become ready or to be gone, as in the real provider. */
const patienceMilliseconds = 10 * 60_000;

/** A cluster behind its API server. */
export class ApiServer implements Cluster {
  readonly retryMilliseconds = 1000;
  private readonly agent: http.Agent;
  private readonly kinds = new Map<string, readonly ApiResource[]>();

  /** @param cancelled ends the waiting for objects */
  constructor(
    private readonly connection: Connection,
    private readonly cancelled?: AbortSignal,
  ) {
    const { certificateAuthority, clientCertificate, clientKey, insecure, server } = connection;
    this.agent = server.startsWith("https:")
      ? new https.Agent({
          keepAlive: true,
          rejectUnauthorized: !insecure,
          ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
          ...(clientCertificate !== undefined && { cert: clientCertificate }),
          ...(clientKey !== undefined && { key: clientKey }),
        })
      : new http.Agent({ keepAlive: true });
  }

  /** The server's version, such as `v1.34.4`. @throws Error when it cannot be reached */
  async version(): Promise<string> {
    const { status, body } = await this.request("GET", "/version");
    if (status !== 200) throw new Error(`the server answered ${status}: ${message(body)}`);
    return body["gitVersion"] as string;
  }

  /** Every group version, and every kind in it, as helm's capabilities name them. */
  async apiVersions(): Promise<string[]> {
    const { body } = await this.request("GET", "/apis");
    const groups = (body["groups"] ?? []) as unknown as { versions: { groupVersion: string }[] }[];
    const versions = ["v1", ...groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion))];
    const named = await Promise.all(
      versions.map(async (version) => {
        const resources = await this.resources(version);
        return [version, ...resources.map(({ kind }) => `${version}/${kind}`)];
      }),
    );
    return [...new Set(named.flat())];
  }

  async serves(kind: GroupVersionKind): Promise<boolean> {
    return (await this.resource(kind)) !== undefined;
  }

  async isNamespaced(kind: GroupVersionKind): Promise<boolean | undefined> {
    return (await this.resource(kind))?.namespaced;
  }

  async get(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    const { status, body } = await this.request("GET", await this.path(reference));
    if (status === 404) return undefined;
    return success(status, body);
  }

  async create(object: KubernetesObject, options: WriteOptions): Promise<KubernetesObject> {
    const reference = referenceTo(object, kindOfObject(object));
    if ((await this.get(reference)) !== undefined) {
      const { name: plural = "" } = (await this.resource(reference.kind)) ?? {};
      throw new ApiError("AlreadyExists", `${plural} "${reference.name}" already exists`);
    }
    return this.apply(object, { ...options, force: true });
  }

  async apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    const reference = referenceTo(object, kindOfObject(object));
    const path = await this.path(reference);
    const taken = await this.takeOver(reference, options);
    const query = new URLSearchParams({ fieldManager: options.fieldManager, force: String(options.force || taken) });
    if (options.dryRun) query.set("dryRun", "All");
    // JSON is YAML.
    const { status, body } = await this.request(
      "PATCH",
      `${path}?${query.toString()}`,
      object,
      "application/apply-patch+yaml",
    );
    if (object.kind === "CustomResourceDefinition") this.kinds.clear();
    return success(status, body);
  }

  /**
   * Gives the fields of another manager to the writer, as the real provider does with what it created; whether a dry run, in
   * which nothing is given, has to take them by force.
   */
  private async takeOver(
    reference: ObjectReference,
    { takeOver, fieldManager, dryRun }: ApplyOptions,
  ): Promise<boolean> {
    if (takeOver === undefined || takeOver === fieldManager) return false;
    const live = await this.get(reference);
    const fields = (live?.metadata["managedFields"] ?? []) as unknown as { manager: string }[];
    if (!fields.some(({ manager }) => manager === takeOver)) return false;
    if (dryRun) return true;
    const given = fields.map((entry) =>
      entry.manager === takeOver ? { ...entry, manager: fieldManager, operation: "Apply" } : entry,
    );
    const patch = { metadata: { managedFields: given, resourceVersion: live?.metadata["resourceVersion"] } };
    const { status, body } = await this.request(
      "PATCH",
      await this.path(reference),
      patch as unknown as PropertyMap,
      "application/merge-patch+json",
    );
    success(status, body);
    return false;
  }

  /** Deletes without waiting for finalizers. @throws ApiError `NotFound` */
  async requestDeletion(reference: ObjectReference): Promise<void> {
    const path = await this.path(reference);
    const { status, body } = await this.request("DELETE", `${path}?propagationPolicy=Background`);
    success(status, body);
  }

  async delete(reference: ObjectReference): Promise<void> {
    await this.requestDeletion(reference);
    const deadline = Date.now() + patienceMilliseconds;
    while ((await this.get(reference)) !== undefined) {
      if (Date.now() > deadline) throw new Error(`timed out waiting for ${reference.name} to be deleted`);
      await sleep(200);
    }
  }

  async waitUntilReady(object: KubernetesObject): Promise<KubernetesObject> {
    const reference = referenceTo(object, kindOfObject(object));
    const deadline = Date.now() + patienceMilliseconds;
    for (let live: KubernetesObject | undefined = object; ; live = await this.get(reference)) {
      if (live === undefined) throw new NotReady(`${object.kind} ${reference.name} was deleted`, object);
      const { ready, failed, why } = readiness(live);
      if (ready) return live;
      if (failed || Date.now() > deadline) throw new NotReady(why, live);
      // As in the provider's await/error.go.
      if (this.cancelled?.aborted)
        throw new NotReady(`Resource operation was cancelled for ${JSON.stringify(reference.name)}`, live);
      await sleep(500, undefined, this.cancelled && { signal: this.cancelled }).catch(() => undefined);
    }
  }

  private async path({ kind, name, namespace }: ObjectReference): Promise<string> {
    const resource = await this.resource(kind);
    const version = apiVersionOf(kind);
    if (resource === undefined)
      throw new ApiError("NoMatch", `no matches for kind "${kind.kind}" in version "${version}"`);
    const scope = resource.namespaced
      ? `/namespaces/${encodeURIComponent(namespace ?? this.connection.namespace)}`
      : "";
    return `${groupPath(version)}${scope}/${resource.name}/${encodeURIComponent(name)}`;
  }

  private async resource(kind: GroupVersionKind): Promise<ApiResource | undefined> {
    const resources = await this.resources(apiVersionOf(kind));
    return resources.find(({ kind: served, name }) => served === kind.kind && !name.includes("/"));
  }

  private async resources(version: string): Promise<readonly ApiResource[]> {
    const known = this.kinds.get(version);
    if (known !== undefined) return known;
    const { status, body } = await this.request("GET", groupPath(version));
    if (status !== 200) return [];
    const resources = body["resources"] as unknown as readonly ApiResource[];
    this.kinds.set(version, resources);
    return resources;
  }

  private request(method: string, path: string, body?: PropertyMap, type = "application/json"): Promise<Answer> {
    const { server, token } = this.connection;
    const url = new URL(path, `${server.replace(/\/$/, "")}/`);
    const headers = {
      accept: "application/json",
      ...(body && { "content-type": type }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    return new Promise((resolve, reject) => {
      const call = (url.protocol === "https:" ? https : http).request(url, { method, headers, agent: this.agent });
      call.on("error", reject);
      call.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("error", reject);
        response.on("end", () => {
          try {
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as PropertyMap });
          } catch {
            resolve({ status: response.statusCode ?? 0, body: { message: text } });
          }
        });
      });
      call.end(body && JSON.stringify(body));
    });
  }
}

function groupPath(version: string): string {
  return version.includes("/") ? `/apis/${version}` : `/api/${version}`;
}

const reasons: readonly ApiErrorReason[] = ["AlreadyExists", "NotFound", "Conflict", "Forbidden", "Invalid"];

function success(status: number, body: PropertyMap): KubernetesObject {
  if (status < 300) return body as KubernetesObject;
  throw new ApiError(reasons.find((reason) => reason === body["reason"]) ?? "Other", message(body));
}

function message(body: PropertyMap): string {
  return typeof body["message"] === "string" ? body["message"] : JSON.stringify(body);
}
