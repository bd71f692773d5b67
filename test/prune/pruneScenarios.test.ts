/**
 * Worlds of mirrors, releases, rollbacks and clusters, made of seeds: exactly what nothing needs goes, and whatever goes
 * wrong on the way, nothing that is needed is gone. `SCENARIO=123` runs one alone.
 */
import { Registries } from "../../src/oci/registries";
import { deleteManifest } from "../../src/oci/registry/manifestDeletion";
import { deleteManifests } from "../../src/prune/deletion";
import { MirrorNames } from "../../src/prune/mirrorNames";
import { planPrune } from "../../src/prune/planPrune";
import { namedManifest, readTags } from "../../src/prune/readInventory";
import { Choices } from "../oci/copy/choices";
import { FastClock, reach } from "../oci/fixture";
import { startRegistry, type TestRegistry } from "../support/registry";
import { expectedRemovals, keyOf } from "./pruneOracle";
import { MIRROR_PATH, NOW, World } from "./pruneWorld";

const SEEDS = 500;
/** Each so many-th world has a registry that fails on the way. */
const FAULTY = 5;

interface Outcome {
  readonly seed: number;
  readonly removed: number;
  readonly stayed: number;
  readonly failed: boolean;
  readonly broken: readonly string[];
}

async function run(seed: number): Promise<Outcome> {
  const referrers = seed % 2 === 0;
  const registry = await startRegistry({ behaviour: { referrers } });
  const world = new World(seed, registry, referrers);
  await world.make();
  const expected = expectedRemovals(world);
  const before = contentOf(world, registry);
  const isFaulty = seed % FAULTY === 0;
  if (isFaulty) addFault(seed, registry);
  const registries = new Registries({ access: [reach(registry)], clock: new FastClock(), stallTimeoutMs: 2000 });
  let failed: boolean;
  try {
    failed = !(await prune(world, registry, registries));
  } catch (error) {
    if (!isFaulty) throw error;
    failed = true;
  } finally {
    registries.close();
    registry.faults.clear();
  }
  registry.collectGarbage();
  const gone = before.filter((one) => !registry.has(one.repository, one.digest));
  const removed = gone.map(keyOf).sort();
  const broken = await brokenPulls(world, registry);
  if (failed) for (const one of removed) if (!expected.includes(one)) broken.push(`${one} is gone`);
  if (!failed && removed.join("\n") !== expected.join("\n"))
    broken.push(
      `gone too many: ${removed.filter((one) => !expected.includes(one)).join(", ")}; too few: ${expected.filter((one) => !removed.includes(one)).join(", ")}`,
    );
  await registry.close();
  return { seed, removed: removed.length, stayed: before.length - gone.length, failed, broken };
}

/** Whether all of it came to its end. */
async function prune(world: World, registry: TestRegistry, registries: Registries): Promise<boolean> {
  const client = registries.client(registry.host);
  const address = { host: registry.host, path: MIRROR_PATH };
  const plan = await planPrune({
    client,
    names: new MirrorNames(address, [], {}),
    locks: world.locks,
    versions: world.versions,
    ownsAll: world.ownsAll,
    clusters: world.clusters,
    now: NOW,
    keepDays: world.keepDays,
    warn: () => undefined,
  });
  const { decision, inventory } = await plan.again();
  const { failed } = await deleteManifests(
    decision.removed,
    new Map([...inventory].map(([repository, { tags }]) => [repository, tags])),
    {
      tags: (repository) => readTags(client, repository),
      named: (repository, tag) => namedManifest(client, repository, tag),
      delete: (repository, digest) => deleteManifest(client, repository, digest),
    },
    () => undefined,
  );
  return failed.length === 0;
}

/** An answer that no retry mends, to one of the requests. */
function addFault(seed: number, registry: TestRegistry): void {
  const choices = new Choices(seed + 7);
  const method = choices.one(["GET", "HEAD", "DELETE"]);
  registry.faults.add({
    match: { method, nth: 1 + choices.below(method === "GET" ? 30 : 4), times: Infinity },
    action: choices.one([
      { kind: "answer" as const, status: 401 },
      { kind: "answer" as const, status: 403, body: '{"errors":[{"code":"DENIED"}]}' },
      { kind: "answer" as const, status: 500 },
      { kind: "answer" as const, status: 200, body: "<html>" },
    ]),
  });
}

const contentOf = (world: World, registry: TestRegistry) =>
  world.manifests.filter(({ repository, digest }) => registry.has(repository, digest));

/** What somebody needs and cannot pull any more; what was not there before cannot be missed. */
async function brokenPulls(world: World, registry: TestRegistry): Promise<string[]> {
  const broken: string[] = [];
  for (const { repository, tag, digest } of world.pulls) {
    if (repository === undefined) continue;
    const wanted = tag === undefined ? digest : world.tags.get(`${repository}:${tag}`);
    if (wanted === undefined) continue;
    const name = tag ?? wanted;
    if (tag !== undefined && registry.tag(repository, tag) !== wanted) broken.push(`${repository}:${tag} has moved`);
    for (const defect of await registry.defects(repository, name)) broken.push(`${repository} ${name}: ${defect}`);
    for (const other of world.manifests)
      if (other.repository === repository && other.subject === wanted && !registry.has(repository, other.digest))
        broken.push(`${repository} ${name} has lost what refers to it`);
  }
  return broken;
}

it("deletes exactly what nothing needs, and nothing in error", async () => {
  const [first = 1, last = SEEDS] = process.env.SCENARIO?.split("-").map(Number) ?? [];
  const seeds = Array.from(
    { length: (process.env.SCENARIO?.includes("-") === false ? first : last) - first + 1 },
    (_, i) => first + i,
  );
  const outcomes: Outcome[] = [];
  const waiting = seeds.values();
  const worker = async (): Promise<void> => {
    for (const seed of waiting)
      outcomes.push(
        await run(seed).catch((error: unknown) => ({
          seed,
          removed: 0,
          stayed: 0,
          failed: false,
          broken: [String((error as Error).stack)],
        })),
      );
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(outcomes.flatMap(({ seed, broken }) => broken.map((what) => `SCENARIO=${seed}: ${what}`))).toEqual([]);
  if (seeds.length < SEEDS) return;
  // The worlds are neither all empty nor all of one kind.
  expect(outcomes.filter(({ removed }) => removed > 0).length).toBeGreaterThan(SEEDS / 4);
  expect(outcomes.filter(({ removed, stayed }) => removed > 0 && stayed > 0).length).toBeGreaterThan(SEEDS / 4);
  expect(outcomes.filter(({ failed }) => failed).length).toBeGreaterThan(SEEDS / FAULTY / 3);
}, 400_000);
