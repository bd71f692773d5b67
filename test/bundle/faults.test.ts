import { rm } from "node:fs/promises";
import { MirrorError } from "../../src/error";
import { statIfThere } from "../../src/files/presence";
import { TagImmutableError } from "../../src/oci/errors/errors";
import { makeImage, pushImage, type SyntheticImage } from "../support/images";
import { startRegistry, type RegistryOptions, type TestRegistry } from "../support/registry";
import { Choices } from "../oci/copy/choices";
import { addChances, BEHAVIOURS, type Stage } from "../oci/copy/scenarios/scenarioFaults";
import { FastClock, Fixture } from "../oci/fixture";
import { load, save, scratchFolder } from "./bundles";

jest.setTimeout(600_000);

const scratch = scratchFolder();
const fixture = new Fixture();

const IMAGES: readonly SyntheticImage[] = [
  makeImage({
    layers: [
      { size: 530_000, seed: "base" },
      { size: 2000, seed: "a" },
    ],
  }),
  makeImage({
    layers: [
      { size: 530_000, seed: "base" },
      { size: 540_000, seed: "b" },
    ],
  }),
  makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: (seed) => [{ size: 600_000, seed }] }),
  makeImage({ layers: [] }),
];
const NAMES = IMAGES.map((_, i) => `team/app${i % 3}:v${i}`);

/** What of a scenario must never be. */
async function broken(seed: number): Promise<string[]> {
  const choices = new Choices(seed);
  const servers: TestRegistry[] = [];
  const clock = new FastClock();
  const start = async (options: RegistryOptions = {}): Promise<TestRegistry> => {
    const server = await startRegistry({ ...options, now: () => clock.now() });
    servers.push(server);
    return server;
  };
  const problems: string[] = [];
  const file = scratch.path(`faults-${seed}.tar`);
  try {
    const { behaviour, strict } = choices.one(BEHAVIOURS);
    const stage: Stage = { source: await start(), target: await start({ behaviour }), stranger: await start(), strict };
    const { source, target } = stage;
    for (const [i, image] of IMAGES.entries()) {
      await pushImage(source, NAMES[i] as string, image);
      target.createRepository(`m/${(NAMES[i] as string).split(":")[0]}`);
    }
    const patience = {
      clock,
      random: choices.random,
      stallTimeoutMs: 200,
      retry: { attempts: 3, maxPauseMs: 60_000 },
      limits: { transfers: choices.one([1, 4]) },
    };
    addChances(choices, stage);
    const saved = await outcome(save(file, source, NAMES, {}, { registries: patience }), problems);
    if (!saved && (await statIfThere(file))) problems.push("a save that failed left an archive");
    source.faults.clear();
    if (!saved) await save(file, source, NAMES);
    target.faults.clear();
    addChances(choices, stage);
    await outcome(load([file], target, {}, patience), problems);
    problems.push(...(await defects(target)));
    for (const { faults } of [source, target]) faults.clear();
    try {
      await load([file], target);
    } catch (error) {
      // A manifest that arrived with a flipped byte is another one, and its tag may stay with it for good.
      if (!(error instanceof TagImmutableError)) throw error;
      return problems;
    }
    problems.push(...(await defects(target)));
    for (const [i, { digest }] of IMAGES.entries()) {
      const [repository = "", tag = ""] = (NAMES[i] as string).split(":");
      if (target.tag(`m/${repository}`, tag) !== digest) problems.push(`${NAMES[i]} is not what it was`);
    }
    return problems;
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    await rm(file, { force: true });
  }
}

async function outcome(work: Promise<unknown>, problems: string[]): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (!(error instanceof MirrorError)) problems.push(`an error without type: ${(error as Error).stack}`);
    return false;
  }
}

async function defects(target: TestRegistry): Promise<string[]> {
  const found: string[] = [];
  for (const repository of target.repositories())
    for (const tag of target.tags(repository))
      for (const defect of await target.defects(repository, tag)) found.push(`${repository}:${tag}: ${defect}`);
  return found;
}

const RUNS = Number(process.env.FUZZ_RUNS ?? 100);

it(`${RUNS} scenarios of faults leave whole archives, whole images and honest errors, and end well when all is well`, async () => {
  const seeds = Array.from({ length: RUNS }, (_, i) => i + 1);
  const found: string[] = [];
  const worker = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const problems = await broken(seed).catch((error: unknown) => [String((error as Error).stack)]);
      if (problems.length > 0) found.push(`seed ${seed}: ${problems.join("; ")}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(found).toEqual([]);
});

it("goes on where a load ended: what is there is not sent again", async () => {
  const [source, target] = await fixture.pair();
  for (const [i, image] of IMAGES.entries()) await pushImage(source, NAMES[i] as string, image);
  const file = scratch.path("resumed.tar");
  await save(file, source, NAMES);
  target.faults.add({
    match: { method: "PUT", path: /\/manifests\//, nth: 3, times: Infinity },
    action: { kind: "answer", status: 403 },
  });
  await expect(load([file], target)).rejects.toThrow(MirrorError);
  const sent = (to: TestRegistry): number =>
    to.requests.all.filter(({ method, status }) => (method === "PATCH" || method === "POST") && (status ?? 500) < 300)
      .length;
  expect(sent(target)).toBeGreaterThan(0);
  target.faults.clear();
  target.requests.clear();
  await load([file], target);
  const whole = await fixture.registry();
  await load([file], whole);
  expect(sent(target)).toBeLessThan(sent(whole));
  for (const [i, { digest }] of IMAGES.entries()) {
    const [repository = "", tag = ""] = (NAMES[i] as string).split(":");
    expect(target.tag(`m/${repository}`, tag)).toBe(digest);
  }
});
