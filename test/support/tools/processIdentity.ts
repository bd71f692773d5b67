import { readFileSync } from "node:fs";

/** One process of this machine, told apart from a later one that was given the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since the machine started; absent where the system does not tell. */
  readonly startTime?: string;
}

/** The identity of a running process, or undefined when there is none with that id. */
export function identify(pid: number): ProcessIdentity | undefined {
  const state = processState(pid);
  if (state) return state.zombie ? undefined : { pid, startTime: state.startTime };
  return process.platform !== "linux" && answersSignals(pid) ? { pid } : undefined;
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startTime === identity.startTime;
}

/** Fields 3 and 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name before them may hold anything. */
function processState(pid: number): { zombie: boolean; startTime: string } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { zombie: fields[0] === "Z" || fields[0] === "X", startTime: fields[19] ?? "" };
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === "EPERM";
  }
}
