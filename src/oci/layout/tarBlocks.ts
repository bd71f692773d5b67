import { Header, Pax } from "tar";

/** What a tar archive is made of. */
export const BLOCK = 512;

/** Bytes up to the next block. */
export const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/** The header of a plain file, the same whenever and by whomever it is made. */
export function fileHeader(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const file = { path, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: "File" as const };
  // Sizes above 8 GiB stand in base 256, which all readers know; a name too long (sha512) in a header of its own.
  new Header({ ...file, uname: "", gname: "" }).encode(block, 0);
  return Buffer.byteLength(path) > 100 ? Buffer.concat([new Pax({ path }).encode(), block]) : block;
}
