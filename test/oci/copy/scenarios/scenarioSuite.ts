import { EXPECTED_FAULTS } from "./scenarioFaults";
import { runScenario, type ScenarioResult } from "./scenarios";

/** How many scenarios run side by side. */
const AT_ONCE = 16;

/** A scenario that is longer under way than this never ends; the slowest take a few seconds on a busy machine. */
const ENDLESS_MS = 300_000;

/** Like {@link runScenario}, but whatever goes wrong, also in the scenario's own machinery, is told with its seed. */
async function judged(seed: number): Promise<ScenarioResult> {
  let timer: NodeJS.Timeout | undefined;
  const endless = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not ended after ${ENDLESS_MS / 1000} s`)), ENDLESS_MS);
  });
  try {
    return await Promise.race([runScenario(seed), endless]);
  } catch (error) {
    return { seed, copied: 0, failed: 0, met: [], broken: [String((error as Error).stack ?? error)] };
  } finally {
    clearTimeout(timer);
  }
}

/** Seeds to run instead: `SCENARIO=123` one alone, as every failure tells; `SCENARIO=1001-6000` those between. */
function seedsOf(first: number, last: number): number[] {
  const [from = first, to = from] = process.env.SCENARIO?.split("-").map(Number) ?? [first, last];
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Runs scenarios by seed. */
export function describeScenarios(first: number, last: number): void {
  const seeds = seedsOf(first, last);
  it(
    `scenarios ${seeds[0]} to ${seeds.at(-1)} leave complete images and honest errors`,
    async () => {
      const waiting = [...seeds];
      const results: ScenarioResult[] = [];
      const worker = async (): Promise<void> => {
        for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) results.push(await judged(seed));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      const broken = results
        .filter((result) => result.broken.length > 0)
        .map(({ seed, broken }) => `SCENARIO=${seed}: ${broken.join("; ")}`);
      expect(broken).toEqual([]);
      if (seeds.length < 250) return;
      // The faults are neither all harmless nor all fatal, and none is missing.
      expect(results.some(({ failed }) => failed > 0)).toBe(true);
      expect(results.some(({ copied }) => copied > 0)).toBe(true);
      const met = new Set(results.flatMap((result) => result.met));
      expect(EXPECTED_FAULTS.filter((name) => !met.has(name))).toEqual([]);
    },
    400_000 + 1000 * seeds.length,
  );
}
