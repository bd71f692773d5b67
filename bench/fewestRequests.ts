import type { BenchImage } from "./imageSet";

/** Requests at the two ends of a copy. */
export interface EndRequests {
  readonly source: number;
  readonly target: number;
}

/**
 * The fewest requests that bring images into an empty registry, by a client that makes no mistake and knows no way around
 * the specification (https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md):
 *
 * - at the source a GET for each manifest of each image, and one for each blob, however many images have it;
 * - at the target a HEAD for each tag, since it may be there; a POST and a PUT for each blob, a POST that mounts it in each
 *   further repository, and a PUT for each manifest.
 */
export function fewestRequests(images: readonly BenchImage[]): EndRequests {
  const manifests = images.reduce((sum, { image }) => sum + image.manifests.length, 0);
  const blobs = new Set(images.flatMap(({ image }) => image.blobs.map(({ digest }) => digest))).size;
  const places = new Set(
    images.flatMap(({ repository, image }) => image.blobs.map(({ digest }) => `${repository} ${digest}`)),
  ).size;
  return { source: manifests + blobs, target: images.length + 2 * blobs + (places - blobs) + manifests };
}
