import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RawFile } from "./chartArchive";

/**
 * Writes a chart's files below a folder that was just made, so that no link can lie there; a file that is there already
 * is an error and stays as it is.
 *
 * In one go: a chart has many small files, of which each would take many times as long by way of Node.js' thread pool.
 *
 * @param files as {@link readChartArchive} or {@link readChartFolder} gave them
 */
export function writeChartFiles(folder: string, files: Iterable<Pick<RawFile, "path" | "data">>): void {
  const made = new Set<string>();
  for (const { path, data } of files) {
    const file = join(folder, ...path.split("/"));
    const parent = dirname(file);
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true });
      made.add(parent);
    }
    writeFileSync(file, data, { flag: "wx" });
  }
}
