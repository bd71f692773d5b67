import type { FileHandle } from "node:fs/promises";
import { Writable } from "node:stream";
import { BLOCK, fileHeader, paddingOf } from "./tarBlocks";

/** A member that is being written. */
export interface MemberSlot {
  readonly name: string;
  readonly size: number;
  /** Where its header stands, and its bytes. */
  readonly at: number;
  readonly dataAt: number;
}

/**
 * Writes a tar archive of plain files into an open file. Members are written side by side, each to its own place: how many
 * bytes a blob has is known before it comes.
 */
export class ArchiveWriter {
  private readonly slots: MemberSlot[] = [];
  /** Places of members that did not come to their end. */
  private readonly free: MemberSlot[] = [];
  private end = 0;

  constructor(private readonly file: FileHandle) {}

  /** Takes a place for a member. */
  slot(name: string, size: number): MemberSlot {
    const header = fileHeader(name, size).length;
    const at = this.free.findIndex((slot) => slot.size === size && slot.dataAt - slot.at === header);
    const known = at < 0 ? undefined : this.free.splice(at, 1)[0];
    const slot = { name, size, at: known?.at ?? this.end, dataAt: known?.dataAt ?? this.end + header };
    if (!known) this.end = slot.dataAt + size + paddingOf(size);
    this.slots.push(slot);
    return slot;
  }

  /** Gives a place back whose member will not come. */
  release(slot: MemberSlot): void {
    const at = this.slots.indexOf(slot);
    if (at < 0) return;
    this.slots.splice(at, 1);
    this.free.push(slot);
  }

  async add(name: string, bytes: Buffer): Promise<void> {
    const slot = this.slot(name, bytes.length);
    try {
      await this.write(slot.dataAt, bytes);
    } catch (error) {
      this.release(slot);
      throw error;
    }
  }

  /** Takes the bytes of a member as they come; one that ends before all have come gives its place back. */
  sink(slot: MemberSlot): Writable {
    let at = slot.dataAt;
    const isWhole = (): boolean => at === slot.dataAt + slot.size;
    let writing: Promise<void> = Promise.resolve();
    return new Writable({
      write: (chunk: Buffer, _, done) => {
        if (at + chunk.length > slot.dataAt + slot.size) return done(new Error(`more bytes came than ${slot.size}`));
        writing = this.write(at, chunk);
        at += chunk.length;
        writing.then(() => done(), done);
      },
      final: (done) => done(isWhole() ? undefined : new Error(`fewer bytes came than ${slot.size}`)),
      destroy: (error, done) => {
        // Its place is another's when nothing is written to it any more.
        const end = (): void => {
          if (error || !isWhole()) this.release(slot);
          done(error);
        };
        writing.then(end, end);
      },
    });
  }

  /** Gives a member its name. */
  async rename(slot: MemberSlot, name: string): Promise<void> {
    const named = this.slots.indexOf(slot);
    if (named < 0) throw new Error(`${name} has no place`);
    if (fileHeader(name, slot.size).length === slot.dataAt - slot.at) {
      this.slots[named] = { ...slot, name };
      return;
    }
    // A name of another length needs other headers before it.
    const other = this.slot(name, slot.size);
    await this.move(slot.dataAt, other.dataAt, slot.size);
    this.release(slot);
  }

  /** Closes places that stayed free, and ends the archive. */
  async finish(): Promise<void> {
    await this.closeGaps();
    for (const { name, size, at } of this.slots) await this.write(at, fileHeader(name, size));
    // What was moved away from behind the end goes first, so that zeros alone follow it.
    await this.file.truncate(this.end);
    await this.file.truncate(this.end + 2 * BLOCK);
  }

  /** Moves members down over what stayed free before them; rare, since a blob that is tried again takes the same place. */
  private async closeGaps(): Promise<void> {
    if (this.free.length === 0) return;
    let end = 0;
    for (const slot of this.slots.splice(0).sort((a, b) => a.at - b.at)) {
      const { size } = slot;
      const dataAt = end + (slot.dataAt - slot.at);
      await this.move(slot.dataAt, dataAt, size);
      await this.write(dataAt + size, Buffer.alloc(paddingOf(size)));
      this.slots.push({ ...slot, at: end, dataAt });
      end = dataAt + size + paddingOf(size);
    }
    this.free.length = 0;
    this.end = end;
  }

  private async move(from: number, to: number, size: number): Promise<void> {
    if (from === to || size === 0) return;
    const buffer = Buffer.alloc(Math.min(1024 * 1024, size));
    for (let moved = 0; moved < size;) {
      const { bytesRead } = await this.file.read(buffer, 0, Math.min(buffer.length, size - moved), from + moved);
      if (bytesRead === 0) throw new Error("what was written cannot be read back");
      await this.write(to + moved, buffer.subarray(0, bytesRead));
      moved += bytesRead;
    }
  }

  private async write(at: number, bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;)
      done += (await this.file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}
