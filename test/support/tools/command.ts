import { spawn } from "node:child_process";
import { ToolError } from "./toolError";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What to do when the command itself is missing, for the error. */
  readonly ifMissing?: string;
}

/** Runs a command to its end and returns its standard output; fails with the end of what it said. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd ? { cwd: options.cwd } : {}),
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", (e: NodeJS.ErrnoException) => {
      const reason = e.code === "ENOENT" ? "is not on the PATH" : `could not be started: ${e.message}`;
      reject(new ToolError(`\`${command}\` ${reason}. ${options.ifMissing ?? ""}`.trim(), { cause: e }));
    });
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(stdout);
      const tail = (stderr.trim() || stdout.trim()).split("\n").slice(-20).join("\n");
      reject(new ToolError(`\`${[command, ...args].join(" ")}\` failed (${signal ?? `exit ${code}`}):\n${tail}`));
    });
  });
}
