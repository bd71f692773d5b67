import type { Digest } from "../image/digest";
import { formatReference, type ImageReference } from "../image/reference";
import type { CopyOptions } from "../oci/copy/copyOptions";
import type { CopyResult } from "../oci/copy/progress";
import type { LayoutArchive } from "../oci/layout/layoutArchive";
import { LAYOUT_HOST } from "../oci/layout/localSession";
import type { Registries } from "../oci/registries";

/** An image to be saved. */
export interface ImageToSave {
  /** As a chart names it: its name in the bundle. */
  readonly source: ImageReference;
  /** What it is, where that was looked up. */
  readonly digest?: Digest;
}

/** Where an image is in a bundle, and where it is written to. */
export function placeInBundle({ registry, repository, tag, digest }: ImageReference): ImageReference {
  const path = `${registry}/${repository}`;
  const name = digest ? { digest } : { tag: tag ?? "latest" };
  return { registry: LAYOUT_HOST, repository: path, path, hasHost: true, ...name };
}

/**
 * Copies an image into a bundle, under the name that charts have for it. Of one of which some platforms alone are saved,
 * the whole index is kept beside them: a lock file names its digest.
 *
 * @param registries with a session of the archive for {@link LAYOUT_HOST}
 */
export async function saveImage(
  { source, digest }: ImageToSave,
  archive: LayoutArchive,
  registries: Registries,
  options: CopyOptions,
): Promise<CopyResult> {
  const looked = source.digest ?? digest;
  const result = await registries.copy(
    { ...source, ...(looked && { digest: looked }) },
    placeInBundle(source),
    options,
  );
  // A tag that nobody writes is one all the same.
  const named = source.tag === undefined && !source.digest ? { ...source, tag: "latest" } : source;
  archive.nameImage(formatReference(named), source.path, result.digest);
  if (looked !== undefined && looked !== result.digest) {
    const { bytes } = await registries.client(source.registry).manifest(source.repository, looked);
    await archive.addBlob(looked, bytes);
  }
  return result;
}
