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

/**
 * Runs helm and returns what it printed. `input` goes to its standard input: values and passwords never to arguments. When
 * `cancelled` is aborted, helm is told to stop, and marks the release that it works on as failed.
 */
export type Helm = (args: readonly string[], input?: string, cancelled?: AbortSignal) => Promise<string>;

export function helmAt(executable: string, env: Readonly<Record<string, string>> = {}): Helm {
  return (args, input = "", cancelled) =>
    new Promise((resolve, reject) => {
      if (cancelled?.aborted) throw new HelmError("context canceled", "");
      const child = spawn(executable, args, { env: { ...process.env, ...env }, stdio: "pipe" });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
      const stop = (): void => void child.kill("SIGINT");
      cancelled?.addEventListener("abort", stop, { once: true });
      child.on("error", reject);
      child.on("close", (code) => {
        cancelled?.removeEventListener("abort", stop);
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
