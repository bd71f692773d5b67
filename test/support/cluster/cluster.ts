import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { writeImageArchive, type NamedImages } from "../images";
import { ClusterError } from "./clusterError";
import { InsideProcess, type Finished } from "./insideProcess";
import type { Namespace } from "./namespace";

/** How a command is run inside the cluster's namespaces. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's own environment and KUBECONFIG. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** A real Kubernetes of one node in namespaces of its own. Its files are this machine's; its network is not. */
export interface Cluster {
  /** A user with all rights; the server that it names answers only inside. */
  readonly kubeconfig: string;
  /** containerd's folder of `HOST/hosts.toml` files, which it reads anew for each pull. */
  readonly certsFolder: string;
  /** What every program of the cluster said, one file each. */
  readonly logsFolder: string;
  /** Runs a command inside to its end, whatever that is. */
  exec(command: string, args?: readonly string[], options?: RunOptions & { seconds?: number }): Promise<Finished>;
  /** Starts a server inside; it is stopped with the cluster at the latest. */
  spawn(command: string, args?: readonly string[], options?: RunOptions): InsideProcess;
  /** The whole command that runs another one inside, for whoever starts processes themselves. */
  enter(command: string, args?: readonly string[], cwd?: string): [string, ...string[]];
  /** Standard output of a kubectl command; rejects with what it said when it fails. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Puts images into containerd under their names, as if they had been pulled. */
  importImages(images: NamedImages): Promise<void>;
  /** Ends every process inside and removes all that the cluster left on the machine. */
  stop(): Promise<void>;
}

/** Paths and programs that a running cluster works with. */
export interface ClusterParts {
  readonly namespace: Namespace;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly kubeconfig: string;
  readonly certsFolder: string;
  readonly logsFolder: string;
  readonly kubectl: string;
  /** `ctr` with the arguments that lead it to the cluster's containerd. */
  readonly ctr: readonly [string, ...string[]];
  readonly snapshotter: string;
  release(): Promise<void>;
}

export class RunningCluster implements Cluster {
  private spawned = 0;
  private stopping: Promise<void> | undefined;

  constructor(private readonly parts: ClusterParts) {
    mkdirSync(parts.logsFolder, { recursive: true });
  }

  get kubeconfig(): string {
    return this.parts.kubeconfig;
  }

  get certsFolder(): string {
    return this.parts.certsFolder;
  }

  get logsFolder(): string {
    return this.parts.logsFolder;
  }

  enter(command: string, args: readonly string[] = [], cwd?: string): [string, ...string[]] {
    return this.parts.namespace.enter(command, args, cwd);
  }

  spawn(command: string, args: readonly string[] = [], options: RunOptions = {}): InsideProcess {
    const logFile = join(this.logsFolder, `${basename(command)}-${(this.spawned += 1)}.log`);
    return this.start(command, args, options, logFile);
  }

  async exec(
    command: string,
    args: readonly string[] = [],
    { seconds = 300, ...options }: RunOptions & { seconds?: number } = {},
  ): Promise<Finished> {
    const running = this.start(command, args, options);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      running.signal("SIGKILL");
    }, seconds * 1000);
    const finished = await running.exited;
    clearTimeout(limit);
    if (late) throw new ClusterError(`${command} did not end within ${seconds} s:\n${running.tail()}`);
    return finished;
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return this.mustExec(this.parts.kubectl, args);
  }

  async importImages(images: NamedImages): Promise<void> {
    const file = join(this.parts.folder, "images.tar");
    const [ctr, ...args] = this.parts.ctr;
    await writeImageArchive(file, images);
    try {
      await this.mustExec(ctr, [...args, "images", "import", "--snapshotter", this.parts.snapshotter, file]);
    } finally {
      rmSync(file);
    }
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.parts.namespace.stop().then(() => this.parts.release()));
  }

  private start(command: string, args: readonly string[], { cwd, env, input }: RunOptions, logFile?: string) {
    const [enter, ...rest] = this.enter(command, args, cwd);
    return new InsideProcess(enter, rest, {
      env: { ...process.env, ...this.parts.environment, KUBECONFIG: this.kubeconfig, ...env },
      ...(input !== undefined && { input }),
      ...(logFile !== undefined && { logFile }),
    });
  }

  private async mustExec(command: string, args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.exec(command, args);
    if (exitCode === 0) return stdout;
    throw new ClusterError(
      `\`${[basename(command), ...args].join(" ")}\` failed (exit ${exitCode}):\n${stdout}${stderr}`,
    );
  }
}
