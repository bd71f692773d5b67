import type { Platform } from "../../image/platform";
import { chosenRoot } from "./chosenRoot";
import type { CopyEnd } from "./copyEnds";
import { ImagePlatforms } from "./imagePlatforms";
import { ImageReader, manifestDescriptors, treeBlobs } from "./imageTree";
import type { ManifestCache } from "../manifest/manifestCache";
import type { PlatformSubset, ResolvedManifest } from "../manifest/resolvedManifest";

/** What a reference stands for, or what a copy of some of its platforms is. */
export async function resolveImage(
  end: CopyEnd,
  cache: ManifestCache,
  platforms: readonly Platform[] | undefined,
): Promise<ResolvedManifest> {
  const { client, reference } = end;
  const reader = new ImageReader(client, cache);
  const { named, chosen } = await chosenRoot(end, reader, platforms);
  const tree = await reader.tree(reference.repository, chosen);
  const blobs = treeBlobs(tree, false).map(({ digest, size }) => ({ digest, size }));
  return {
    reference,
    digest: chosen.digest,
    sourceDigest: named.digest,
    mediaType: chosen.mediaType,
    size: blobs.reduce((sum, { size }) => sum + size, 0),
    blobs,
    platforms: await new ImagePlatforms(client, reader, reference.repository).of(chosen),
    manifests: manifestDescriptors(tree),
  };
}

/** The digest of a copy of some platforms, for which no manifest below the first is read where that tells them. */
export async function resolveSubset(
  end: CopyEnd,
  cache: ManifestCache,
  platforms: readonly Platform[],
): Promise<PlatformSubset> {
  const { named, chosen } = await chosenRoot(end, new ImageReader(end.client, cache), platforms);
  return { digest: chosen.digest, sourceDigest: named.digest };
}
