import { MirrorErrors } from "../error";
import { isDigest } from "../image/digest";
import { formatPlatform, type Platform } from "../image/platform";
import { parseReference, type ImageReference } from "../image/reference";
import { RegistryUnreachableError } from "../oci/errors/errors";
import type { ResolvedManifest } from "../oci/manifest/resolvedManifest";
import type { ResolvedImage } from "./resolvedPlan";

/** The part of `Registries` that looks up digests, sizes and platforms. */
export interface ImageRegistries {
  readonly head: (reference: ImageReference) => Promise<{ readonly digest: string } | undefined>;
  readonly resolve: (
    reference: ImageReference,
    options?: { readonly platforms?: readonly Platform[] },
  ) => Promise<
    Pick<ResolvedManifest, "digest" | "size" | "platforms"> & Partial<Pick<ResolvedManifest, "sourceDigest" | "blobs">>
  >;
}

/** How images are looked up. */
export interface ResolveImagesOptions {
  /**
   * What is known of images already. Where a HEAD finds the same digest, no manifest is read, since registries with
   * quotas count those reads.
   */
  readonly known?: readonly Pick<ResolvedImage, "source" | "digest" | "targetDigest" | "size" | "platforms">[];
  /** Keep the known digest of an image though its tag has moved. */
  readonly pin?: boolean;
  /** The platforms of an image that are copied; undefined for all. Default: all. */
  readonly platformsOf?: (source: string) => readonly Platform[] | undefined;
  /** Told of registries that cannot be reached; their images stay without a digest. Without it, they are an error. */
  readonly onUnreachable?: (source: string, error: RegistryUnreachableError) => void;
  /** Told of the blobs of each image whose manifests are read. */
  readonly onBlobs?: (source: string, blobs: ResolvedManifest["blobs"]) => void;
}

/**
 * Asks the source registries what images are: digests, sizes, platforms.
 *
 * @param doing for the error about several of them
 * @throws {MirrorErrors} about all of them, or the only problem
 */
export async function resolveImages<Image extends ResolvedImage>(
  images: readonly Image[],
  registries: ImageRegistries,
  doing: string,
  options: ResolveImagesOptions = {},
): Promise<(Image & ResolvedImage)[]> {
  const problems: Error[] = [];
  const resolved = await Promise.all(
    images.map(async (image) => {
      try {
        return { ...image, ...(await lookUp(image.source, registries, options)) };
      } catch (error) {
        if (options.onUnreachable && error instanceof RegistryUnreachableError)
          options.onUnreachable(image.source, error);
        else problems.push(error as Error);
        return image;
      }
    }),
  );
  MirrorErrors.throwIfAny(doing, [...new Map(problems.map((problem) => [problem.message, problem])).values()]);
  return resolved;
}

async function lookUp(
  source: string,
  registries: ImageRegistries,
  { known = [], pin, platformsOf, onBlobs }: ResolveImagesOptions,
): Promise<Pick<ResolvedImage, "digest" | "targetDigest" | "size" | "platforms">> {
  const reference = parseReference(source);
  const before = known.find((image) => image.source === source);
  const wished = platformsOf?.(source);
  // What is known may be of other platforms.
  const isWhole = wished === undefined && before?.targetDigest === undefined;
  if (isWhole && before?.digest !== undefined && before.size !== undefined && before.platforms !== undefined) {
    const { digest, size, platforms } = before;
    if (pin || (await registries.head(reference))?.digest === digest) return { digest, size, platforms };
  }
  const pinned = pin && before?.digest !== undefined && isDigest(before.digest) ? before.digest : undefined;
  const named = { ...reference, ...(pinned && { digest: pinned }) };
  const found = await registries.resolve(named, wished && { platforms: wished });
  const { digest, sourceDigest = digest, size, platforms } = found;
  if (found.blobs) onBlobs?.(source, found.blobs);
  return {
    digest: sourceDigest,
    ...(digest !== sourceDigest && { targetDigest: digest }),
    size,
    platforms: platforms.map(formatPlatform),
  };
}
