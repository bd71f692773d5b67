import { spawn } from "node:child_process";
import { once } from "node:events";
import type { IssuedCertificate } from "../support/registry";

/** The one login that each of them knows. */
export const LOGIN = { username: "robot", password: "conformance-secret" };

/** A real registry that runs, with TLS and a login. */
export interface RunningRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  close(): Promise<void>;
}

/** A kind of registry, and how it differs from the specification or from the others. */
export interface RealRegistry {
  readonly name: string;
  /** @param folder for whatever it keeps */
  start(folder: string, certificate: IssuedCertificate): Promise<RunningRegistry>;
  /** Whether it has the referrers API. */
  readonly hasReferrers: boolean;
  /** Where its repositories lie. Default: anywhere. */
  readonly path?: string;
  /** Whether it keeps a manifest under a digest of SHA-512; others file it under their own. */
  readonly keepsSha512: boolean;
  /** Which images with foreign layers it takes: all, those whose foreign layers it has, or none. */
  readonly foreignLayers: "all" | "had" | "none";
  /** Images that it does not take, by their names among the manifest shapes, and the code that tells it. */
  readonly refuses?: Readonly<Record<string, string>>;
}

/**
 * Starts a server and waits until something listens.
 *
 * @param url any of its addresses
 * @throws Error with the end of what it said
 */
export async function startServer(
  executable: string,
  args: readonly string[],
  url: string,
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<() => Promise<void>> {
  const child = spawn(executable, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = once(child, "exit");
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
    if (await listens(url)) return close;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await close();
  throw new Error(`${executable} does not answer at ${url}: ${said}`);
}

/** Whatever it answers: a certificate that nobody trusts here is an answer too. */
async function listens(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch (error) {
    return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code !== "ECONNREFUSED";
  }
}
