import { spawn } from "node:child_process";

/** What a finished command left behind. `exitCode` is -1 when a signal ended it. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  /** The whole environment: nothing is inherited, so that a test means the same on every machine. */
  readonly env: Readonly<Record<string, string>>;
  /** What the command reads from its standard input, nothing unless given. */
  readonly input?: string;
  /** Ends the command as Ctrl-C does; Pulumi then cancels, and saves what it knows. */
  readonly signal?: AbortSignal;
  /** After this many seconds the command and its children are killed and the promise rejects. */
  readonly timeoutSeconds?: number;
}

/**
 * Runs a command without a shell and waits for it.
 *
 * @throws Error when it cannot be started, or does not end in time.
 */
export function run(command: string, args: readonly string[], options: CommandOptions): Promise<Finished> {
  const { cwd, env, input = "", signal, timeoutSeconds = 240 } = options;
  return new Promise((resolve, reject) => {
    // A group of its own: plugins that outlive the command are its children, and must not outlive the test.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: "pipe" });
    const send = (name: NodeJS.Signals): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, name);
      } catch {
        // The group has ended already.
      }
    };
    // A command that does not read its input may close it early.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString("utf8");

    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      send("SIGKILL");
    }, timeoutSeconds * 1000);
    const interrupt = (): void => send("SIGINT");
    signal?.addEventListener("abort", interrupt, { once: true });
    const done = (): void => {
      clearTimeout(deadline);
      signal?.removeEventListener("abort", interrupt);
    };
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("close", (code) => {
      done();
      const finished = { exitCode: code ?? -1, stdout: text(stdout), stderr: text(stderr) };
      if (late) {
        const call = [command, ...args].join(" ");
        reject(new Error(`${call} did not end within ${timeoutSeconds} s.\n${finished.stdout}\n${finished.stderr}`));
      } else resolve(finished);
    });
    if (signal?.aborted) interrupt();
  });
}
