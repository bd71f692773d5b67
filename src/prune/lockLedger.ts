import { isDigest } from "../image/digest";
import { parseReference } from "../image/reference";
import { chartRepositoryIn } from "../plan/chartArtifact";
import type { LockFile } from "../plan/lock/lockFile";
import { invalidPrune } from "./pruneErrors";
import type { BroughtImage } from "./mirrorLedger";
import type { MirrorNames } from "./mirrorNames";
import type { Use } from "./use";

/** A lock file, as it is or as it was. */
export interface LockVersion {
  readonly lock: LockFile;
  /** Until when it held; the time of asking where it does. */
  readonly heldUntil: number;
}

/** Refuses a lock file that is for another mirror: it would keep nothing of this one. @throws {MirrorError} `INVALID_PRUNE` */
export function refuseOtherMirror({ mirror }: LockFile, file: string, names: MirrorNames): void {
  if (names.isMirror(mirror)) return;
  throw invalidPrune(
    `reading the lock file ${file}: it is for the mirror ${mirror}`,
    "Name the mirror as it does (--to), or say that it is another name of the same one: --alias HOST[/PATH]",
  );
}

/** The images that a version of a lock file has brought into a mirror. */
export function broughtBy({ lock, heldUntil }: LockVersion, names: MirrorNames): BroughtImage[] {
  return lock.images.flatMap(({ target, digest, targetDigest = digest }) => {
    const reference = parseReference(target);
    const repository = names.inMirror(reference);
    if (repository === undefined || !isDigest(targetDigest)) return [];
    const tag = reference.tag ?? (reference.digest ? undefined : "latest");
    return [{ repository, digest: targetDigest, neededUntil: heldUntil, ...(tag !== undefined && { tag }) }];
  });
}

/** What a lock file needs of the mirror: its images, by tag and by digest, and its chart, where that is mirrored. */
export function usesOfLock(lock: LockFile, file: string, names: MirrorNames, tags: Tags): Use[] {
  const why = `the lock file ${file}`;
  const chart = names.inMirror(parseReference(chartRepositoryIn(names.address, lock.chart.name)));
  // A patched copy has a hash of its content behind the version.
  const version = lock.chart.version.replaceAll("+", "_");
  const isOfChart = (tag: string): boolean => tag === version || tag.startsWith(`${version}_`);
  return [
    ...broughtBy({ lock, heldUntil: 0 }, names).flatMap(({ repository, tag, digest }): Use[] => [
      { why, repository, digest },
      ...(tag === undefined ? [] : [{ why, repository, tag }]),
    ]),
    ...(chart === undefined
      ? []
      : tags(chart)
          .filter(isOfChart)
          .map((tag): Use => ({ why, repository: chart, tag }))),
  ];
}

/** The tags of a repository of the mirror. */
export type Tags = (repository: string) => readonly string[];
