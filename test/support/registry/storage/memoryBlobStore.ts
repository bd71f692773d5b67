import { Readable } from "node:stream";
import type { Digest } from "../../../../src/image/digest";
import { BlobDraft, type BlobStore, type ByteRange } from "./blobStore";

/** Keeps blobs in memory. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<Digest, Buffer>();

  size(digest: Digest): number | undefined {
    return this.#blobs.get(digest)?.length;
  }

  read(digest: Digest, range?: ByteRange): Readable {
    const bytes = this.#blobs.get(digest);
    if (!bytes) throw new Error(`no blob ${digest}`);
    return Readable.from(range ? [bytes.subarray(range.start, range.end + 1)] : [bytes], { objectMode: false });
  }

  remove(digest: Digest): void {
    this.#blobs.delete(digest);
  }

  draft(): BlobDraft {
    return new MemoryDraft((digest, bytes) => this.#blobs.set(digest, bytes));
  }
}

class MemoryDraft extends BlobDraft {
  #chunks: Buffer[] = [];

  constructor(private readonly store: (digest: Digest, bytes: Buffer) => void) {
    super();
  }

  protected override async write(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of source) this.#chunks.push(chunk);
  }

  protected override content(): Promise<Buffer> {
    return Promise.resolve(Buffer.concat(this.#chunks));
  }

  protected override async keep(digest: Digest): Promise<void> {
    this.store(digest, await this.content());
  }

  override discard(): Promise<void> {
    this.#chunks = [];
    return Promise.resolve();
  }
}
