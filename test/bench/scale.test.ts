import * as fc from "fast-check";
import { imageSizes, seeded, simulate } from "../../bench/scale/simulate";
import { estimate, ways, type Way } from "../../bench/scale/ways";
import type { MeasuredRates, Surroundings, Workload } from "../../bench/scale/workload";

const way = (parts: Partial<Way>): Way => ({
  name: "test",
  slots: 4,
  overhead: 0,
  bytes: 1000,
  pipe: 10,
  flow: 10,
  admission: Infinity,
  cost: 0,
  ...parts,
});

describe("simulate", () => {
  test.each<[string, Way, number[], number]>([
    ["moves all bytes through the pipe", way({}), [250, 250, 250, 250], 100],
    ["gives one image no more than its flow", way({ flow: 5 }), [1000], 200],
    [
      "spends the overhead of every image in its slot",
      way({ slots: 1, overhead: 7, pipe: Infinity, flow: Infinity }),
      [1, 1, 1],
      21,
    ],
    ["admits images one by one", way({ admission: 2, pipe: Infinity, flow: Infinity }), [1, 1, 1, 1, 1], 2],
    ["lets others flow while one is in its overhead", way({ slots: 2, overhead: 10, flow: Infinity }), [100, 100], 30],
  ])("%s", (_, given, sizes, seconds) => expect(simulate(given, sizes)).toBeCloseTo(seconds, 6));

  it("never beats the estimate, and is near it when images are many", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        fc.integer(),
        (slots, overhead, admission, seed) => {
          const given = way({ slots, overhead, admission, bytes: 50_000, pipe: 100, flow: 30 });
          const { seconds } = estimate(given, 500);
          const simulated = simulate(given, imageSizes(500, given.bytes, seeded(seed)));
          expect(simulated).toBeGreaterThanOrEqual(seconds * (1 - 1e-9) - 1 / admission);
          expect(simulated).toBeLessThan(seconds * 2);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("imageSizes", () => {
  it("has the sum that is asked for, the same for the same seed, few large and many small", () => {
    const sizes = imageSizes(1000, 2000, seeded(1));
    expect(sizes.reduce((a, b) => a + b, 0)).toBeCloseTo(2000, 6);
    expect(imageSizes(1000, 2000, seeded(1))).toEqual(sizes);
    const sorted = [...sizes].sort((a, b) => a - b);
    expect(sorted[500]).toBeLessThan(2);
    expect(sorted.at(-1)).toBeGreaterThan(20);
  });
});

describe("ways", () => {
  const load: Workload = { images: 100, bytes: 1e12, shared: 0.5, blobs: 10, manifests: 3, platforms: 2 };
  const around: Surroundings = {
    runnerLine: 1e8,
    runnerCores: 4,
    nodeLine: 1e9,
    nodes: 10,
    sourceFlow: 5e7,
    parallelism: 40,
    podStart: 5,
    copiesAtOnce: 8,
    importsAtOnce: 20,
    importFlow: 1e8,
    armCalls: 10,
    manifestPuts: 10,
    uploadStarts: 100,
    egressPrice: 1e-10,
    natPrice: 1e-10,
  };
  const rates: MeasuredRates = { copyCpuPerByte: 1e-9, copyCpuPerImage: 0.01, unpack: 1e8, pack: 3e7 };
  const named = (name: string, change: Partial<Surroundings> = {}): Way => {
    const found = ways(load, { ...around, ...change }, rates).find((one) => one.name === name);
    if (!found) throw new Error(name);
    return found;
  };

  it("reads what images share once where one process copies, and again in each pod", () => {
    expect([named("process").bytes, named("kubernetes").bytes]).toEqual([0.5e12, 1e12]);
  });

  it("counts one platform for a Docker daemon, which packs again what it unpacked", () => {
    expect(named("docker").bytes).toBe(0.5e12);
    expect(named("docker").pipe).toBeLessThan(around.runnerLine);
  });

  it("is held up by the runner's line or, on a fast one, by its cores", () => {
    expect(named("process").pipe).toBe(1e8);
    expect(named("process", { runnerLine: 1e12 }).pipe).toBeCloseTo(4e9, 0);
  });

  it("finds the narrowest place", () => {
    expect(estimate(named("process"), load.images).bottleneck).toBe("pipe");
    expect(estimate(named("kubernetes", { podStart: 1e5 }), load.images).bottleneck).toBe("slots");
    expect(estimate(named("pull-through", { manifestPuts: 0.01 }), load.images).bottleneck).toBe("admission");
  });
});
