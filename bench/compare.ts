import type { Copier } from "./copiers";
import { measure } from "./measure";
import type { Costs } from "./resultTable";
import type { Stage } from "./stage";

/** How often each round copies what is there already. */
const WARM_RUNS = 5;

/**
 * What each copier costs, cold and warm.
 *
 * They take turns, so that a busy machine is busy for all of them; each cold copy meets a target that is new and empty,
 * the warm ones follow it.
 *
 * @param idle programs that do nothing, which runs between them: their start is not the copier's work
 */
export async function compareCosts(
  stage: Stage,
  copiers: readonly Copier[],
  idle: readonly Copier[],
  rounds: number,
): Promise<Map<string, Costs>> {
  const results = new Map([...copiers, ...idle].map(({ name }): [string, Costs] => [name, { cold: [], warm: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const copier of copiers)
      await stage.withTarget(async (pairs, target) => {
        const script = copier.script(pairs, stage.ca);
        results.get(copier.name)?.cold.push(await measure(script));
        for (let i = 0; i < WARM_RUNS; i++) results.get(copier.name)?.warm.push(await measure(script));
        const whole = await target.whole();
        const missing = stage.images.filter((image) => !whole.includes(image));
        if (missing.length > 0)
          throw new Error(`${copier.name} did not copy ${missing.map(({ repository }) => repository).join(", ")}`);
      });
    for (let i = 0; i < WARM_RUNS; i++)
      for (const nothing of idle) results.get(nothing.name)?.warm.push(await measure(nothing.script([], undefined)));
  }
  return results;
}
