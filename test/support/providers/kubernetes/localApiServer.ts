import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../freePort";
import { ensureTool } from "../../tools";
import { ApiServer } from "./apiServer";

/** A real API server without nodes or controllers. */
export interface LocalApiServer {
  /** The content of a kubeconfig for its administrator. */
  readonly kubeconfig: string;
  readonly api: ApiServer;
  stop(): Promise<void>;
}

/**
 * Starts etcd and kube-apiserver on loopback; needs no root.
 *
 * @param flags of the API server, besides its own
 */
export async function startLocalApiServer(flags: readonly string[] = []): Promise<LocalApiServer> {
  const bin = dirname(await ensureTool("kube-apiserver"));
  const folder = await mkdtemp(join(tmpdir(), "api-server-"));
  const [etcdPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const key = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const signingKey = join(folder, "service-accounts.pem");
  const tokens = join(folder, "tokens.csv");
  await writeFile(signingKey, key.privateKey);
  await writeFile(tokens, "local-token,admin,admin,system:masters\n");
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const processes: ChildProcess[] = [];
  const start = (command: string, ...args: string[]) => {
    processes.push(spawn(join(bin, command), args, { cwd: folder, stdio: "ignore" }));
  };
  const stop = async () => {
    for (const child of processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  };

  start(
    "etcd",
    "--data-dir",
    join(folder, "etcd"),
    "--listen-client-urls",
    etcdUrl,
    "--advertise-client-urls",
    etcdUrl,
    "--listen-peer-urls",
    peerUrl,
    "--initial-advertise-peer-urls",
    peerUrl,
    "--initial-cluster",
    `default=${peerUrl}`,
    "--unsafe-no-fsync",
  );
  start(
    "kube-apiserver",
    "--etcd-servers",
    etcdUrl,
    "--bind-address",
    "127.0.0.1",
    "--advertise-address",
    "127.0.0.1",
    "--secure-port",
    String(apiPort),
    "--cert-dir",
    folder,
    "--token-auth-file",
    tokens,
    "--authorization-mode",
    "RBAC",
    "--service-account-issuer",
    "https://kubernetes.default.svc",
    "--service-account-signing-key-file",
    signingKey,
    "--service-account-key-file",
    signingKey,
    "--service-cluster-ip-range",
    "10.0.0.0/24",
    "--disable-admission-plugins",
    "ServiceAccount",
    ...flags,
  );

  const server = `https://127.0.0.1:${apiPort}`;
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      const certificateAuthority = await readFile(join(folder, "apiserver.crt"), "utf8");
      const api = new ApiServer({
        server,
        token: "local-token",
        certificateAuthority,
        insecure: false,
        namespace: "default",
      });
      await api.version();
      if ((await api.get({ kind: { group: "", version: "v1", kind: "Namespace" }, name: "default" })) !== undefined) {
        const kubeconfig = JSON.stringify({
          apiVersion: "v1",
          kind: "Config",
          "current-context": "local",
          contexts: [{ name: "local", context: { cluster: "local", user: "admin" } }],
          clusters: [
            {
              name: "local",
              cluster: { server, "certificate-authority-data": Buffer.from(certificateAuthority).toString("base64") },
            },
          ],
          users: [{ name: "admin", user: { token: "local-token" } }],
        });
        return { kubeconfig, api, stop };
      }
    } catch (error) {
      if (Date.now() > deadline) {
        await stop();
        throw error;
      }
    }
    await sleep(200);
  }
}
