/** An entry of an archive. */
export interface TarEntry {
  path: string;
  size: number;
  mode?: number;
  /** Its type flag; a regular file's unless told. */
  type?: string;
  /** Where a link leads to. */
  link?: string;
}

const BLOCK = 512;

/** The header block of a file ({@link https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06 ustar}), without time and owner. */
export function tarHeader({ path, size, mode = 0o644, type = "0", link = "" }: TarEntry): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`${path} is too long for a plain tar header`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  header.write(path, 0);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(`        ${type}`, 148);
  header.write(link, 157, 100);
  header.write("ustar\x0000", 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** What fills up the last block of a file. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What ends an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** An archive of files in the order given. */
export function tarOf(files: Readonly<Record<string, Uint8Array | string>>, mode?: number): Buffer {
  const parts = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content as Uint8Array);
    const entry = { path, size: bytes.length, ...(mode !== undefined && { mode }) };
    return [tarHeader(entry), bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}
