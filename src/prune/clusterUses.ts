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

/**
 * Where operators, runners of jobs and GitOps keep what pods are made of later, or what charts are pulled: there may be no pod now
 * ({@link https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/}).
 */
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Where helm keeps releases ({@link https://helm.sh/docs/topics/advanced/#storage-backends}). */
const SECRETS: ListedKind = { path: "/api/v1/secrets", labelSelector: "owner=helm", page: 20 };
/** Each of them: many an operator is told its images in one. */
const CONFIG_MAPS: ListedKind = { path: "/api/v1/configmaps", page: 50 };

/**
 * What a cluster needs of the mirror: its pods, what it makes pods of, custom resources and ConfigMaps that name images, and
 * every revision that helm keeps.
 *
 * @throws {UsesUnknownError} where any of it cannot be read as a whole
 */
export async function clusterUses(cluster: ReadCluster, search: UseSearch): Promise<Use[]> {
  const uses: Use[] = [];
  const note = (kind: string, object: JsonObject): void => {
    for (const use of usesOfObject(object, search, `${kind} ${nameOf(object)} ${cluster.where}`)) uses.push(use);
  };
  for (const path of WORKLOADS) {
    const kind = (path.split("/").at(-1) as string).replace(/s$/, "");
    await each(cluster, { path, page: 250 }, (object) => note(kind, object));
  }
  const resources = new Map<string, string>();
  await each(cluster, { path: DEFINITIONS, page: 20 }, (object) => {
    const path = listOfDefinition(object);
    if (path !== undefined) resources.set(path, textOf(childOf(childOf(childOf(object, "spec"), "names"), "kind")));
  });
  for (const [path, kind] of resources)
    await each(cluster, { path, page: 100 }, (object) => note(kind, object)).catch((error: unknown) => {
      // Its definition has gone meanwhile, and all objects with it.
      if (codeOf((error as Error).cause) !== 404) throw error;
    });
  for (const kind of [SECRETS, CONFIG_MAPS])
    await each(cluster, kind, (object) => {
      if (kind === CONFIG_MAPS) note("ConfigMap", object);
      if (childOf(childOf(childOf(object, "metadata"), "labels"), "owner") !== "helm") return;
      const text = childOf(childOf(object, "data"), "release");
      // Others may use helm's label, too.
      if (typeof text !== "string" && !nameOf(object).includes("/sh.helm.release.v1.")) return;
      try {
        if (typeof text !== "string") throw new Error("it holds none");
        for (const use of usesOfRelease(text, search, cluster.where)) uses.push(use);
      } catch {
        // What a parser quotes may be a password of the release's.
        throw new UsesUnknownError(
          `Reading helm's release in the ${kind === SECRETS ? "Secret" : "ConfigMap"} ${nameOf(object)} ${cluster.where}`,
          "what it holds is no release of helm's",
          "Delete it where no release needs it: helm cannot roll back to it either",
        );
      }
    });
  return distinct(uses);
}

/**
 * Where the objects of a custom resource are listed: as they are stored, so that no webhook has to convert them. Undefined where
 * none of its versions is served.
 */
function listOfDefinition(definition: JsonObject): string | undefined {
  const spec = childOf(definition, "spec");
  const versions = childOf(spec, "versions");
  const served = (Array.isArray(versions) ? versions : []).filter((version) => childOf(version, "served") === true);
  const version = served.find((one) => childOf(one, "storage") === true) ?? served[0];
  if (version === undefined) return undefined;
  const [group, plural] = [childOf(spec, "group"), childOf(childOf(spec, "names"), "plural")];
  const path = ["/apis", ...[group, childOf(version, "name"), plural].map(textOf)].join("/");
  if (!/^\/apis(\/[a-z0-9.-]+){3}$/.test(path))
    throw new Error(`the definition ${textOf(childOf(childOf(definition, "metadata"), "name"))} names no resource`);
  return path;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

async function each(cluster: ReadCluster, kind: ListedKind, take: (object: JsonObject) => void): Promise<void> {
  try {
    for await (const page of cluster.list(kind)) for (const object of page) take(object);
  } catch (error) {
    if (error instanceof UsesUnknownError) throw error;
    const what = kind.path.split("/").at(-1) as string;
    throw new UsesUnknownError(
      `Listing the ${what} of all namespaces ${cluster.where}`,
      apiServerReason(error),
      "The kubeconfig's user needs list on pods, replicationcontrollers, podtemplates, secrets, configmaps, on those of apps and batch, and on customresourcedefinitions and all custom resources, in all namespaces",
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
