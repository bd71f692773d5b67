import { spawn } from "node:child_process";

/** A helm command failed; the message is helm's own, without its prefixes. */
export class HelmError extends Error {
  constructor(
    message: string,
    readonly stderr: string,
  ) {
    super(message);
    this.name = "HelmError";
  }
}

/** Runs helm and returns what it printed. `input` goes to its standard input: values and passwords never to arguments. */
export type Helm = (args: readonly string[], input?: string) => Promise<string>;

export function helmAt(executable: string, env: Readonly<Record<string, string>> = {}): Helm {
  return (args, input = "") =>
    new Promise((resolve, reject) => {
      const child = spawn(executable, args, { env: { ...process.env, ...env }, stdio: "pipe" });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
      child.on("error", reject);
      child.on("close", (code) => {
        if (code === 0) resolve(stdout);
        else reject(new HelmError(errorMessage(stderr) || `helm ended with code ${code}`, stderr));
      });
    });
}

/** `Error: INSTALLATION FAILED: context deadline exceeded` → `context deadline exceeded`, as helm's library says it. */
function errorMessage(stderr: string): string {
  const error = /^Error: ([\s\S]*)/m.exec(stderr)?.[1] ?? stderr;
  return error.replace(/^(INSTALLATION|UPGRADE) FAILED: /, "").trim();
}
