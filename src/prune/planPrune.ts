import type { Digest } from "../image/digest";
import type { LockFile } from "../plan/lock/lockFile";
import type { RegistryClient } from "../oci/registry/client";
import { listRepositories } from "../oci/registry/listings";
import { clusterUses, type ReadCluster } from "./clusterUses";
import { decidePrune, type Decision, type Patience } from "./decision";
import type { Inventory, RepositoryContent } from "./inventory";
import { broughtBy, usesOfLock, type LockVersion } from "./lockLedger";
import type { BroughtImage, MirrorLedger } from "./mirrorLedger";
import type { MirrorNames } from "./mirrorNames";
import { readInventory } from "./readInventory";
import type { Use } from "./use";
import type { UseSearch } from "./usesOfObject";
import { byKey } from "../textOrder";

/** What a prune needs: the mirror, its lock files, and the clusters that may use its images. */
export interface PruneRequest extends Patience {
  readonly client: RegistryClient;
  readonly names: MirrorNames;
  /** The lock files that are valid now, with their names for messages. */
  readonly locks: readonly { readonly file: string; readonly lock: LockFile }[];
  /** Lock files as they are and as they were: what a mirror of ours brought. */
  readonly versions: readonly LockVersion[];
  readonly ownsAll: boolean;
  readonly clusters: readonly ReadCluster[];
  /** Told what is left out of the search. */
  readonly warn: (message: string) => void;
}

/** What would go from a mirror, and what was looked at for it. */
export interface PruneDecision {
  readonly decision: Decision;
  readonly inventory: Inventory;
}

export interface PrunePlan extends PruneDecision {
  /** The same for what clusters need by now: they go on while the mirror is read. */
  readonly again: () => Promise<PruneDecision>;
}

/** Repositories that are read at a time; the registry's limits hold for the requests. */
const AT_A_TIME = 8;

/**
 * Finds out what may be deleted from a mirror.
 *
 * @throws {MirrorError} whatever keeps anything from being known: then nothing may be deleted
 */
export async function planPrune(request: PruneRequest): Promise<PrunePlan> {
  const { client, names, locks, versions, ownsAll, clusters } = request;
  for (const { lock } of locks) names.learn(lock);
  for (const { lock } of versions) names.learn(lock);
  const brought = versions
    .flatMap((version) => broughtBy(version, names))
    .filter(({ repository }) => names.holds(repository));
  const repositories = await repositoriesOf(request, brought);
  const search: UseSearch = { names, repositories };
  const ofClusters = async (): Promise<Use[]> => {
    const uses: Use[] = [];
    for (const cluster of clusters) for (const use of await clusterUses(cluster, search)) uses.push(use);
    return uses;
  };
  const ledger: MirrorLedger = { brought, ownsAll };
  const decided = (uses: readonly Use[], inventory: Inventory): PruneDecision => {
    const tags = (repository: string): string[] => [...(inventory.get(repository)?.tags.keys() ?? [])];
    const ofLocks = locks.flatMap(({ file, lock }) => usesOfLock(lock, file, names, tags));
    return { inventory, decision: decidePrune(inventory, [...ofLocks, ...uses], ledger, request) };
  };
  const read = (uses: readonly Use[]): Promise<Inventory> =>
    readAll(client, [...repositories].sort(), brought, uses, ownsAll);
  const first = await ofClusters();
  const plan = decided(first, await read(first));
  return {
    ...plan,
    again: async () => {
      const uses = [...first, ...(await ofClusters())];
      const known = new Set(first.map(placeOf));
      // Without a tag it was not looked for, and neither were the images that it has.
      const isNew = (use: Use): boolean => use.digest !== undefined && !known.has(placeOf(use));
      return decided(uses, uses.some(isNew) ? await read(uses) : plan.inventory);
    },
  };
}

const placeOf = ({ repository, digest }: Use): string => `${repository ?? ""}@${digest ?? ""}`;

async function repositoriesOf(
  { client, names, ownsAll, warn }: PruneRequest,
  brought: readonly BroughtImage[],
): Promise<Set<string>> {
  const found = new Set(brought.map(({ repository }) => repository));
  if (!ownsAll) return found;
  const listed = await listRepositories(client);
  if (listed === undefined)
    warn(`${client.registry} does not list its repositories: those that lock files name are looked at alone`);
  for (const repository of listed ?? []) if (names.holds(repository)) found.add(repository);
  return found;
}

async function readAll(
  client: RegistryClient,
  repositories: readonly string[],
  brought: readonly BroughtImage[],
  uses: readonly Use[],
  all: boolean,
): Promise<Inventory> {
  const inventory = new Map<string, RepositoryContent>();
  const next = repositories.values();
  const work = async (): Promise<void> => {
    for (const repository of next) {
      const here = brought.filter((image) => image.repository === repository);
      const used = uses.flatMap((use): Digest[] =>
        use.repository === repository && use.digest !== undefined ? [use.digest] : [],
      );
      const content = await readInventory(client, repository, {
        all,
        candidates: new Set(here.map(({ digest }) => digest)),
        digests: new Set(used),
        tags: new Set(here.flatMap(({ tag }) => tag ?? [])),
      });
      inventory.set(repository, content);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: AT_A_TIME }, work));
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
  return new Map([...inventory].sort(byKey));
}
