import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";

/** Where a component keeps what is deployed from disk. */
export interface ReleaseFolder {
  /** The place for something in the folder, relative to the program's: `./.chart-mirror/NAME/FILE`. It stays in this run. */
  readonly fileNamed: (file: string) => string;
}

/** A stack beside this one, in a run of its own, may have the same component: what it deploys must stay as long as it runs. */
const KEPT_HOURS = 24;

/** What this process deploys: an update may last for days, and two components may have one name. */
const inUse = new Set<string>();

/**
 * The folder of a component, which is made where it is missing, and without what runs before this one have left in it.
 *
 * @param now milliseconds since 1970
 */
export async function releaseFolder(name: string, now: number = Date.now()): Promise<ReleaseFolder> {
  const folder = `./.chart-mirror/${name}`;
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(folder)) {
    const path = resolve(folder, entry);
    if (inUse.has(path)) continue;
    // Whoever else cleans up has been faster where it is gone.
    const age = now - ((await stat(path).catch(() => undefined))?.mtimeMs ?? now);
    if (age > KEPT_HOURS * 3_600_000) await rm(path, { recursive: true, force: true });
  }
  return {
    fileNamed: (file) => {
      inUse.add(resolve(folder, file.split("/")[0] as string));
      return `${folder}/${file}`;
    },
  };
}
