import { isDigest } from "../image/digest";
import { formatPlatform, type Platform } from "../image/platform";
import { parseReference } from "../image/reference";
import { RegistryUnreachableError } from "../oci/errors/errors";
import type { Registries } from "../oci/registries";
import { parsePlatforms } from "../plan/platformChoice";
import { MovedTagError, movedTag, TagPolicy } from "../plan/tagPolicy";
import type { EngineLog } from "../resource/engineLog";

/** The digests, size and platforms of an image, as far as they are known. */
export interface KnownImage {
  digest?: string;
  /** With `onlyPlatforms`, of which `digest` is then. */
  sourceDigest?: string;
  onlyPlatforms?: string[];
  size?: number;
  platforms?: string[];
}

/** What looking an image up needs. */
export interface SourceLookUp {
  readonly registries: Pick<Registries, "head" | "resolve">;
  readonly tags: TagPolicy | undefined;
  readonly log: EngineLog;
  /** What the last update knew of the same source. */
  readonly known: KnownImage;
}

/** The digest that an image has at its source. */
export function sourceDigestOf({ digest, sourceDigest, onlyPlatforms }: KnownImage): string | undefined {
  return (onlyPlatforms && sourceDigest) ?? digest;
}

/**
 * What a source is now, as its own registry says; whatever way the image goes then.
 *
 * A registry that cannot be reached changes nothing of an image that is known: it keeps what the last update knew.
 *
 * @param image digest and size where the plan knows them; `digest` alone is that of the source
 * @throws {MovedTagError} with `TagPolicy.Fail`
 * @throws {PlatformNotFoundError} {MirrorError} `INVALID_PLATFORM`
 * @throws {RegistryUnreachableError} when nothing is known of the image; and the other errors of registries
 */
export async function lookUpSource(
  image: { readonly source: string } & KnownImage,
  { registries, tags, log, known }: SourceLookUp,
): Promise<{ found: KnownImage; unreachable?: RegistryUnreachableError }> {
  const { source, digest, size, sourceDigest } = image;
  const platforms = parsePlatforms(image.onlyPlatforms);
  if (digest !== undefined && size !== undefined && (!platforms || sourceDigest !== undefined)) return { found: {} };
  const before = sourceDigestOf(known);
  const isAlike = namesOf(platforms) === namesOf(parsePlatforms(known.onlyPlatforms));
  const isPinned = tags === TagPolicy.Pin && before !== undefined;
  if (isPinned) {
    await tellIfMoved(source, before, registries, log);
    if (isAlike) return { found: pick(known) };
  }
  try {
    const named = sourceDigestOf(image) ?? (isPinned ? before : undefined);
    const reference = { ...parseReference(source), ...(named !== undefined && isDigest(named) && { digest: named }) };
    // A HEAD tells whether the tag still means what it meant; the manifests behind an unchanged digest are not read
    // again, since registries with quotas count those reads.
    const unchanged =
      isAlike &&
      before !== undefined &&
      (reference.digest ?? (await registries.head(reference))?.digest) === before &&
      known.size !== undefined;
    const found = unchanged
      ? pick(known)
      : describe(await registries.resolve(reference, platforms && { platforms }), platforms);
    const now = platforms ? found.sourceDigest : found.digest;
    if (tags === TagPolicy.Fail && before !== undefined && now !== before)
      throw new MovedTagError(source, before, now as string);
    return { found };
  } catch (error) {
    if (error instanceof RegistryUnreachableError && known.digest !== undefined && isAlike)
      return { found: pick(known), unreachable: error };
    throw error;
  }
}

/** Says that a pinned tag has moved. What cannot be asked is not needed either: the pinned image is known. */
async function tellIfMoved(
  source: string,
  known: string,
  registries: Pick<Registries, "head">,
  log: EngineLog,
): Promise<void> {
  const found = await registries.head(parseReference(source)).catch(() => undefined);
  if (found && found.digest !== known)
    log.warn(`${movedTag(source, known, found.digest)}. It stays what it was: tags are pinned`);
}

function describe(
  { digest, sourceDigest, size, platforms }: Awaited<ReturnType<Registries["resolve"]>>,
  wished: readonly Platform[] | undefined,
): KnownImage {
  return { digest, ...(wished && { sourceDigest }), size, platforms: platforms.map(formatPlatform) };
}

const namesOf = (platforms: readonly Platform[] | undefined): string | undefined =>
  platforms?.map(formatPlatform).join(" ");

function pick({ digest, sourceDigest, onlyPlatforms, size, platforms }: KnownImage): KnownImage {
  return {
    ...(digest !== undefined && { digest }),
    ...(onlyPlatforms && sourceDigest !== undefined && { sourceDigest }),
    ...(size !== undefined && { size }),
    ...(platforms !== undefined && { platforms }),
  };
}
