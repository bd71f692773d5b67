import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RawFile } from "./chartArchive";

/**
 * Writes a chart's files below a folder that was just made, so that no link can lie there; a file that is there already
 * is an error and stays as it is.
 *
 * @param files as {@link readChartArchive} or {@link readChartFolder} gave them
 */
export async function writeChartFiles(folder: string, files: Iterable<Pick<RawFile, "path" | "data">>): Promise<void> {
  const made = new Set<string>();
  for (const { path, data } of files) {
    const file = join(folder, ...path.split("/"));
    const parent = dirname(file);
    if (!made.has(parent)) {
      await mkdir(parent, { recursive: true });
      made.add(parent);
    }
    await writeFile(file, data, { flag: "wx" });
  }
}
