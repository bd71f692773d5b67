import { Parser } from "tar";
import type { RawFile } from "./rawFile";

/** Helm's own limit of what an archive may unpack to. */
const MAX_UNPACKED = 100 * 1024 * 1024;

/**
 * The files of a chart's archive (`.tgz`), without the one folder that holds them all.
 *
 * @param location name of the archive inside the root chart; the files' locations begin with it
 * @throws {Error} when it is no gzipped tar archive, names a place outside of itself or is too large
 */
export function readChartArchive(archive: Buffer, location: string): Promise<RawFile[]> {
  return new Promise((done, failed) => {
    const files: RawFile[] = [];
    let size = 0;
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        const [folder, ...rest] = entry.path.replaceAll("\\", "/").split("/");
        const path = rest.join("/");
        if (entry.type !== "File" || path === "") {
          entry.resume();
          return;
        }
        if (rest.includes("..") || folder === ".." || folder === "")
          failed(new Error(`the archive names a place outside of itself: ${JSON.stringify(entry.path)}`));
        size += entry.size;
        if (size > MAX_UNPACKED) failed(new Error(`the archive unpacks to more than ${MAX_UNPACKED} bytes`));
        const chunks: Buffer[] = [];
        entry.on("data", (chunk: Buffer) => chunks.push(chunk));
        entry.on("end", () =>
          files.push({ path, location: `${location}/${folder}/${path}`, data: Buffer.concat(chunks) }),
        );
      },
    });
    parser.on("end", () => done(files));
    parser.on("error", failed);
    parser.end(archive);
  });
}
