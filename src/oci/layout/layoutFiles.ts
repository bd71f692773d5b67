import { close, constants, createReadStream, fstat, open, read, type Stats } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { FileAccessError, fileRefusal } from "../../files/fileError";
import { statIfThere } from "../../files/presence";
import { archiveMembers, type ArchiveMember } from "./archiveMembers";
import { InvalidLayoutError, member } from "./layoutErrors";

/** The files of an OCI image layout, by their names in it; bytes are read when they are asked for. */
export interface LayoutFiles {
  /** The archive or folder, as its user named it. */
  readonly place: string;
  /** Undefined where there is no such file. */
  sizeOf(name: string): Promise<number | undefined>;
  /** A small file as a whole. @throws {InvalidLayoutError} where it is larger */
  read(name: string, limit: number): Promise<Buffer | undefined>;
  /** The bytes of a file from an offset on. */
  stream(name: string, start: number): Promise<Readable | undefined>;
  close(): Promise<void>;
}

// Numbers and no FileHandles: Node.js closes those that nobody holds, and warns of it.
const files = { open: promisify(open), close: promisify(close), stat: promisify(fstat), read: promisify(read) };

/** Opens a layout: a folder, or a tar archive (`oci-archive`). @throws {InvalidLayoutError} {FileAccessError} */
export async function openLayoutFiles(place: string): Promise<LayoutFiles> {
  const info = await statIfThere(place);
  if (!info) throw new InvalidLayoutError(place, "there is no such file or folder", { remedy: "Check the path" });
  if (info.isDirectory()) return new LayoutFolder(place);
  // A pipe would be waited for without end.
  if (!info.isFile())
    throw new InvalidLayoutError(place, "it is neither a folder nor a plain file", {
      remedy: "Name an archive, or the folder of a layout",
    });
  const file = await openFile(place, place);
  try {
    const { size } = await files.stat(file.descriptor);
    const readAt = (offset: number, length: number): Promise<Buffer> => file.readAt(offset, length);
    return new LayoutArchiveFiles(place, file, await archiveMembers(place, size, readAt));
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A file that is open. */
class OpenFile {
  constructor(
    readonly descriptor: number,
    private readonly path: string,
  ) {}

  /** What is there of these bytes. */
  async readAt(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await files
        .read(this.descriptor, buffer, done, length - done, offset + done)
        .catch((error: unknown) => {
          throw unreadable(this.path, error);
        });
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return buffer.subarray(0, done);
  }

  streamAt(start: number, length: number, autoClose: boolean): Readable {
    const end = start + length - 1;
    return createReadStream("", { fd: this.descriptor, start, end, autoClose });
  }

  close(): Promise<void> {
    return files.close(this.descriptor);
  }

  stat(): Promise<Stats> {
    return files.stat(this.descriptor);
  }
}

async function openFile(path: string, place: string, flags = constants.O_RDONLY): Promise<OpenFile> {
  try {
    return new OpenFile(await files.open(path, flags), path);
  } catch (error) {
    throw unreadable(place, error);
  }
}

function unreadable(place: string, error: unknown): unknown {
  const refusal = fileRefusal(error);
  if (!refusal) return error;
  return new FileAccessError(`reading the OCI image layout ${place}`, refusal, "Check what this user may read", {
    cause: error,
  });
}

class LayoutArchiveFiles implements LayoutFiles {
  constructor(
    readonly place: string,
    private readonly file: OpenFile,
    private readonly members: ReadonlyMap<string, ArchiveMember>,
  ) {}

  sizeOf(name: string): Promise<number | undefined> {
    return Promise.resolve(this.members.get(name)?.size);
  }

  async read(name: string, limit: number): Promise<Buffer | undefined> {
    const found = this.members.get(name);
    if (!found) return undefined;
    refuseLarge(this.place, name, found.size, limit);
    return this.file.readAt(found.offset, found.size);
  }

  stream(name: string, start: number): Promise<Readable | undefined> {
    const found = this.members.get(name);
    return Promise.resolve(found && bytesOf(this.file, found.offset + start, found.size - start, false));
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

class LayoutFolder implements LayoutFiles {
  constructor(readonly place: string) {}

  sizeOf(name: string): Promise<number | undefined> {
    return this.with(name, (_, size) => Promise.resolve(size));
  }

  read(name: string, limit: number): Promise<Buffer | undefined> {
    return this.with(name, (file, size) => {
      refuseLarge(this.place, name, size, limit);
      return file.readAt(0, size);
    });
  }

  async stream(name: string, start: number): Promise<Readable | undefined> {
    const opened = await this.open(name);
    return opened && bytesOf(opened.file, start, opened.size - start, true);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async with<T>(name: string, use: (file: OpenFile, size: number) => Promise<T>): Promise<T | undefined> {
    const opened = await this.open(name);
    if (!opened) return undefined;
    try {
      return await use(opened.file, opened.size);
    } finally {
      await opened.file.close();
    }
  }

  private async open(name: string): Promise<{ file: OpenFile; size: number } | undefined> {
    const path = join(this.place, name);
    if ((await statIfThere(path)) === undefined) return undefined;
    // What an unpacked archive has for a link leads anywhere; a pipe would be waited for.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const file = await openFile(path, path, flags);
    const info = await file.stat();
    if (info.isFile()) return { file, size: info.size };
    await file.close();
    throw new InvalidLayoutError(this.place, `${member(name)} is no plain file`);
  }
}

function bytesOf(file: OpenFile, start: number, length: number, autoClose: boolean): Readable {
  // A stream cannot be told to read nothing: its end would stand before its start.
  if (length > 0) return file.streamAt(start, length, autoClose);
  if (autoClose) void file.close();
  return Readable.from([], { objectMode: false });
}

function refuseLarge(place: string, name: string, size: number, limit: number): void {
  if (size > limit)
    throw new InvalidLayoutError(
      place,
      `${member(name)} has ${size} bytes, more than the ${limit} that are taken of it`,
    );
}
