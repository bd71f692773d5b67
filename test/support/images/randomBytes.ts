import { createCipheriv, createHash } from "node:crypto";

const PIECE = Buffer.alloc(1024 * 1024);

/** Pseudo-random bytes that a seed decides, in pieces; incompressible, and faster to make than to hash. */
export function* seededBytes(size: number, seed: number | string): Iterable<Buffer> {
  const key = createHash("sha256").update(String(seed)).digest();
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  for (let left = size; left > 0; left -= PIECE.length) yield cipher.update(PIECE.subarray(0, left));
}
