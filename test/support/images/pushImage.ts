import type { Digest } from "../../../src/image/digest";
import type { TestRegistry } from "../registry";
import type { SyntheticImage } from "./image";

/**
 * Writes an image into a registry, without HTTP.
 *
 * @param target `REPOSITORY[:TAG]`, without host.
 * @returns the digest of the top manifest.
 */
export async function pushImage(registry: TestRegistry, target: string, image: SyntheticImage): Promise<Digest> {
  const [repository = "", tag] = target.split(":");
  for (const blob of image.blobs) await registry.putBlob(repository, blob.digest, blob.read());
  for (const { mediaType, bytes, digest } of image.manifests)
    registry.putManifest(repository, mediaType, bytes, digest === image.digest ? tag : undefined);
  return image.digest;
}
