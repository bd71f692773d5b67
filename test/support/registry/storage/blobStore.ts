import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { digestOf, type Digest } from "../../../../src/image/digest";

/** First and last byte. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Content by digest. */
export interface BlobStore {
  /** Size in bytes; undefined when it is not there. */
  size(digest: Digest): number | undefined;
  read(digest: Digest, range?: ByteRange): Readable;
  remove(digest: Digest): void;
  /** Starts a blob whose digest is not known yet. */
  draft(): BlobDraft;
}

/** A blob that is being written. */
export abstract class BlobDraft {
  #hash: Hash = createHash("sha256");
  #size = 0;

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds bytes. When the source breaks, what came before stays, and the source's error is thrown. */
  async append(source: AsyncIterable<Buffer>): Promise<void> {
    await this.write(this.#measured(source));
  }

  /** Forgets all bytes. */
  async restart(): Promise<void> {
    this.#hash = createHash("sha256");
    this.#size = 0;
    await this.discard();
  }

  /** Makes it a blob of the store; false, with the draft unchanged, when its bytes have another digest. */
  async commit(digest: Digest): Promise<boolean> {
    if ((await this.#digest(digest)) !== digest) return false;
    await this.keep(digest);
    return true;
  }

  /** Throws the bytes away. */
  abstract discard(): Promise<void>;
  protected abstract write(source: AsyncIterable<Buffer>): Promise<void>;
  protected abstract keep(digest: Digest): Promise<void>;
  protected abstract content(): Promise<Buffer>;

  async *#measured(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of source) {
      this.#hash.update(chunk);
      this.#size += chunk.length;
      yield chunk;
    }
  }

  /** sha256 is known from the stream; the rare other algorithms read the bytes again. */
  async #digest(like: Digest): Promise<Digest> {
    const algorithm = like.slice(0, like.indexOf(":"));
    if (algorithm === "sha256") return `sha256:${this.#hash.copy().digest("hex")}`;
    return digestOf(await this.content(), algorithm);
  }
}
