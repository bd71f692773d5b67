import { stat } from "node:fs/promises";
import { readText } from "../../files/readText";
import { committedVersions } from "../../machine/gitHistory";
import { InvalidLockError, parseLock } from "../../plan/lock/lockFormat";
import type { LockFile } from "../../plan/lock/lockFile";
import { readLock } from "../../plan/lock/readLock";
import { refuseOtherMirror, type LockVersion } from "../../prune/lockLedger";
import type { MirrorNames } from "../../prune/mirrorNames";

/** The lock files of a prune: those that hold, and all that is known of what they were. */
export interface PruneLocks {
  readonly locks: readonly { readonly file: string; readonly lock: LockFile }[];
  readonly versions: readonly LockVersion[];
}

const RENEW = "chart-mirror lock CHART --to HOST[/PATH]";

/**
 * Reads lock files, and their versions in git's history.
 *
 * @throws {MirrorError} where one that is named cannot be read, or is for another mirror
 */
export async function readPruneLocks(
  { lockFile: files, ledger }: { readonly lockFile: readonly string[]; readonly ledger: readonly string[] },
  names: MirrorNames,
  now: number,
  warn: (message: string) => void,
): Promise<PruneLocks> {
  const read = async (file: string): Promise<LockFile> => {
    const lock = await readLock(file, readText, RENEW);
    refuseOtherMirror(lock, file, names);
    return lock;
  };
  const locks: { file: string; lock: LockFile }[] = [];
  const versions: LockVersion[] = [];
  for (const file of files) {
    const lock = await read(file);
    locks.push({ file, lock });
    versions.push({ lock, heldUntil: now }, ...(await pastVersions(file, names, now, warn)));
  }
  for (const file of ledger) {
    const lock = await read(file);
    // It was written before, and whoever copies a file makes it younger.
    versions.push({ lock, heldUntil: (await stat(file)).mtimeMs }, ...(await pastVersions(file, names, now, warn)));
  }
  return { locks, versions };
}

/** What a lock file was, as far as git tells: each version held until another one took its place. */
async function pastVersions(
  file: string,
  names: MirrorNames,
  now: number,
  warn: (message: string) => void,
): Promise<LockVersion[]> {
  const committed = await committedVersions(file);
  if (committed === undefined) {
    warn(`${file} is in no git repository: what it named before is not known`);
    return [];
  }
  let unread = 0;
  const versions: LockVersion[] = [];
  for (const { text, committed: since, replaced = now } of committed) {
    try {
      const lock = parseLock(text, file, RENEW);
      // Dates of commits may go back.
      if (names.isMirror(lock.mirror)) versions.push({ lock, heldUntil: Math.max(replaced, since) });
    } catch (error) {
      if (!(error instanceof InvalidLockError)) throw error;
      unread++;
    }
  }
  if (unread > 0) warn(`${unread} versions of ${file} in git's history cannot be read: what they named stays`);
  return versions;
}
