import { chartDigest } from "../chart/content/patch";
import type { RepositoryOptions } from "../chart/source/repositoryOptions";
import { loadChart, type ChartSource, type LoadedChart } from "../chart/source/source";
import { registryAccess, type AccessInput } from "../copy/imageCopyInputs";
import { MirrorError } from "../error";
import { knownNow, UnknownInputError } from "../inputs/knownNow";
import { plainValues } from "../inputs/plainValues";
import { secretTexts } from "../inputs/inputSecrets";
import { loadBundledChart } from "../machine/bundledChart";
import { localChartSources } from "../machine/localChartSources";
import type { MirrorAddress } from "../plan/layout";
import { chartInMirror } from "./chartInMirror";
import type { ChartMirrorArgs } from "./chartMirrorArgs";
import type { ReleaseLock } from "./releaseLock";

/** Where a release's chart may come from. */
export interface ChartOrigin {
  readonly chartName: string;
  readonly access: readonly AccessInput[];
  readonly mirror: MirrorAddress;
  readonly lock: ReleaseLock | undefined;
  /** Filled with every secret text that is met. */
  readonly secrets: string[];
}

/** Fetches the chart of a release: from the mirror, where a lock file says that it has it, else from its own source. */
export async function loadReleaseChart(name: string, args: ChartMirrorArgs, origin: ChartOrigin): Promise<LoadedChart> {
  const { chartName, access, mirror, lock, secrets } = origin;
  const version = await knownNow(args.version, `the version of ${name}`);
  const devel = await knownNow(args.devel, `the devel of ${name}`);
  const dependencyUpdate = await knownNow(args.dependencyUpdate, `the dependencyUpdate of ${name}`);
  const named = { chart: chartName, dependencyUpdate, version, devel };
  const bundled = args.sourceBundle === undefined ? undefined : await loadBundledChart(args.sourceBundle, named);
  if (bundled) return bundled;
  const mirrored = args.mirrorChart && lock?.chart && chartInMirror(named, lock.chart, mirror);
  const stored = mirrored && (await loadMirrored(mirrored, lock, args, secrets));
  if (stored) return stored;
  const opts = await plainValues(args.repositoryOpts);
  secrets.push(...opts.secrets);
  const missing = opts.unknown[0];
  if (missing) throw new UnknownInputError(`repositoryOpts.${missing.join(".")} of ${name}`);
  const { repo, ...repository } = opts.values;
  return loadChart(
    { ...named, repository: { ...repository, ...(repo !== undefined && { url: repo }) } as RepositoryOptions },
    localChartSources(access.map(registryAccess)),
  );
}

/** The chart that was locked, from the mirror; undefined where that does not have it, or has another one there. */
async function loadMirrored(
  source: ChartSource,
  lock: ReleaseLock,
  { registry }: ChartMirrorArgs,
  secrets: string[],
): Promise<LoadedChart | undefined> {
  const access = await plainValues(registry.pushAccess);
  secrets.push(...secretTexts(access));
  // The registry is still to be made.
  if (access.unknown.length > 0) return undefined;
  try {
    const loaded = await loadChart(
      source,
      localChartSources([registryAccess(access.values as unknown as AccessInput)]),
    );
    if (chartDigest(loaded.chart) === lock.chart?.digest) return loaded;
    await loaded.remove?.();
    return undefined;
  } catch (error) {
    // It may not have been pushed yet: the named source, which is asked now, tells what is wrong.
    if (error instanceof MirrorError) return undefined;
    throw error;
  }
}
