import { constants, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
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
    const { size } = await file.stat();
    const readAt = (offset: number, length: number): Promise<Buffer> => file.readAt(offset, length);
    return new LayoutArchiveFiles(place, file, await archiveMembers(place, size, readAt));
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A file that is open; it is closed once nothing reads it any more. */
class OpenFile {
  constructor(
    private readonly handle: FileHandle,
    private readonly path: string,
  ) {}

  /** What is there of these bytes. */
  async readAt(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = await this.readInto(buffer.subarray(done), offset + done);
      if (count === 0) break;
      done += count;
    }
    return buffer.subarray(0, done);
  }

  async readInto(buffer: Buffer, offset: number): Promise<number> {
    try {
      return (await this.handle.read(buffer, 0, buffer.length, offset)).bytesRead;
    } catch (error) {
      throw unreadable(this.path, error);
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  stat(): Promise<Stats> {
    return this.handle.stat();
  }
}

/** As much as is read at once. */
const READ_BYTES = 64 * 1024;

/** Some bytes of an open file. The handle's own streams each listen to it, and there may be many. */
class FileBytes extends Readable {
  constructor(
    private readonly file: OpenFile,
    private at: number,
    private left: number,
    private readonly closesFile: boolean,
  ) {
    super({ highWaterMark: READ_BYTES });
  }

  override _read(): void {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, this.left));
    if (buffer.length === 0) return void this.push(null);
    this.file.readInto(buffer, this.at).then(
      (count) => {
        this.at += count;
        this.left = count === 0 ? 0 : this.left - count;
        this.push(count === 0 ? null : buffer.subarray(0, count));
      },
      (error: unknown) => void this.destroy(error as Error),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.closesFile) return done(error);
    const end = (): void => done(error);
    this.file.close().then(end, end);
  }
}

async function openFile(path: string, place: string, flags = constants.O_RDONLY): Promise<OpenFile> {
  try {
    return new OpenFile(await open(path, flags), path);
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
    return Promise.resolve(found && new FileBytes(this.file, found.offset + start, found.size - start, false));
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
    return opened && new FileBytes(opened.file, start, opened.size - start, true);
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

function refuseLarge(place: string, name: string, size: number, limit: number): void {
  if (size > limit)
    throw new InvalidLayoutError(
      place,
      `${member(name)} has ${size} bytes, more than the ${limit} that are taken of it`,
    );
}
