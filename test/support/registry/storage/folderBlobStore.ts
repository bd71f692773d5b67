import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Digest } from "../../../../src/image/digest";
import { BlobDraft, type BlobStore, type ByteRange } from "./blobStore";

/** Large pieces keep the number of system calls small for blobs of hundreds of megabytes. */
const PIECE = 1024 * 1024;

/** Keeps blobs as files, named as in an OCI layout: `blobs/ALGORITHM/HEX`. */
export class FolderBlobStore implements BlobStore {
  readonly #sizes = new Map<Digest, number>();

  constructor(private readonly folder: string) {
    // Uploads do not outlive the process that took them.
    rmSync(join(folder, "uploads"), { recursive: true, force: true });
    mkdirSync(join(folder, "uploads"), { recursive: true });
    mkdirSync(join(folder, "blobs"), { recursive: true });
    for (const algorithm of readdirSync(join(folder, "blobs")))
      for (const hex of readdirSync(join(folder, "blobs", algorithm)))
        this.#sizes.set(`${algorithm}:${hex}`, statSync(join(folder, "blobs", algorithm, hex)).size);
  }

  size(digest: Digest): number | undefined {
    return this.#sizes.get(digest);
  }

  read(digest: Digest, range?: ByteRange): Readable {
    return createReadStream(this.#path(digest), { highWaterMark: PIECE, ...range });
  }

  remove(digest: Digest): void {
    this.#sizes.delete(digest);
    rmSync(this.#path(digest), { force: true });
  }

  draft(): BlobDraft {
    return new FileDraft(join(this.folder, "uploads", randomUUID()), async (digest, file, size) => {
      await mkdir(dirname(this.#path(digest)), { recursive: true });
      await rename(file, this.#path(digest));
      this.#sizes.set(digest, size);
    });
  }

  #path(digest: Digest): string {
    const [algorithm, hex] = digest.split(":") as [string, string];
    return join(this.folder, "blobs", algorithm, hex);
  }
}

class FileDraft extends BlobDraft {
  constructor(
    private readonly file: string,
    private readonly store: (digest: Digest, file: string, size: number) => Promise<void>,
  ) {
    super();
  }

  protected override async write(source: AsyncIterable<Buffer>): Promise<void> {
    const output = createWriteStream(this.file, { flags: "a", highWaterMark: PIECE });
    try {
      for await (const chunk of source) if (!output.write(chunk)) await once(output, "drain");
    } finally {
      // What came before the source broke is written, so that the file is as long as the draft says.
      output.end();
      await finished(output);
    }
  }

  protected override content(): Promise<Buffer> {
    return readFile(this.file);
  }

  protected override async keep(digest: Digest): Promise<void> {
    if (this.size === 0) await writeFile(this.file, "");
    await this.store(digest, this.file, this.size);
  }

  override async discard(): Promise<void> {
    await rm(this.file, { force: true });
  }
}
