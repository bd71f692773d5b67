import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { lstatIfThere } from "./presence";

/** Where a path leads, also one whose last parts are not there yet. */
export async function realPlace(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    const parent = dirname(absolute);
    if (parent === absolute || (error as NodeJS.ErrnoException).code !== "ENOENT") return absolute;
    return join(await realPlace(parent), basename(absolute));
  }
}

/** Whether a path lies in a folder, at any depth; both as {@link realPlace} has them. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/**
 * The first link on the way from a folder to a path below it, the path itself included; undefined where there is none.
 * Whether the folder itself is one is its user's affair.
 * Others could have put such a link there to have its target written to.
 */
export async function linkOnTheWay(folder: string, path: string): Promise<string | undefined> {
  let place = resolve(folder);
  for (const part of relative(place, resolve(path)).split(sep).filter(Boolean)) {
    place = join(place, part);
    if ((await lstatIfThere(place))?.isSymbolicLink()) return place;
  }
  return undefined;
}
