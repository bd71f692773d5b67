import {
  access,
  chmod,
  chown,
  constants,
  open,
  readFile,
  readlink,
  realpath,
  rename,
  stat,
  writeFile,
  type FileHandle,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { OutputRefusedError } from "./outputRefused";
import { isBelow, realPlace } from "./place";
import { ifThere, lstatIfThere, statIfThere } from "./presence";
import { TemporaryFolder } from "./temporaryFolder";

/** How a file is written. */
export interface OutputFileOptions {
  /** The output in words, for errors: `values of --values-out`. */
  readonly what: string;
  /** Files that this run reads, and folders: it must not replace them, or what is in them. */
  readonly inputs?: readonly string[];
  /** The file's mode, also where it is there already. Default: what it has, or what the user's umask says. */
  readonly mode?: number;
}

/**
 * Writes a file as a whole: beside its place first, and then moved there, so that nobody sees half of it and a run that
 * fails leaves what was there before.
 *
 * A link is followed where its owner is this user: its target is written, and the link stays. Where others can put links
 * into the folder, theirs are refused. What is no plain file (`/dev/stdout`, a pipe) is written to as it is.
 *
 * @throws {OutputRefusedError} and the file system's own errors
 */
export async function writeOutputFile(path: string, text: string, options: OutputFileOptions): Promise<void> {
  await refuseOutputFile(path, options, text);
  const target = await linkTarget(path, options.what);
  const before = await statIfThere(target ?? path);
  if (target === undefined || (before && !before.isFile())) return writeFile(path, text);
  // Whoever has write-protected a file means it, although moving another one into its place asks only the folder.
  if (before) await access(target, constants.W_OK);
  try {
    await replace(target, (file) => file.writeFile(text), options.mode ?? (before && before.mode & 0o7777), before);
  } catch (error) {
    if (!before || !FOLDER_REFUSES.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await overwrite(target, text, options.mode);
  }
}

/**
 * Writes a large file as a whole, in any order: beside its place first, and then moved there, as {@link writeOutputFile} does.
 * It needs a plain file: what is written to any place of it cannot go into a pipe.
 *
 * @param fill writes the file
 * @throws {OutputRefusedError} and the file system's own errors
 */
export async function fillOutputFile<T>(
  path: string,
  fill: (file: FileHandle) => Promise<T>,
  options: OutputFileOptions,
): Promise<T> {
  await refuseFilledFile(path, options);
  // The look before has refused what this process has open.
  const target = (await linkTarget(path, options.what)) ?? path;
  const before = await statIfThere(target);
  return replace(target, fill, options.mode ?? (before && before.mode & 0o7777), before);
}

/**
 * Looks, before any work, whether {@link fillOutputFile} may write a file.
 *
 * @throws {OutputRefusedError} and the file system's own errors
 */
export async function refuseFilledFile(path: string, options: OutputFileOptions): Promise<void> {
  const target = await linkTarget(path, options.what);
  const before = await statIfThere(target ?? path);
  if (target === undefined || (before && !before.isFile()))
    throw new OutputRefusedError(`${path} (${options.what})`, "it is no plain file", "Name a file");
  await refuseOutputFile(path, options);
  // It is written beside its place and moved there, also where a file is there already.
  await refuseFolder(target);
}

/**
 * Looks, before any work, whether an output can be written, and whether it would replace what this run reads, under whatever
 * name.
 *
 * @param text what is to be written, where it is known: the same text replaces nothing
 * @throws {OutputRefusedError} and the file system's own errors
 */
export async function refuseOutputFile(
  path: string,
  { what, inputs = [] }: Pick<OutputFileOptions, "what" | "inputs">,
  text?: string,
): Promise<void> {
  await refuseUnwritable(path, what);
  const target = await identity(path);
  if (!target?.isFile()) return;
  for (const input of inputs) {
    const read = await identity(input);
    const reason = !read
      ? undefined
      : read.isDirectory()
        ? isBelow(await realPlace(path), await realPlace(input)) && `it lies in ${input}, which this run reads`
        : read.dev === target.dev && read.ino === target.ino && `it is ${input}, which this run reads`;
    if (!reason || (text !== undefined && (await readFile(path, "utf8")) === text)) continue;
    throw new OutputRefusedError(`${path} (${what})`, reason, "Name another file");
  }
}

async function refuseUnwritable(path: string, what: string): Promise<void> {
  const target = await linkTarget(path, what);
  if (target === undefined) return;
  const before = await statIfThere(target);
  // The file system says it in its own words.
  if (before?.isDirectory()) await (await open(target, "r+")).close();
  if (before) await access(target, constants.W_OK);
  else await refuseFolder(target);
}

/** @throws what the file system says where nothing can be put into the folder of a file */
async function refuseFolder(target: string): Promise<void> {
  const folder = dirname(target);
  // Of a file in the folder's place it says so by its own error.
  if (!(await stat(folder)).isDirectory()) await stat(target);
  await access(folder, constants.W_OK | constants.X_OK);
}

/** The folder lets nothing be put beside the file, or the file is a mount of its own; the file itself may be written to. */
const FOLDER_REFUSES: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "EBUSY"]);

async function replace<T>(
  target: string,
  fill: (file: FileHandle) => Promise<T>,
  mode: number | undefined,
  before: { readonly uid: number; readonly gid: number } | undefined,
): Promise<T> {
  const beside = await TemporaryFolder.make(dirname(target)).catch((error: Error) => {
    throw (error.cause ?? error) as Error;
  });
  try {
    const file = join(beside.path, basename(target));
    // What is written in any order is read again, too.
    const handle = await open(file, "wx+", mode ?? 0o666);
    let result: T;
    try {
      // The mode above is without what the umask takes away.
      if (mode !== undefined) await handle.chmod(mode);
      result = await fill(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Only root can: its user's file is to stay that user's.
    if (before && process.getuid?.() === 0) {
      await chown(file, before.uid, before.gid);
      if (mode !== undefined) await chmod(file, mode);
    }
    await rename(file, target);
    return result;
  } finally {
    await beside.remove();
  }
}

async function overwrite(target: string, text: string, mode: number | undefined): Promise<void> {
  const handle = await open(target, "r+");
  try {
    if (mode !== undefined) await handle.chmod(mode);
    await handle.truncate();
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/** What the system hands a process (`/dev/stdout`, `/proc/self/fd/3`): moving a file there would not reach its reader. */
const OPEN_FILE = /^\/(?:dev|proc)\//;

/**
 * The path behind links; undefined where it leads to what this process has open.
 *
 * @throws {OutputRefusedError} where a link on the way may be somebody else's trap
 */
async function linkTarget(path: string, what: string): Promise<string | undefined> {
  let place = resolve(path);
  for (let links = 0; links < MOST_LINKS; links++) {
    if (OPEN_FILE.test(place)) return undefined;
    const info = await lstatIfThere(place);
    if (!info?.isSymbolicLink()) return place;
    const { mode } = await stat(dirname(place));
    const others = (mode & 0o022) !== 0;
    if (others && process.getuid !== undefined && info.uid !== process.getuid())
      throw new OutputRefusedError(
        `${path} (${what})`,
        `${place} is a link of another user, in a folder that others may write to`,
        "Name another file, or delete the link",
      );
    place = resolve(await realpath(dirname(place)), await readlink(place));
  }
  // The file system says it in its own words.
  await stat(path);
  return path;
}

function identity(path: string) {
  return ifThere(`looking at ${path}`, stat(path, { bigint: true }));
}
