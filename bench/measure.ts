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

/** Runs a shell script under GNU time, which sees children's processor time and memory. */
export async function measure(script: string): Promise<Cost> {
  const begin = process.hrtime.bigint();
  const { stderr } = await promisify(execFile)("/usr/bin/time", ["-f", "%U %S %M", "sh", "-c", script], {
    maxBuffer: 64 * 1024 * 1024,
  });
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
