import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../freePort";
import { ensureTool, kubernetesTool, type ToolName } from "../../tools";
import { ApiServer } from "./apiServer";

/** A real API server without nodes or controllers. */
export interface LocalApiServer {
  /** The content of a kubeconfig for its administrator. */
  readonly kubeconfig: string;
  readonly api: ApiServer;
  /** Starts an API server in its place, with what it had stored, as the upgrade of a cluster does. */
  upgrade(to: ToolName, flags?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

const START_MS = 60_000;

/**
 * Starts etcd and kube-apiserver on loopback; needs no root.
 *
 * @param flags of the API server, besides its own
 * @param tool the API server; that of the suite unless told
 */
export async function startLocalApiServer(
  flags: readonly string[] = [],
  tool: ToolName = kubernetesTool("kube-apiserver"),
): Promise<LocalApiServer> {
  const command = await ensureTool(tool);
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
  const server = `https://127.0.0.1:${apiPort}`;
  const start = (program: string, args: Readonly<Record<string, string>>, more: readonly string[] = []): ChildProcess =>
    spawn(program, [...Object.entries(args).map(([flag, value]) => `--${flag}=${value}`), ...more], {
      cwd: folder,
      stdio: "ignore",
    });
  const startApiServer = (program: string, more: readonly string[]): ChildProcess =>
    start(
      program,
      {
        "etcd-servers": etcdUrl,
        "bind-address": "127.0.0.1",
        "advertise-address": "127.0.0.1",
        "secure-port": String(apiPort),
        "cert-dir": folder,
        "token-auth-file": tokens,
        "authorization-mode": "RBAC",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-signing-key-file": signingKey,
        "service-account-key-file": signingKey,
        "service-cluster-ip-range": "10.0.0.0/24",
        "disable-admission-plugins": "ServiceAccount",
      },
      more,
    );
  const etcd = start(join(dirname(command), "etcd"), {
    "data-dir": join(folder, "etcd"),
    "listen-client-urls": etcdUrl,
    "advertise-client-urls": etcdUrl,
    "listen-peer-urls": peerUrl,
    "initial-advertise-peer-urls": peerUrl,
    "initial-cluster": `default=${peerUrl}`,
    "unsafe-no-fsync": "true",
  });
  let apiServer = startApiServer(command, flags);
  const stop = async (): Promise<void> => {
    for (const child of [apiServer, etcd]) await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const ready = async (): Promise<{ api: ApiServer; certificateAuthority: string }> => {
    for (const deadline = Date.now() + START_MS; ; await sleep(200)) {
      try {
        const certificateAuthority = await readFile(join(folder, "apiserver.crt"), "utf8");
        const login = { server, token: "local-token", certificateAuthority, insecure: false, namespace: "default" };
        const api = new ApiServer(login);
        await api.version();
        const kind = { group: "", version: "v1", kind: "Namespace" };
        if ((await api.get({ kind, name: "default" })) !== undefined) return { api, certificateAuthority };
        throw new Error("The API server has no namespaces yet");
      } catch (error) {
        if (Date.now() <= deadline) continue;
        await stop();
        throw error;
      }
    }
  };

  const { api, certificateAuthority } = await ready();
  const authority = Buffer.from(certificateAuthority).toString("base64");
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "local",
    contexts: [{ name: "local", context: { cluster: "local", user: "admin" } }],
    clusters: [{ name: "local", cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name: "admin", user: { token: "local-token" } }],
  });
  return {
    kubeconfig,
    api,
    stop,
    async upgrade(to, more = []) {
      const next = await ensureTool(to);
      await end(apiServer);
      // Its port, certificate and keys stay, and so does the kubeconfig.
      apiServer = startApiServer(next, more);
      await ready();
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
