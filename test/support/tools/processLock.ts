import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isRunning, type ProcessIdentity } from "./processIdentity";

interface Holder extends ProcessIdentity {
  /** Unique to this acquisition. */
  readonly token: string;
}

/** How long a takeover may take; one that is older was cut short and is swept aside. */
const takeoverLimitMs = 10_000;

export interface LockOptions {
  /** Called once with the holder's process id when the lock is not free. */
  readonly onWait?: (holder: number) => void;
  /** How often a lock that is not free is tried again. */
  readonly pollMs?: number;
}

/**
 * Runs `work` while no other process, and no other caller in this one, runs under the same lock file. The lock of a
 * process that died is taken over.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const release = await acquireLock(file, options);
  try {
    return await work();
  } finally {
    release();
  }
}

/** As `withLock`, for a holder that outlives one call. Returns the function that gives the lock back. */
export async function acquireLock(file: string, options: LockOptions = {}): Promise<() => void> {
  const me = identify(process.pid);
  if (!me) throw new Error(`cannot identify this process (${process.pid})`);
  const holder: Holder = { ...me, token: randomUUID() };
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ;) {
    if (tryLock(file, holder)) return () => unlinkSync(file);
    const current = readHolder(file);
    if (!current) continue;
    if (!isRunning(current)) {
      if (!removeStale(file, current)) await sleep(options.pollMs ?? 250);
      continue;
    }
    if (!told) options.onWait?.(current.pid);
    told = true;
    await sleep(options.pollMs ?? 250);
  }
}

/** A lock file appears by a link, whole or not at all, so that nobody ever reads half of one. */
function tryLock(file: string, holder: Holder): boolean {
  const mine = `${file}.${holder.token}`;
  writeFileSync(mine, JSON.stringify(holder));
  try {
    linkSync(mine, file);
    return true;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "EEXIST") throw e;
    return false;
  } finally {
    unlinkSync(mine);
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw e;
  }
}

/**
 * Removes the lock of a dead process. Two processes may see the same dead holder; were both to remove "the lock", the
 * slower one would remove the lock that the faster one has just taken. So the right to remove it is itself
 * exclusive, by a folder named for the dead holder, and whoever has that right looks again first.
 */
function removeStale(file: string, dead: Holder): boolean {
  const right = `${file}.takeover-${dead.token}`;
  try {
    mkdirSync(right);
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== "EEXIST") throw e;
    const age = Date.now() - (statSync(right, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > takeoverLimitMs) rmSync(right, { recursive: true, force: true });
    return false;
  }
  try {
    if (readHolder(file)?.token === dead.token) unlinkSync(file);
    return true;
  } finally {
    rmSync(right, { recursive: true, force: true });
  }
}
