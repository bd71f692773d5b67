import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderDouble } from "../../engine";
import { ensureTool } from "../../tools";
import type { KubernetesObject } from "./cluster";
import type { DeployedRelease } from "./helm/helmReleases";
import { deleteObject, findObject, MemoryCluster } from "./memoryCluster";
import { kindOfObject } from "./objects/kinds";
import { MemoryState } from "./memoryState";

export type { DeployedRelease, KubernetesObject };

/** A cluster without a machine: it keeps objects and runs nothing. */
export interface MemoryClusterHandle {
  /** For `createProject({ providers: [cluster.provider] })`. */
  readonly provider: ProviderDouble;
  /** What programs have made, also by way of releases; not what every cluster has. */
  objects(kind?: string): KubernetesObject[];
  /** @throws Error when there is no such object */
  object(kind: string, name: string, namespace?: string): KubernetesObject;
  releases(): DeployedRelease[];
  /** Changes an object behind the provider's back. */
  change(object: KubernetesObject, change: (object: KubernetesObject) => void): Promise<void>;
  /** Deletes an object behind the provider's back. */
  remove(object: KubernetesObject): Promise<void>;
  /** `KIND/NAME` of objects that never become ready, from now on. */
  setNeverReady(...names: readonly string[]): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Makes a cluster in memory for the `kubernetes` provider double.
 *
 * @example
 * const cluster = await memoryCluster();
 * const project = await createProject({ program, providers: [cluster.provider] });
 */
export async function memoryCluster(): Promise<MemoryClusterHandle> {
  const helm = await ensureTool("helm");
  const folder = await mkdtemp(join(tmpdir(), "memory-cluster-"));
  const file = join(folder, "cluster.json");
  const state = new MemoryState(file);
  state.create([]);
  await MemoryCluster.initialize(state);
  const objects = (kind?: string) =>
    state
      .read()
      .objects.filter(({ system, object }) => system !== true && (kind === undefined || object.kind === kind))
      .map(({ object }) => object);
  const referenceTo = (object: KubernetesObject) => ({ kind: kindOfObject(object), ...object.metadata });
  return {
    provider: { folder: __dirname, env: { KUBERNETES_DOUBLE_HELM: helm, KUBERNETES_DOUBLE_MEMORY: file } },
    objects,
    object(kind, name, namespace = "default") {
      const found = state
        .read()
        .objects.find(
          ({ object }) =>
            object.kind === kind &&
            object.metadata.name === name &&
            (object.metadata.namespace ?? namespace) === namespace,
        );
      if (found !== undefined) return found.object;
      const all = objects().map(
        (object) => `${object.kind} ${object.metadata.namespace ?? ""}/${object.metadata.name}`,
      );
      throw new Error(`there is no ${kind} ${namespace}/${name}, but ${all.join(", ") || "nothing"}`);
    },
    releases: () => state.read().releases,
    change: (object, change) =>
      state.update((cluster) => {
        const stored = findObject(cluster, referenceTo(object));
        if (stored === undefined) throw new Error(`there is no ${object.kind} ${object.metadata.name}`);
        change(stored.object);
      }),
    remove: (object) => state.update((cluster) => deleteObject(cluster, referenceTo(object))),
    setNeverReady: (...names) => state.update((cluster) => void (cluster.neverReady = [...names])),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The `kubernetes` provider double over real clusters: it takes them from the program's or the user's kubeconfig. */
export async function realClusters(): Promise<ProviderDouble> {
  return { folder: __dirname, env: { KUBERNETES_DOUBLE_HELM: await ensureTool("helm") } };
}
