import { MirrorError } from "../../error";
import { FileAccessError, failureReason, fileRefusal } from "../../files/fileError";
import type { LockFile } from "./lockFile";
import { parseLock } from "./lockFormat";

/** A lock file that is not there. `code` is `LOCK_NOT_FOUND`. */
export class LockNotFoundError extends MirrorError {
  override readonly name = "LockNotFoundError";
  constructor(file: string, reason: string, renew: string, options?: ErrorOptions) {
    super("LOCK_NOT_FOUND", `Reading the lock file ${file} failed: ${reason}`, `Write it: ${renew}`, options);
  }
}

/**
 * Reads a lock file.
 *
 * @param read the file system's
 * @param renew the command that writes it, for errors
 * @throws {LockNotFoundError} {InvalidLockError} {FileAccessError}
 */
export async function readLock(
  file: string,
  read: (file: string) => Promise<string>,
  renew: string,
): Promise<LockFile> {
  let text: string;
  try {
    text = await read(file);
  } catch (error) {
    const refusal = fileRefusal(error);
    if (!refusal) throw new LockNotFoundError(file, failureReason(error), renew, { cause: error });
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new LockNotFoundError(file, "there is no such file", renew, { cause: error });
    // To write it would not help: it is there.
    throw new FileAccessError(`Reading the lock file ${file}`, refusal, "Check the path, and what this user may read", {
      cause: error,
    });
  }
  return parseLock(text, file, renew);
}
