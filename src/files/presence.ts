import type { Stats } from "node:fs";
import { lstat, readFile, stat } from "node:fs/promises";
import { FileAccessError, fileRefusal } from "./fileError";

/** What a path cannot be there for; everything else says that it cannot be looked at. */
const ABSENT: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);
const REMEDY = "Check the path, and what this user may do there";

/**
 * What lies at a path, links followed; undefined where nothing does.
 *
 * @throws {FileAccessError} where that cannot be told: a folder that may not be read is no missing one
 */
export function statIfThere(path: string): Promise<Stats | undefined> {
  return ifThere(`looking at ${path}`, stat(path));
}

/** Like {@link statIfThere}, of a link itself. */
export function lstatIfThere(path: string): Promise<Stats | undefined> {
  return ifThere(`looking at ${path}`, lstat(path));
}

/** The text of a file; undefined where there is none. @throws {FileAccessError} where it is there and cannot be read */
export function readIfThere(path: string): Promise<string | undefined> {
  return ifThere(`reading ${path}`, readFile(path, "utf8"));
}

/**
 * The result of a call of the file system; undefined where what it is about is not there.
 *
 * @throws {FileAccessError} where that cannot be told
 */
export async function ifThere<T>(doing: string, result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code)) return undefined;
    const refusal = fileRefusal(error);
    throw refusal ? new FileAccessError(doing, refusal, REMEDY, { cause: error }) : error;
  }
}
