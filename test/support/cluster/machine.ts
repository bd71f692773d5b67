import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../tools";
import { isRunning, type ProcessIdentity } from "../tools/processIdentity";
import { acquireLock } from "../tools/processLock";
import { removeCgroup } from "./cgroup";

/** What a cluster leaves on the machine while it runs, known to every process so that a later one can clear it away. */
interface Traces {
  readonly folder: string;
  readonly init?: ProcessIdentity;
}

/** Empty after a restart of the machine, as are the processes and cgroups that the record is about. */
const recordFolder = "/run/pulumi-chart-mirror";
const recordFile = join(recordFolder, "cluster.json");

/** A machine can hold one cluster at a time. This is the right to it. */
export interface MachineClaim {
  /** An empty folder for the cluster's files. */
  readonly folder: string;
  /** Tells the record about the cluster's first process. */
  recordInit(init: ProcessIdentity): void;
  /** Removes all traces and gives the right back. */
  release(): Promise<void>;
}

/**
 * Waits until no other process runs a cluster here, and clears away what a crashed one left. They exclude each other
 * because kubelets see, and clear away, each other's cgroups.
 */
export async function claimMachine(log: Log): Promise<MachineClaim> {
  const unlock = await acquireLock(join(recordFolder, "cluster.lock"), {
    onWait: (pid) => log(`waiting for process ${pid}, which runs a test cluster: there can be one on a machine`),
  });
  try {
    const left = readTraces();
    if (left) {
      log(`removing a test cluster that was left behind in ${left.folder}`);
      await removeTraces(left);
    }
    let traces: Traces = { folder: mkdtempSync(join(tmpdir(), "chart-mirror-cluster-")) };
    writeTraces(traces);
    return {
      folder: traces.folder,
      recordInit: (init) => writeTraces((traces = { ...traces, init })),
      release: async () => {
        await removeTraces(traces);
        unlock();
      },
    };
  } catch (e) {
    unlock();
    throw e;
  }
}

function readTraces(): Traces | undefined {
  try {
    return JSON.parse(readFileSync(recordFile, "utf8")) as Traces;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw e;
  }
}

function writeTraces(traces: Traces): void {
  writeFileSync(recordFile, JSON.stringify(traces));
}

async function removeTraces({ folder, init }: Traces): Promise<void> {
  if (init && isRunning(init)) process.kill(init.pid, "SIGKILL");
  while (init && isRunning(init)) await sleep(50);
  await removeCgroup();
  // Every mount below it was in the namespace that has ended.
  rmSync(folder, { recursive: true, force: true });
  rmSync(recordFile, { force: true });
}
