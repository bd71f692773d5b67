import { MirrorError } from "../../error";
import { FileAccessError, fileRefusal, type FileRefusal } from "../../files/fileError";

/** A file or folder that an option names cannot be written. `code` is `OUTPUT_UNWRITABLE`. */
export function outputUnwritable(
  option: string,
  path: string,
  refusal: FileRefusal,
  options?: ErrorOptions,
): MirrorError {
  return new MirrorError(
    "OUTPUT_UNWRITABLE",
    `writing ${path} of ${option} failed: ${refusal.reason}`,
    refusal.remedy ?? "Name a place in a folder that is there and that this user may write to",
    options,
  );
}

/**
 * Writes what an option asks for.
 *
 * @param option the option that names the path, for the error
 * @throws {MirrorError} `OUTPUT_UNWRITABLE` what the file system refuses
 */
export async function writeOutput<T>(option: string, path: string, write: (path: string) => Promise<T>): Promise<T> {
  try {
    return await write(path);
  } catch (error) {
    const cause = error instanceof FileAccessError ? error.cause : error;
    const refusal = fileRefusal(cause);
    if (refusal) throw outputUnwritable(option, path, refusal, { cause });
    throw error;
  }
}
