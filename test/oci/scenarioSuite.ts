import { runScenario, type ScenarioResult } from "./scenarios";

/** How many scenarios run side by side. */
const AT_ONCE = 32;

/** A scenario that is longer under way than this never ends; the slowest take a few seconds on a busy machine. */
const ENDLESS_MS = 120_000;

/** Like {@link runScenario}, but whatever goes wrong, also in the scenario's own machinery, is told with its seed. */
async function judged(seed: number): Promise<ScenarioResult> {
  let timer: NodeJS.Timeout | undefined;
  const endless = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not ended after ${ENDLESS_MS / 1000} s`)), ENDLESS_MS);
  });
  try {
    return await Promise.race([runScenario(seed), endless]);
  } catch (error) {
    return { seed, copied: 0, failed: 0, broken: [String((error as Error).stack ?? error)] };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs scenarios by seed. `SCENARIO=123` runs one alone, as every failure tells.
 */
export function describeScenarios(first: number, last: number): void {
  const only = process.env.SCENARIO === undefined ? undefined : Number(process.env.SCENARIO);
  it(`scenarios ${first} to ${last} leave complete images and honest errors`, async () => {
    const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(
      (seed) => (only ?? seed) === seed,
    );
    const results: ScenarioResult[] = [];
    const worker = async (): Promise<void> => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) results.push(await judged(seed));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const broken = results
      .filter((result) => result.broken.length > 0)
      .map(({ seed, broken }) => `SCENARIO=${seed}: ${broken.join("; ")}`);
    expect(broken).toEqual([]);
    // The faults are neither all harmless nor all fatal.
    if (only === undefined) {
      expect(results.some(({ failed }) => failed > 0)).toBe(true);
      expect(results.some(({ copied }) => copied > 0)).toBe(true);
    }
  }, 240_000);
}
