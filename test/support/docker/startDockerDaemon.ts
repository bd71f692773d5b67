import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureTools } from "../tools";
import { DockerApi } from "../providers/docker/dockerApi";

/** A daemon that runs until it is stopped. */
export interface DockerDaemonHandle {
  /** As `DOCKER_HOST` has it. */
  readonly host: string;
  /** The images that it has are asked for with this. */
  readonly api: DockerApi;
  stop(): Promise<void>;
}

const START_MS = 60_000;

/**
 * Starts a real Docker daemon with an empty store, which pulls and pushes, and runs nothing: it has no network for
 * containers and touches no firewall. Needs root. It ends with this process, however that ends.
 */
export async function startDockerDaemon(): Promise<DockerDaemonHandle> {
  const path = await ensureTools("dockerd");
  const folder = mkdtempSync(join(tmpdir(), "chart-mirror-docker-"));
  const host = `unix://${join(folder, "docker.sock")}`;
  const log = join(folder, "log");
  const command = [
    "dockerd",
    ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec"), "--pidfile", join(folder, "pid")],
    ...["--host", host, "--storage-driver", "vfs"],
    ...["--bridge=none", "--iptables=false", "--ip6tables=false"],
  ];
  // Everything inside ends with its first process, and that with the end of its standard input.
  const script = 'log=$1; shift; "$@" >"$log" 2>&1 & cat >/dev/null';
  const flags = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
  const unshare = spawn("unshare", [...flags, "bash", "--norc", "-c", script, "bash", log, ...command], {
    env: { PATH: `${path}:${process.env["PATH"] ?? ""}` },
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(unshare, "exit");
  const stop = async (): Promise<void> => {
    unshare.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const api = new DockerApi(host);
  for (const end = Date.now() + START_MS; ; await sleep(100)) {
    try {
      await api.image("none");
      return { host, api, stop };
    } catch (error) {
      if (Date.now() < end && unshare.exitCode === null) continue;
      const said = readFileSync(log, "utf8").split("\n").slice(-20).join("\n");
      await stop();
      throw new Error(`dockerd did not start:\n${said}`, { cause: error });
    }
  }
}
