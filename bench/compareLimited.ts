import type { Copier } from "./copiers";
import { fewestRequests, type EndRequests } from "./fewestRequests";
import type { RequestCounts } from "./front/limitingProxy";
import type { BenchImage } from "./imageSet";
import { measureAnyEnd, median } from "./measure";
import type { Stage } from "./stage";
import { table } from "./table";

/** A copier that waits for a registry longer than this has lost. */
const PATIENCE_SECONDS = 600;

/** What became of one run against registries that limit their requests. */
export interface LimitedRun {
  /** Seconds. */
  readonly wall: number;
  /** Images that arrived whole. */
  readonly images: number;
  readonly source: RequestCounts;
  readonly target: RequestCounts;
}

/** Each copier in turn, into registries that are new, empty and limited. What fails is counted and not an error. */
export async function compareLimited(
  stage: Stage,
  copiers: readonly Copier[],
  rounds: number,
): Promise<Map<string, LimitedRun[]>> {
  const results = new Map(copiers.map(({ name }): [string, LimitedRun[]] => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const copier of copiers)
      await stage.withTarget(async (pairs, target) => {
        const { wall } = await measureAnyEnd(copier.script(pairs, stage.ca), PATIENCE_SECONDS);
        const counts = await target.counts();
        results.get(copier.name)?.push({ wall, images: (await target.whole()).length, ...counts });
      });
  return results;
}

/** Seconds that so many requests take at least: the two registries count each for itself, at the same time. */
const allowed = ({ source, target }: EndRequests, perSecond: number): number => Math.max(source, target) / perSecond;
const letIn = ({ requests, refused }: RequestCounts): number => requests - refused;

/** Medians over the rounds; time as a ratio to what the limit allows. */
export function limitedTable(
  results: ReadonlyMap<string, readonly LimitedRun[]>,
  images: readonly BenchImage[],
  perSecond: number,
): string {
  const fewest = allowed(fewestRequests(images), perSecond);
  const rows = [...results].map(([name, runs]) => {
    const middle = (of: (run: LimitedRun) => number): number => median(runs.map(of));
    const own = (run: LimitedRun): number =>
      allowed({ source: letIn(run.source), target: letIn(run.target) }, perSecond);
    const requests = middle(({ source, target }) => source.requests + target.requests);
    const share = middle(
      ({ source, target }) => (source.refused + target.refused) / Math.max(source.requests + target.requests, 1),
    );
    return [
      name,
      `${Math.min(...runs.map((run) => run.images))} of ${images.length}`,
      `${middle((run) => run.wall / fewest).toFixed(2)} (${middle(({ wall }) => wall).toFixed(1)})`,
      middle((run) => run.wall / own(run)).toFixed(2),
      requests.toFixed(0),
      `${(share * 100).toFixed(1)}%`,
    ];
  });
  return table(["", "images", "time", "time for its own requests", "requests", "refused"], rows);
}
