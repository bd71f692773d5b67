import { apiServerReason } from "../cluster/apiServerReason";
import type { Json, JsonObject } from "../json";
import { childOf } from "../ownKeys";
import { UsesUnknownError } from "./pruneErrors";
import type { Use } from "./use";
import { usesOfObject, type UseSearch } from "./usesOfObject";
import { usesOfRelease } from "./usesOfRelease";

/** A cluster whose objects are read. */
export interface ReadCluster {
  /** For words: `of the context prod`. */
  readonly where: string;
  /** All objects of a kind in all namespaces, a page at a time. @throws whatever keeps it from being whole */
  list(kind: ListedKind): AsyncIterable<readonly JsonObject[]>;
}

/** Objects of a kind, as the API server is asked for them. */
export interface ListedKind {
  /** `/apis/apps/v1/deployments`. */
  readonly path: string;
  readonly labelSelector?: string;
  /** Objects that are asked for at a time: a Secret may have a megabyte. */
  readonly page: number;
}

/** Everything that Kubernetes makes pods of, or may make some of again, such as the revisions that a rollout goes back to. */
const WORKLOADS = [
  "/api/v1/pods",
  "/api/v1/replicationcontrollers",
  "/api/v1/podtemplates",
  "/apis/apps/v1/deployments",
  "/apis/apps/v1/replicasets",
  "/apis/apps/v1/statefulsets",
  "/apis/apps/v1/daemonsets",
  "/apis/apps/v1/controllerrevisions",
  "/apis/batch/v1/jobs",
  "/apis/batch/v1/cronjobs",
];

/** Where helm keeps releases ({@link https://helm.sh/docs/topics/advanced/#storage-backends}). */
const RELEASES = ["/api/v1/secrets", "/api/v1/configmaps"];

/**
 * What a cluster needs of the mirror: its pods, what it makes pods of, and every revision that helm keeps.
 *
 * @throws {UsesUnknownError} where any of it cannot be read as a whole
 */
export async function clusterUses(cluster: ReadCluster, search: UseSearch): Promise<Use[]> {
  const uses: Use[] = [];
  for (const path of WORKLOADS)
    await each(cluster, { path, page: 250 }, (object) => {
      const kind = (path.split("/").at(-1) as string).replace(/s$/, "");
      for (const use of usesOfObject(object, search, `${kind} ${nameOf(object)} ${cluster.where}`)) uses.push(use);
    });
  for (const path of RELEASES)
    await each(cluster, { path, labelSelector: "owner=helm", page: 20 }, (object) => {
      const text = childOf(childOf(object, "data"), "release");
      // Others may use helm's label, too.
      if (typeof text !== "string" && !nameOf(object).includes("/sh.helm.release.v1.")) return;
      try {
        if (typeof text !== "string") throw new Error("it holds none");
        for (const use of usesOfRelease(text, search, cluster.where)) uses.push(use);
      } catch {
        // What a parser quotes may be a password of the release's.
        throw new UsesUnknownError(
          `Reading helm's release in the ${path.endsWith("secrets") ? "Secret" : "ConfigMap"} ${nameOf(object)} ${cluster.where}`,
          "what it holds is no release of helm's",
          "Delete it where no release needs it: helm cannot roll back to it either",
        );
      }
    });
  return distinct(uses);
}

async function each(cluster: ReadCluster, kind: ListedKind, take: (object: JsonObject) => void): Promise<void> {
  try {
    for await (const page of cluster.list(kind)) for (const object of page) take(object);
  } catch (error) {
    if (error instanceof UsesUnknownError) throw error;
    const what = kind.path.split("/").at(-1) as string;
    throw new UsesUnknownError(
      `Listing the ${what} of all namespaces ${cluster.where}`,
      apiServerReason(error),
      "The kubeconfig's user needs list on pods, replicationcontrollers, podtemplates, secrets, configmaps, and on those of apps and batch, in all namespaces",
      { cause: error },
    );
  }
}

function nameOf(object: JsonObject): string {
  const metadata = childOf(object, "metadata");
  return ["namespace", "name"].map((key) => textOf(childOf(metadata, key))).join("/");
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "?");

/** The pods of a workload need what it needs: one of each image is enough to tell. */
function distinct(uses: readonly Use[]): Use[] {
  const known = new Map<string, Use>();
  for (const use of uses) {
    const key = `${use.repository ?? ""} ${use.tag ?? ""} ${use.digest ?? ""} ${use.why}`;
    if (!known.has(key)) known.set(key, use);
  }
  return [...known.values()];
}
