import { basename, dirname } from "node:path";
import { MirrorError } from "../error";

/** With which names of temporary files and folders begin that stand beside outputs. */
export const TEMPORARY = ".chart-mirror-";

/** What the file system said, in words. */
export interface FileRefusal {
  /** `ENOSPC: the disk is full ('/data/out.yaml')`. */
  readonly reason: string;
  /** What helps whatever was being done; absent where that depends on it. */
  readonly remedy?: string;
}

/** The file system refused something, or has no room for it. `code` is `FILE_ACCESS_FAILED`. */
export class FileAccessError extends MirrorError {
  override readonly name = "FileAccessError";
  /** @param remedy what to do where the reason alone does not say it */
  constructor(doing: string, refusal: FileRefusal, remedy: string, options?: ErrorOptions) {
    super("FILE_ACCESS_FAILED", `${doing} failed: ${refusal.reason}`, refusal.remedy ?? remedy, options);
  }
}

const DESCRIPTORS = "Allow this process more open files (ulimit -n), or run less at once";
const ROOM = "Make room, or choose a place on another disk (TMPDIR for temporary files)";

const WORDS: ReadonlyMap<string, readonly [reason: string, remedy?: string]> = new Map([
  ["ENOENT", ["there is no such file or folder"]],
  ["EACCES", ["this user may not do that"]],
  ["EPERM", ["this user may not do that"]],
  ["EROFS", ["the file system can only be read"]],
  ["EISDIR", ["it is a folder, no file"]],
  ["ENOTDIR", ["a part of the path is no folder"]],
  ["ELOOP", ["links lead in a circle"]],
  ["ENAMETOOLONG", ["the name is longer than the file system takes"]],
  ["EEXIST", ["something of that name is there already"]],
  ["ENOTEMPTY", ["the folder is not empty"]],
  ["EBUSY", ["something else uses it"]],
  ["EMFILE", ["this process has as many files open as it may", DESCRIPTORS]],
  ["ENFILE", ["this machine has as many files open as it may", DESCRIPTORS]],
  ["ENOSPC", ["the disk is full", ROOM]],
  ["EDQUOT", ["this user's share of the disk is full", ROOM]],
  ["EFBIG", ["the file is larger than it may be", ROOM]],
  ["EIO", ["the disk cannot be read or written", "Check the disk"]],
  ["ENOMEM", ["this machine has no memory left", "Run less at once, or on a machine with more memory"]],
  ["ENOEXEC", ["it is no program of this kind of machine"]],
]);

/** A file is larger than the bound for its kind. */
export class TextTooLongError extends Error {
  override readonly name = "TextTooLongError";
}

/** A named pipe that nobody writes to. */
export class SilentPipeError extends Error {
  override readonly name = "SilentPipeError";
}

/** What an error of the file system says; undefined where it is another one. */
export function fileRefusal(error: unknown): FileRefusal | undefined {
  if (error instanceof TextTooLongError || error instanceof SilentPipeError)
    return { reason: error.message, remedy: "Check that it is the file that you mean" };
  // What is copied or moved has a second path.
  const { code, syscall, path, dest } = (error ?? {}) as Partial<NodeJS.ErrnoException & { dest: string }>;
  const words = code === undefined ? undefined : WORDS.get(code);
  // Sockets have system calls, too; their errors are told with their host.
  if (!words || syscall === undefined || /^(?:connect|listen|bind|accept|getaddrinfo)$/.test(syscall)) return undefined;
  const [reason, remedy] = words;
  const paths = [path, dest].flatMap((one) => (one === undefined ? [] : [JSON.stringify(named(one))]));
  const where = paths.length === 0 ? "" : ` (${paths.join(" to ")})`;
  return { reason: `${code}: ${reason}${where}`, ...(remedy !== undefined && { remedy }) };
}

/** A temporary folder beside an output has a name that its user has never written: it is told by where it was to be. */
const named = (path: string): string => (basename(path).startsWith(TEMPORARY) ? dirname(path) : path);

/** Why something failed, for a sentence that says what that was: in words where the file system refused it. */
export function failureReason(error: unknown): string {
  return fileRefusal(error)?.reason ?? (error instanceof Error ? error.message : String(error));
}

/** The verbs of system calls that are not verbs already. */
const DOING: ReadonlyMap<string, string> = new Map([
  ["open", "opening"],
  ["read", "reading"],
  ["write", "writing"],
  ["scandir", "reading the folder"],
  ["opendir", "reading the folder"],
  ["stat", "looking at"],
  ["lstat", "looking at"],
  ["mkdir", "making the folder"],
  ["mkdtemp", "making a temporary folder"],
  ["rename", "moving"],
  ["unlink", "deleting"],
  ["rmdir", "deleting"],
  ["copyfile", "copying"],
  ["cp", "copying"],
]);

/**
 * An error of the file system that nobody has told in words of what was being done: told by the system call and its path.
 * Undefined for every other error, which may be a fault of this package and keeps its stack.
 */
export function fileAccessError(error: unknown): FileAccessError | undefined {
  const refusal = fileRefusal(error);
  if (!refusal) return undefined;
  const { syscall = "", path } = error as NodeJS.ErrnoException;
  const [call = "", program] = syscall.split(/ (.*)/s);
  const doing = call === "spawn" ? `starting ${program ?? ""}` : `${DOING.get(call) ?? call} ${path ?? "a file"}`;
  return new FileAccessError(doing, refusal, "Check the path, and what this user may do there", { cause: error });
}
