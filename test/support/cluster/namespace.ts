import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify, type ProcessIdentity } from "../tools/processIdentity";
import { addresses, nodeName } from "./addresses";
import { ClusterError } from "./clusterError";

export interface NamespaceOptions {
  /** Folder of its own, which exists. */
  readonly state: string;
  /** Names that resolve to 127.0.0.1 inside. */
  readonly hosts: readonly string[];
  /** PEM certificates that are trusted inside beside the machine's. */
  readonly certificateAuthorities: readonly string[];
}

const systemCertificates = "/etc/ssl/certs/ca-certificates.crt";

/** The private namespaces in which a cluster lives. Everything in them ends with their first process. */
export class Namespace {
  private constructor(
    private readonly unshare: ChildProcess,
    /** The first process. Killing it kills everything inside. */
    readonly init: ProcessIdentity,
  ) {}

  static async start(options: NamespaceOptions): Promise<Namespace> {
    const { state, hosts, certificateAuthorities } = options;
    if (!existsSync(systemCertificates))
      throw new ClusterError(`${systemCertificates} is missing: install ca-certificates`);
    mkdirSync(state, { recursive: true });
    const names = ["localhost", ...hosts].map((name) => `127.0.0.1 ${name}\n`).join("");
    writeFileSync(join(state, "hosts"), `${names}${addresses.node} ${nodeName}\n`);
    // Fails at once instead of timing out: nobody listens there.
    writeFileSync(join(state, "resolv.conf"), "nameserver 127.0.0.1\n");
    const bundle = [readFileSync(systemCertificates, "utf8"), ...certificateAuthorities].join("\n");
    writeFileSync(join(state, "ca-certificates.crt"), bundle);

    const flags = ["--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "--propagation", "private"];
    const init = join(__dirname, "namespace-init.sh");
    const args = [...flags, "bash", init, state, nodeName, addresses.node, addresses.api];
    // Its standard input is the string on which everything inside hangs: it ends also when this process is killed.
    const unshare = spawn("unshare", args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    return new Namespace(unshare, await readyProcess(unshare));
  }

  /** The command that runs another one inside, for whoever starts processes themselves. */
  enter(command: string, args: readonly string[] = [], cwd: string = process.cwd()): [string, ...string[]] {
    const target = String(this.init.pid);
    const namespaces = ["--mount", "--net", "--uts", "--pid"];
    // The working directory must be looked up anew in the other mount namespace.
    return ["nsenter", "--target", target, ...namespaces, "--", "env", "--chdir", cwd, "--", command, ...args];
  }

  /** Ends every process inside; the mounts go with them. */
  async stop(): Promise<void> {
    if (this.unshare.exitCode !== null || this.unshare.signalCode !== null) return;
    const ended = once(this.unshare, "exit");
    // The first process of a process-id namespace ends only when all the others have ended.
    process.kill(this.init.pid, "SIGKILL");
    await ended;
  }
}

function readyProcess(unshare: ChildProcess): Promise<ProcessIdentity> {
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (text: string): void => {
      said += text;
      const ready = /^ready (\d+)$/m.exec(said);
      const init = ready && identify(Number(ready[1]));
      if (init) resolve(init);
    };
    unshare.stdout?.setEncoding("utf8").on("data", listen);
    unshare.stderr?.setEncoding("utf8").on("data", listen);
    unshare.on("error", (e) => reject(new ClusterError(`unshare could not be started: ${e.message}`, { cause: e })));
    unshare.on("close", () => reject(new ClusterError(`the cluster's namespaces could not be made:\n${said.trim()}`)));
  });
}
