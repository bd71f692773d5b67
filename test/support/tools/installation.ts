import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Log } from "./log";
import { withLock } from "./processLock";
import { ToolError } from "./toolError";

/** Something that is installed as a whole into a folder of its own: one built Go module, a Python environment, … */
export interface Installation {
  readonly name: string;
  readonly version: string;
  /** Everything else that decides what is built, such as a go.sum: a change installs anew beside the old one. */
  readonly recipe: readonly string[];
  /** Roughly how long it takes from nothing on two cores, such as "5 minutes". */
  readonly duration: string;
  /**
   * Fills an empty folder. It may fail or be killed at any point: what it left is thrown away. The folder is moved
   * afterwards, so nothing in it may name its own path.
   */
  install(folder: string, cache: string): Promise<void>;
}

/** Where an installation lives once it is complete. */
export function installationFolder(installation: Installation, cache: string): string {
  const { name, version, recipe } = installation;
  const hash = createHash("sha256").update(JSON.stringify([process.platform, process.arch, ...recipe]));
  return join(cache, "tools", `${name}-${version}-${hash.digest("hex").slice(0, 12)}`);
}

/**
 * The folder of a complete installation, made first if it is not there. It appears in one step (a rename), and only one
 * process builds it; others wait for that one.
 */
export async function installOnce(installation: Installation, cache: string, log: Log): Promise<string> {
  const folder = installationFolder(installation, cache);
  if (existsSync(folder)) return folder;
  const what = `${installation.name} ${installation.version}`;
  const onWait = (pid: number) => log(`waiting for process ${pid}, which installs ${what}`);
  const lock = join(cache, "locks", `${basename(folder)}.lock`);
  return withLock(
    lock,
    async () => {
      if (existsSync(folder)) return folder;
      removeUnfinished(folder);
      log(`installing ${what} (about ${installation.duration}) …`);
      const started = Date.now();
      const unfinished = `${folder}.unfinished-${process.pid}`;
      mkdirSync(unfinished, { recursive: true });
      try {
        await installation.install(unfinished, cache);
        renameSync(unfinished, folder);
      } catch (e) {
        rmSync(unfinished, { recursive: true, force: true });
        throw new ToolError(`${what} could not be installed: ${(e as Error).message}`, { cause: e });
      }
      log(`installed ${what} in ${Math.round((Date.now() - started) / 1000)} s`);
      return folder;
    },
    { onWait },
  );
}

/** What killed processes left behind; safe under the lock, which says that nobody is at work. */
function removeUnfinished(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  for (const entry of readdirSync(dirname(folder))) {
    if (entry.startsWith(`${basename(folder)}.unfinished-`)) {
      rmSync(join(dirname(folder), entry), { recursive: true, force: true });
    }
  }
}
