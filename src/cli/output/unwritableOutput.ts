import { MirrorError } from "../../error";

/** A file or folder that an option names cannot be written. `code` is `OUTPUT_UNWRITABLE`. */
export class UnwritableOutputError extends MirrorError {
  override readonly name = "UnwritableOutputError";
  constructor(option: string, path: string, cause: NodeJS.ErrnoException) {
    super(
      "OUTPUT_UNWRITABLE",
      `writing ${path} of ${option} failed: ${cause.message}`,
      "Name a place in a folder that is there and that this user may write to",
      { cause },
    );
  }
}

/**
 * Writes what an option asks for.
 *
 * @param option the option that names the path, for the error
 * @throws {UnwritableOutputError} what the file system refuses
 */
export async function writeOutput<T>(option: string, path: string, write: (path: string) => Promise<T>): Promise<T> {
  try {
    return await write(path);
  } catch (error) {
    if (isRefusal(error)) throw new UnwritableOutputError(option, path, error);
    throw error;
  }
}

/** The file system names the call that it has refused; other errors are of what was to be written. */
function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return (error as Partial<NodeJS.ErrnoException> | undefined)?.syscall !== undefined;
}
