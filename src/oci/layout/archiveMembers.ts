import { Header } from "tar";
import { entryNameProblem, EntryPlaces } from "../../files/archiveEntryName";
import { InvalidLayoutError, member } from "./layoutErrors";
import { BLOCK, paddingOf } from "./tarBlocks";

/** Where the bytes of a plain file lie in an archive. */
export interface ArchiveMember {
  readonly offset: number;
  readonly size: number;
}

/** Files and folders of one archive: the largest bundles have a few thousand. */
const MAX_MEMBERS = 200_000;
/** Bytes of one extended header (PAX): names and times. */
const MAX_PAX_BYTES = 64 * 1024;
/** What no header without an extended one can say. */
const LARGE = 8 * 1024 ** 3;

/** What stands of the next member in the extended header before it. */
type PaxFields = ReadonlyMap<string, string>;

/**
 * The plain files of a tar archive, by their names; reads the headers alone.
 *
 * Refused is what no honest tool writes into a layout: links, devices, names that lead out of it, two members of one name,
 * sizes that the file does not have, and extended headers by which two readers would see two archives.
 *
 * @param size bytes of the archive
 * @throws {InvalidLayoutError}
 */
export async function archiveMembers(
  place: string,
  size: number,
  readAt: (offset: number, length: number) => Promise<Buffer>,
): Promise<ReadonlyMap<string, ArchiveMember>> {
  const scan = new MemberScan(place);
  let pax: PaxFields | undefined;
  for (let at = 0; ;) {
    const block = await readAt(at, BLOCK);
    if (at === 0) refuseCompressed(place, block);
    if (block.length < BLOCK)
      throw new InvalidLayoutError(place, `it ends after ${at + block.length} bytes, before the end of the archive`);
    at += BLOCK;
    // Two blocks of zeros end an archive; many readers are content with one.
    if (block.every((byte) => byte === 0)) {
      if (pax) throw new InvalidLayoutError(place, "an extended header stands before no member");
      return scan.members;
    }
    const header = headerOf(place, block, at - BLOCK);
    const { type } = header;
    const own = header.size ?? 0;
    if (type === "ExtendedHeader" || type === "GlobalExtendedHeader") {
      if (own > MAX_PAX_BYTES)
        throw new InvalidLayoutError(place, `an extended header has ${own} bytes, more than ${MAX_PAX_BYTES}`);
      if (pax) throw new InvalidLayoutError(place, "two extended headers stand before one member");
      const fields = paxFields(place, await readAt(at, own), type === "GlobalExtendedHeader");
      if (type === "ExtendedHeader") pax = fields;
      at += own + paddingOf(own);
      continue;
    }
    const name = pax?.get("path") ?? header.path ?? "";
    const bytes = sizeOf(place, name, own, pax);
    pax = undefined;
    if (at + bytes > size)
      throw new InvalidLayoutError(
        place,
        `it ends within its member ${member(name)}, of whose ${bytes} bytes it has ${Math.max(0, size - at)}`,
      );
    scan.take(name, type, { offset: at, size: bytes });
    at += bytes + paddingOf(bytes);
  }
}

class MemberScan {
  readonly members = new Map<string, ArchiveMember>();
  private readonly places = new EntryPlaces();
  private count = 0;

  constructor(private readonly place: string) {}

  take(written: string, type: string, found: ArchiveMember): void {
    if (++this.count > MAX_MEMBERS) throw new InvalidLayoutError(this.place, `it has more than ${MAX_MEMBERS} members`);
    const isFolder = type === "Directory";
    // `tar -C LAYOUT .` writes names so, and one for the folder itself.
    const name = written.replace(/\/$/, "").replace(/^\.\//, "");
    if (isFolder && (name === "." || name === "")) return;
    const problem = entryNameProblem(name);
    if (problem !== undefined) throw this.refused(written, problem);
    if (!isFolder && type !== "File" && type !== "OldFile")
      throw this.refused(written, `is no plain file (${type}), which a layout has none of`);
    const taken = this.places.take(name, isFolder);
    if (taken !== undefined) throw this.refused(written, taken);
    if (!isFolder) this.members.set(name, found);
  }

  private refused(name: string, problem: string): InvalidLayoutError {
    return new InvalidLayoutError(this.place, `its member ${member(name)} ${problem}`);
  }
}

function headerOf(place: string, block: Buffer, at: number): Header {
  const damaged = (): InvalidLayoutError =>
    new InvalidLayoutError(
      place,
      at === 0 ? "it is no tar archive" : `no header of a member stands at byte ${at}, where one has to be`,
    );
  let header: Header;
  try {
    header = new Header(block, 0);
  } catch {
    throw damaged();
  }
  const { size } = header;
  if (!header.cksumValid || size === undefined || !Number.isSafeInteger(size) || size < 0) throw damaged();
  return header;
}

/** What an extended header says of a size wins; one that says another than the header itself is a trick. */
function sizeOf(place: string, name: string, own: number, pax: PaxFields | undefined): number {
  const text = pax?.get("size");
  if (text === undefined) return own;
  const size = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(size) || (own !== size && (own !== 0 || size < LARGE)))
    throw new InvalidLayoutError(place, `the headers of its member ${member(name)} tell two sizes, ${own} and ${text}`);
  return size;
}

/** @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03 */
function paxFields(place: string, bytes: Buffer, isGlobal: boolean): PaxFields {
  const damaged = new InvalidLayoutError(place, "an extended header of it is damaged");
  const fields = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? "" : bytes.toString("latin1", at, Math.min(space, at + 8));
    const length = /^\d{1,7}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    if (length === 0 || end > bytes.length || bytes[end - 1] !== 0x0a || space >= end) throw damaged;
    const record = bytes.toString("utf8", space + 1, end - 1);
    const equals = record.indexOf("=");
    if (equals <= 0) throw damaged;
    const key = record.slice(0, equals);
    const changes = key === "path" || key === "size";
    if (key === "linkpath" || key.startsWith("GNU.sparse.") || (changes && (isGlobal || fields.has(key))))
      throw new InvalidLayoutError(place, `an extended header of it sets ${member(key)}, which no layout needs`);
    fields.set(key, record.slice(equals + 1));
    at = end;
  }
  return fields;
}

const COMPRESSED: readonly (readonly [string, Buffer])[] = [
  ["gzip", Buffer.from([0x1f, 0x8b])],
  ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58])],
  ["bzip2", Buffer.from("BZh")],
];

function refuseCompressed(place: string, begin: Buffer): void {
  const found = COMPRESSED.find(([, magic]) => begin.subarray(0, magic.length).equals(magic));
  if (found)
    throw new InvalidLayoutError(place, `it is compressed (${found[0]})`, {
      remedy: "Decompress it: its layers are compressed already, and are read from within",
    });
}
