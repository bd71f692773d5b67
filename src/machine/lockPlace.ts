import { OutputRefusedError } from "../files/outputRefused";
import { readIfThere, statIfThere } from "../files/presence";

/**
 * Looks whether a lock file may be written to a path: where nothing is, where nothing is in the file, and over a lock file,
 * which may be broken in any way: writing it anew is what mends it.
 *
 * @throws {OutputRefusedError} where another file would be lost
 */
export async function refuseNoLock(file: string): Promise<void> {
  const info = await statIfThere(file);
  if (info && !info.isFile() && !info.isDirectory()) return;
  const text = info?.isDirectory() ? "a folder" : await readIfThere(file);
  if (text === undefined || text.trim() === "" || /^lockVersion\b/m.test(text)) return;
  throw new OutputRefusedError(
    `${file} (the lock file)`,
    info?.isDirectory() ? "it is a folder" : "what is there is no lock file",
    "Name another file, or delete this one",
  );
}
