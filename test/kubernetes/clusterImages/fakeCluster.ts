import type { JsonObject } from "../../../src/json";
import { isMap } from "../../../src/json";
import type { ClusterReader } from "../../../src/kubernetes/clusterImages/clusterReader";

/** Kinds as an API server lists them; cluster-scoped ones are `false`. */
const KINDS: readonly (readonly [apiVersion: string, kind: string, resource: string, namespaced?: false])[] = [
  ["v1", "Namespace", "namespaces", false],
  ["v1", "Pod", "pods"],
  ["v1", "Event", "events"],
  ["v1", "ReplicationController", "replicationcontrollers"],
  ["apps/v1", "Deployment", "deployments"],
  ["apps/v1", "ReplicaSet", "replicasets"],
  ["apps/v1", "StatefulSet", "statefulsets"],
  ["apps/v1", "DaemonSet", "daemonsets"],
  ["batch/v1", "Job", "jobs"],
  ["batch/v1", "CronJob", "cronjobs"],
  ["kafka.test/v1", "Kafka", "kafkas"],
  ["kafka.test/v1", "PodSet", "podsets"],
];

const base = (apiVersion: string): string => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

/**
 * A cluster with these objects, which answers as an API server does: lists in pages, without the kind of their items.
 *
 * @param refused resources that this user may not read
 */
export function fakeCluster(objects: readonly JsonObject[], refused: readonly string[] = [], page = 2): ClusterReader {
  const metadata = (object: JsonObject): JsonObject => (isMap(object.metadata) ? object.metadata : {});
  return {
    namespace: "default",
    read(path) {
      const url = new URL(path, "https://cluster.test");
      const answer = (status: number, object: JsonObject) => Promise.resolve({ status, object });
      for (const [apiVersion, kind, resource, namespaced = true] of KINDS) {
        if (url.pathname === base(apiVersion)) {
          const resources = KINDS.filter(([version]) => version === apiVersion).map(
            ([, kind, name, scoped = true]) => ({
              kind,
              name,
              namespaced: scoped,
            }),
          );
          return answer(200, { resources: [{ kind, name: `${resource}/status`, namespaced }, ...resources] });
        }
        const match = new RegExp(`^${base(apiVersion)}(?:/namespaces/([^/]+))?/${resource}(?:/([^/]+))?$`).exec(
          url.pathname,
        );
        if (!match) continue;
        const [, namespace, name] = match;
        if (refused.includes(resource)) return answer(403, { message: `${resource} is forbidden` });
        const items = objects.filter(
          (object) =>
            object.apiVersion === apiVersion &&
            object.kind === kind &&
            (namespace === undefined || metadata(object).namespace === namespace) &&
            (name === undefined || metadata(object).name === name),
        );
        if (name !== undefined) return items[0] ? answer(200, items[0]) : answer(404, { message: "not found" });
        const from = Number(url.searchParams.get("continue") ?? 0);
        const bare = items.slice(from, from + page).map(({ kind: _kind, apiVersion: _version, ...rest }) => rest);
        const more: JsonObject = from + page < items.length ? { continue: String(from + page) } : {};
        return answer(200, { items: bare, metadata: more });
      }
      return answer(404, { message: "not found" });
    },
  };
}

/** An object; its uid is its kind and name. */
export function object(
  apiVersion: string,
  kind: string,
  name: string,
  rest: JsonObject = {},
  owner?: JsonObject,
  metadata: JsonObject = {},
): JsonObject {
  const own = (owner?.metadata ?? {}) as JsonObject;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(kind !== "Namespace" && { namespace: "shop" }),
      uid: `${kind}-${name}`,
      ...(owner && {
        ownerReferences: [
          {
            apiVersion: owner.apiVersion ?? "",
            kind: owner.kind ?? "",
            name: own.name ?? "",
            uid: own.uid ?? "",
            controller: true,
          },
        ],
      }),
      ...metadata,
    },
    ...rest,
  };
}

export const containers = (...images: readonly (readonly [name: string, image: string])[]): JsonObject => ({
  containers: images.map(([name, image]) => ({ name, image })),
});
export const template = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } });

/** What the API server keeps of who wrote the image of a container. */
export const setBy = (manager: string, spec: readonly string[], container: string, time = "1"): JsonObject => ({
  managedFields: [
    {
      manager,
      time,
      fieldsV1: [
        ...spec.map((key) => `f:${key}`),
        "f:containers",
        `k:{"name":"${container}"}`,
        "f:image",
      ].reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), {}),
    },
  ],
});
