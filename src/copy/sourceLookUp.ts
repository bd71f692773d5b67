import { isDigest } from "../image/digest";
import { formatPlatform } from "../image/platform";
import { parseReference } from "../image/reference";
import { RegistryUnreachableError } from "../oci/errors";
import type { Registries } from "../oci/registries";
import { MovedTagError, movedTag, TagPolicy } from "../plan/tagPolicy";
import type { EngineLog } from "./engineLog";

/** What is known of an image. */
export interface KnownImage {
  digest?: string;
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

/**
 * What a source is now, as its own registry says; whatever way the image goes then.
 *
 * A registry that cannot be reached changes nothing of an image that is known: it keeps what the last update knew.
 *
 * @param image digest and size where the plan knows them
 * @throws {MovedTagError} with `TagPolicy.Fail`
 * @throws {RegistryUnreachableError} when nothing is known of the image; and the other errors of registries
 */
export async function lookUpSource(
  image: { readonly source: string; readonly digest?: string; readonly size?: number },
  { registries, tags, log, known }: SourceLookUp,
): Promise<{ found: KnownImage; unreachable?: RegistryUnreachableError }> {
  const { source, digest } = image;
  if (digest !== undefined && image.size !== undefined) return { found: {} };
  if (tags === TagPolicy.Pin && known.digest !== undefined) {
    await tellIfMoved(source, known.digest, registries, log);
    return { found: pick(known) };
  }
  try {
    const reference = { ...parseReference(source), ...(digest !== undefined && isDigest(digest) && { digest }) };
    // A HEAD tells whether the tag still means what it meant; the manifests behind an unchanged digest are not read
    // again, since registries with quotas count those reads.
    const unchanged =
      known.digest !== undefined &&
      (reference.digest ?? (await registries.head(reference))?.digest) === known.digest &&
      known.size !== undefined;
    const found = unchanged ? pick(known) : describe(await registries.resolve(reference));
    if (tags === TagPolicy.Fail && known.digest !== undefined && found.digest !== known.digest)
      throw new MovedTagError(source, known.digest, found.digest as string);
    return { found };
  } catch (error) {
    if (error instanceof RegistryUnreachableError && known.digest !== undefined)
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

function describe(resolved: Awaited<ReturnType<Registries["resolve"]>>): KnownImage {
  return { digest: resolved.digest, size: resolved.size, platforms: resolved.platforms.map(formatPlatform) };
}

function pick({ digest, size, platforms }: KnownImage): KnownImage {
  return {
    ...(digest !== undefined && { digest }),
    ...(size !== undefined && { size }),
    ...(platforms !== undefined && { platforms }),
  };
}
