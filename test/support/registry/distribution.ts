import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../freePort";
import { ensureTool } from "../tools";

/** The one login that it knows. */
export const DISTRIBUTION_LOGIN = { username: "robot", password: "conformance-secret" };
const HTPASSWD = "robot:$2b$05$0TUA.VQ83yuEG77Ej6Lpb.vRW2eXaD9DFjvMxVJZx.u/VXK/sJpk.\n";

/** How a CNCF Distribution is started. */
export interface DistributionOptions {
  /** Default: `registry`, which is version 3; `docker-registry` is 2.8. */
  readonly tool?: "docker-registry" | "registry";
  /** Without one it speaks plain http. PEM. */
  readonly certificate?: { readonly certificate: string; readonly key: string };
  /** Serve what another registry has, and keep it: a proxy, which cannot be pushed to. */
  readonly proxy?: { readonly remoteurl: string; readonly username?: string; readonly password?: string };
}

/** A real registry. */
export interface Distribution {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  close(): Promise<void>;
}

/** Starts the CNCF's own registry, whose login is {@link DISTRIBUTION_LOGIN}; the first time it is installed. */
export async function startDistribution({
  tool = "registry",
  certificate,
  proxy,
}: DistributionOptions = {}): Promise<Distribution> {
  const folder = await mkdtemp(join(tmpdir(), "distribution-"));
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const host = `127.0.0.1:${await freePort()}`;
  const configuration = {
    version: "0.1",
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "storage") }, delete: { enabled: true } },
    auth: { htpasswd: { realm: "test", path: await file("htpasswd", HTPASSWD) } },
    http: {
      addr: host,
      ...(certificate && {
        tls: {
          certificate: await file("cert.pem", certificate.certificate),
          key: await file("key.pem", certificate.key),
        },
      }),
    },
    ...(proxy && { proxy }),
  };
  const executable = await ensureTool(tool);
  const child = spawn(executable, ["serve", await file("config.yml", JSON.stringify(configuration))], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = once(child, "exit");
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    if (await answers(host)) return { host, close };
    await pause(100);
  }
  await close();
  throw new Error(`${tool} does not answer at ${host}: ${said}`);
}

/** Whether something listens there. */
async function answers(host: string): Promise<boolean> {
  try {
    // Whatever it answers: over TLS it says that http is wrong.
    await fetch(`http://${host}/v2/`);
    return true;
  } catch (error) {
    return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code !== "ECONNREFUSED";
  }
}
