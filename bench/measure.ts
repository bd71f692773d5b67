import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a command cost. */
export interface Cost {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of user and system time, of the command and its children. */
  readonly cpu: number;
  /** Of the largest of its processes. */
  readonly peakMiB: number;
}

const MAX_OUTPUT = 64 * 1024 * 1024;
const TIME = ["-f", "%U %S %M"];

/** Runs a shell script under GNU time, which sees children's processor time and memory. */
export async function measure(script: string): Promise<Cost & { readonly output: string }> {
  const begin = process.hrtime.bigint();
  const { stdout, stderr } = await promisify(execFile)("/usr/bin/time", [...TIME, "sh", "-c", script], {
    maxBuffer: MAX_OUTPUT,
  });
  return { ...costOf(begin, stderr), output: stdout };
}

/** As {@link measure}, for what may fail, and may have to be stopped after so many seconds. */
export async function measureAnyEnd(script: string, seconds: number): Promise<Cost> {
  const begin = process.hrtime.bigint();
  const command = [...TIME, "timeout", "--signal=KILL", `${seconds}`, "sh", "-c", script];
  const stderr = await new Promise<string>((resolve) =>
    execFile("/usr/bin/time", command, { maxBuffer: MAX_OUTPUT }, (_, __, said) => resolve(said)),
  );
  return costOf(begin, stderr);
}

function costOf(begin: bigint, stderr: string): Cost {
  // GNU time tells hundredths of a second, which are too coarse for what is there already.
  const wall = Number(process.hrtime.bigint() - begin) / 1e9;
  const [user = 0, system = 0, kilobytes = 0] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return { wall, cpu: user + system, peakMiB: kilobytes / 1024 };
}

/** The value in the middle; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
}
