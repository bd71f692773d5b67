import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { createInterface } from "node:readline";
import type { Line } from "./terminal";

/** Pulumi's word for a plugin that the project built itself, which nobody with an installed Pulumi sees. */
const OF_THE_BUILD = /using pulumi-[a-z-]+ from \$PATH/;

/** Runs a program to its end, and keeps what it printed and when; folders of this machine by their usual short names. */
export async function record(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Line[]> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const began = Date.now();
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (text) => {
    const shown = text.replaceAll(process.cwd(), ".").replaceAll(homedir(), "~");
    process.stdout.write(`${shown}\n`);
    if (!OF_THE_BUILD.test(text)) lines.push({ at: Date.now() - began, text: shown });
  });
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${code}`);
  return lines;
}
