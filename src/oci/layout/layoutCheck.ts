import type { Digest } from "../../image/digest";
import type { Descriptor } from "../manifest/descriptor";
import { blobsOf, isForeign } from "../manifest/manifest";
import { isManifestType } from "../manifest/mediaTypes";
import { blobPath, INDEX, type ImageLayout } from "./imageLayout";
import { InvalidLayoutError, member } from "./layoutErrors";

/**
 * Looks whether a layout has all that its index leads to, each of the size and digest that it says, before anything is
 * taken of it; blobs are looked at by their sizes, their bytes are hashed when they are copied.
 *
 * @param others layouts that have what this one lacks
 * @throws {InvalidLayoutError} that names the member
 */
export async function checkLayout(layout: ImageLayout, others: readonly ImageLayout[] = []): Promise<void> {
  const { place } = layout;
  const seen = new Set<Digest>();
  const blobs = new Set<Digest>();
  const all = [layout, ...others];
  const sizeIn = async (digest: Digest): Promise<number | undefined> => {
    for (const one of all) {
      const size = await one.blobSize(digest);
      if (size !== undefined) return size;
    }
    return undefined;
  };
  const checkSize = (of: string, { digest, size }: Descriptor, found: number): void => {
    if (found !== size)
      throw new InvalidLayoutError(place, `${member(blobPath(digest))} has ${found} bytes, and ${of} says ${size}`);
  };
  const visit = async (of: string, descriptor: Descriptor, depth: number): Promise<void> => {
    const { digest, mediaType } = descriptor;
    if (seen.has(digest)) return;
    seen.add(digest);
    if (seen.size > MAX_MANIFESTS) throw new InvalidLayoutError(place, `it has more than ${MAX_MANIFESTS} manifests`);
    if (depth > MAX_DEPTH)
      throw new InvalidLayoutError(place, `its indexes are nested in more than ${MAX_DEPTH} levels, down to ${digest}`);
    const stored = await layout.manifest(digest, mediaType);
    if (!stored) throw new InvalidLayoutError(place, `${member(blobPath(digest))} is missing, which ${of} names`);
    checkSize(of, descriptor, stored.bytes.length);
    const name = member(blobPath(digest));
    for (const blob of blobsOf(stored.manifest)) {
      if (blobs.has(blob.digest)) continue;
      const size = await sizeIn(blob.digest);
      if (size !== undefined) checkSize(name, blob, size);
      else if (!mayBeAway(layout, blob))
        throw new InvalidLayoutError(place, `${member(blobPath(blob.digest))} is missing, which ${name} names`);
      blobs.add(blob.digest);
    }
    if (stored.manifest.kind === "index")
      for (const entry of stored.manifest.manifests)
        if (isManifestType(entry.mediaType)) await visit(name, entry, depth + 1);
        else if ((await sizeIn(entry.digest)) === undefined && !mayBeAway(layout, entry))
          throw new InvalidLayoutError(place, `${member(blobPath(entry.digest))} is missing, which ${name} names`);
  };
  for (const { descriptor } of layout.entries) await visit(member(INDEX), descriptor, 0);
}

/** Whether a blob need not be in the layout: its owner keeps it, or a layout before this one. */
const mayBeAway = ({ leftOut }: ImageLayout, blob: Descriptor): boolean => isForeign(blob) || leftOut.has(blob.digest);

/** As a copy of one image has them; a layout may hold many. */
const MAX_DEPTH = 8;
const MAX_MANIFESTS = 100_000;
