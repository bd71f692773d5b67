import { gzipSync } from "node:zlib";
import { Header, Pax } from "tar";
import type { RawFile } from "../content/chartArchive";
import { compareTexts } from "../../textOrder";

const BLOCK = 512;
/** Byte of a gzip header that names the operating system; 255 is "unknown" ({@link https://www.rfc-editor.org/rfc/rfc1952#page-8}). */
const GZIP_OS = 9;

/**
 * Packs a chart's files as `helm package` lays them out: below one folder that has the chart's name.
 *
 * The same files make the same bytes on every machine, so that the archive has one digest: names are sorted, nobody's
 * user and no time is in it, and nothing is compressed, since what compression makes differs between releases of zlib.
 */
export function packChart(name: string, files: readonly Pick<RawFile, "path" | "data">[]): Buffer {
  const sorted = [...files].sort((a, b) => compareTexts(a.path, b.path));
  const parts = sorted.flatMap(({ path, data }) => [...headersOf(`${name}/${path}`, data.length), padded(data)]);
  const archive = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 0 });
  archive[GZIP_OS] = 255;
  return archive;
}

function headersOf(path: string, size: number): Buffer[] {
  const entry = {
    path,
    size,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
    type: "File" as const,
    uname: "",
    gname: "",
  };
  const block = Buffer.alloc(BLOCK);
  // What does not fit into a plain header stands in an extended one before it.
  const tooLong = new Header(entry).encode(block, 0);
  return tooLong ? [new Pax({ path }).encode(), block] : [block];
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}
