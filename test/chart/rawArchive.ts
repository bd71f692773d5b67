import { gzipSync } from "node:zlib";
import { TAR_END, tarHeader, tarPadding } from "../support/images/tarArchive";

/** An entry of an archive as no honest tool may write it. */
export interface RawEntry {
  readonly name: string;
  /** Type flag: `0` a file, `1` a hard link, `2` a symbolic link, `3` a device, `5` a folder, … */
  readonly type?: string;
  readonly link?: string;
  readonly data?: string | Buffer;
  /** The name in an extended header, as long and odd as one likes. */
  readonly extended?: boolean;
}

/** A gzipped tar archive with these entries as they are. */
export function rawArchive(entries: readonly RawEntry[]): Buffer {
  return gzipSync(rawTar(entries));
}

/** The archive before it is compressed. */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocks), TAR_END]);
}

function blocks({ name, type = "0", link = "", data = "", extended = false }: RawEntry): Buffer[] {
  const long = extended || Buffer.byteLength(name) > 100 || Buffer.byteLength(link) > 100;
  const head = long ? paxHeader({ path: name, ...(link !== "" && { linkpath: link }) }) : [];
  const short = long ? { path: "long", link: link && "long" } : { path: name, link };
  const bytes = Buffer.from(data);
  return [...head, tarHeader({ ...short, type, size: bytes.length }), bytes, tarPadding(bytes.length)];
}

/** An extended header ({@link https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03}). */
function paxHeader(records: Readonly<Record<string, string>>): Buffer[] {
  const body = Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(` ${key}=${value}\n`)));
  return [tarHeader({ path: "pax", type: "x", size: body.length }), body, tarPadding(body.length)];
}

function paxRecord(text: string): Buffer {
  const own = Buffer.byteLength(text);
  const length = own + String(own + String(own).length).length;
  return Buffer.from(`${length}${text}`);
}
