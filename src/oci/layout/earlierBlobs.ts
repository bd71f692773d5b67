import type { Digest } from "../../image/digest";
import { tryParseReference } from "../../image/reference";
import type { Descriptor } from "../manifest/descriptor";
import { blobsOf } from "../manifest/manifest";
import { isManifestType } from "../manifest/mediaTypes";
import type { ImageLayout } from "./imageLayout";
import type { LeftOut } from "./leftOut";

/** The blobs of a layout that is whole once those before it are loaded, each with a repository that names it. */
export async function blobsByRepository(layout: ImageLayout): Promise<LeftOut> {
  const found = new Map<Digest, string>(layout.leftOut);
  const seen = new Set<Digest>();
  const visit = async (repository: string, { digest, mediaType }: Descriptor): Promise<void> => {
    if (seen.has(digest)) return;
    seen.add(digest);
    const stored = await layout.manifest(digest, mediaType);
    if (!stored) return;
    for (const blob of blobsOf(stored.manifest))
      if (!found.has(blob.digest) && (await layout.blobSize(blob.digest)) === blob.size)
        found.set(blob.digest, repository);
    if (stored.manifest.kind === "index")
      for (const entry of stored.manifest.manifests)
        if (isManifestType(entry.mediaType)) await visit(repository, entry);
  };
  for (const { descriptor, name, paths: [path] = [] } of layout.entries) {
    const reference = name === undefined ? undefined : tryParseReference(name);
    // Charts and lock files are small, and are not loaded under their names.
    if (reference?.hasHost) await visit(`${reference.registry}/${path ?? reference.repository}`, descriptor);
  }
  return found;
}
