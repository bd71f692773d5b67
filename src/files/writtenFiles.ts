import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "../image/digest";
import { parseJson } from "../json";
import { byKey } from "../textOrder";

/** Digests of files by their path in a folder, with forward slashes. */
export type WrittenFiles = ReadonlyMap<string, string>;

/** The first words of a list, which tell it from a file that only has its name. */
const WRITER = "pulumi-chart-mirror";

/** The list of the files that a run wrote into a folder, with their digests, so that the next run knows which are its own. */
export function formatWrittenFiles(files: WrittenFiles): string {
  const sorted = [...files].sort(byKey);
  return `${JSON.stringify({ writtenBy: WRITER, files: sorted }, null, 1)}\n`;
}

/** Reads what {@link formatWrittenFiles} wrote; undefined where a text is something else. */
export function parseWrittenFiles(text: string): WrittenFiles | undefined {
  let content: unknown;
  try {
    content = parseJson(text);
  } catch {
    return undefined;
  }
  const { writtenBy, files } = (content ?? {}) as { writtenBy?: unknown; files?: unknown };
  return writtenBy === WRITER && Array.isArray(files) && files.every(isEntry) ? new Map(files) : undefined;
}

const isEntry = (entry: unknown): entry is [string, string] =>
  Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === "string");

/** All entries of a folder and the folders below it, but for folders. No link is followed; only plain files have a digest. */
export async function filesIn(folder: string): Promise<ReadonlyMap<string, string | undefined>> {
  const files = new Map<string, string | undefined>();
  const walk = async (inside: string): Promise<void> => {
    for (const name of await readdir(join(folder, inside))) {
      const path = inside === "" ? name : `${inside}/${name}`;
      const info = await lstat(join(folder, path));
      if (info.isDirectory()) await walk(path);
      else files.set(path, info.isFile() ? digestOf(await readFile(join(folder, path))) : undefined);
    }
  };
  await walk("");
  return files;
}
