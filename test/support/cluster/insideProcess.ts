import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "./clusterError";

/** What a finished command left behind. `exitCode` is -1 when a signal ended it. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Receives what the process says, as it says it. */
  readonly logFile?: string;
}

/** How long a process may take to stop when it is asked to. */
const graceMs = 5_000;

/** A process that was started inside the namespaces. */
export class InsideProcess {
  private readonly child: ChildProcess;
  private stdout = "";
  private stderr = "";
  private ended = false;
  /** Resolves when the process and all that share its output have ended; never rejects. */
  readonly exited: Promise<Finished>;

  constructor(
    private readonly command: string,
    args: readonly string[],
    options: StartOptions,
  ) {
    // A group of its own: nsenter stays outside as the parent of the real process and passes no signal on to it.
    const { cwd, env } = options;
    this.child = spawn(command, args, { ...(cwd !== undefined && { cwd }), env, detached: true, stdio: "pipe" });
    const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: "a" });
    // A process that does not read its input may close it early.
    this.child.stdin?.on("error", () => undefined);
    this.child.stdin?.end(options.input ?? "");
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      log?.write(text);
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      log?.write(text);
    });
    this.exited = new Promise((resolve) => {
      const finish = (exitCode: number): void => {
        this.ended = true;
        log?.end();
        resolve({ exitCode, stdout: this.stdout, stderr: this.stderr });
      };
      this.child.on("error", (e) => {
        this.stderr += `${command} could not be started: ${e.message}\n`;
        finish(-1);
      });
      this.child.on("close", (code) => finish(code ?? -1));
    });
  }

  get isRunning(): boolean {
    return !this.ended;
  }

  /** What it has said so far, standard output before standard error. */
  get output(): string {
    return this.stdout + this.stderr;
  }

  /**
   * Waits until something that it has said matches.
   *
   * @throws ClusterError when it ends first, or says nothing that matches within so many seconds.
   */
  async said(pattern: RegExp, seconds = 30): Promise<RegExpExecArray> {
    for (const end = Date.now() + seconds * 1000; ; await sleep(50)) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.ended)
        throw new ClusterError(`${this.command} ended before it said ${String(pattern)}:\n${this.tail()}`);
      if (Date.now() > end) {
        throw new ClusterError(`${this.command} did not say ${String(pattern)} in ${seconds} s:\n${this.tail()}`);
      }
    }
  }

  /** The last lines of what it said. */
  tail(lines = 25): string {
    return this.output.trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** Sends a signal to the process and those that it started. */
  signal(name: NodeJS.Signals): void {
    if (this.ended || this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, name);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== "ESRCH") throw e;
    }
  }

  /** Asks it to stop, insists after a while, and waits for its end. */
  async stop(): Promise<Finished> {
    this.signal("SIGTERM");
    const insist = setTimeout(() => this.signal("SIGKILL"), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(insist);
    }
  }
}
