import { lockDifferences, StaleLockError } from "./lockDifferences";
import { lockContent, type LockFile } from "./lockFile";
import type { RelocationPlan } from "../relocationPlan";
import type { ResolvedPlan } from "../resolvedPlan";

/** The lock file that a plan is compared with, and what both must have in common. */
export interface LockPin {
  readonly lock: LockFile;
  /** The lock file's name, for errors. */
  readonly file: string;
  /** Of the chart that the plan was made for. */
  readonly chartDigest: string;
  /** `host[:port][/path]` of the mirror. */
  readonly mirror: string;
  /** The platforms that are asked for, by name; undefined for all. */
  readonly platforms?: readonly string[];
  /** The command that renews the lock file, for errors. */
  readonly renew: string;
}

/**
 * Gives a plan's images the digests, sizes and platforms that were locked, so that no source registry is asked.
 *
 * A plan may do less than its lock file, since other values switch parts of a chart off; it may not do anything else.
 *
 * @throws {StaleLockError} with everything that is not in the lock file
 */
export function pinToLock(
  plan: RelocationPlan | ResolvedPlan,
  { lock, file, chartDigest, mirror, platforms: wanted, renew }: LockPin,
): ResolvedPlan {
  const differences = lockDifferences(lock, lockContent(plan, mirror, chartDigest, wanted)).filter(
    ({ change }) => change !== "removed",
  );
  const { chart } = plan;
  if (differences.length > 0) throw new StaleLockError(file, `${chart.name} ${chart.version}`, differences, renew);
  return {
    ...plan,
    images: plan.images.map((image) => {
      const { digest, targetDigest, size, platforms } = lock.images.find(
        ({ source, target }) => source === image.source && target === image.target,
      ) as LockFile["images"][number];
      return { ...image, digest, ...(targetDigest !== undefined && { targetDigest }), size, platforms };
    }),
  };
}
