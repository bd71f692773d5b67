import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { digestOf, type Digest } from "../../../src/image/digest";
import type { BlobContent } from "./image";
import { seededBytes } from "./randomBytes";

/** A blob of given bytes. */
export function blobOf(bytes: Uint8Array | string): BlobContent {
  const content = Buffer.from(bytes as Uint8Array);
  return {
    digest: digestOf(content),
    size: content.length,
    read: () => Readable.from([content], { objectMode: false }),
  };
}

/** A blob of a value as JSON. */
export function jsonBlob(value: unknown): BlobContent {
  return blobOf(JSON.stringify(value));
}

const digests = new Map<string, Digest>();

/** A blob of pseudo-random bytes, which are hashed once per process and made anew whenever they are read. */
export function seededBlob(size: number, seed: number | string): BlobContent {
  const key = `${size} ${seed}`;
  let digest = digests.get(key);
  if (!digest) {
    const hash = createHash("sha256");
    for (const piece of seededBytes(size, seed)) hash.update(piece);
    digest = `sha256:${hash.digest("hex")}`;
    digests.set(key, digest);
  }
  return { digest, size, read: () => Readable.from(seededBytes(size, seed), { objectMode: false }) };
}
