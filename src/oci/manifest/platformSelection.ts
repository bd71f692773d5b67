import { digestOf } from "../../image/digest";
import { formatPlatform, type Platform } from "../../image/platform";
import { parseJson } from "../../json";
import type { Descriptor } from "./descriptor";
import { InvalidManifestError, PlatformNotFoundError } from "../errors/errors";
import { parseManifest, type ImageIndex, type StoredManifest } from "./manifest";

/** What buildx writes on an attestation: the digest of the image that it is about. */
const ATTESTATION_SUBJECT = "vnd.docker.reference.digest";
const USUAL_VARIANTS = new Map([
  ["amd64", "v1"],
  ["arm", "v7"],
  ["arm64", "v8"],
]);

/**
 * Whether a platform is one that was asked for. A wish without variant takes every variant; an image without one is for
 * the usual one of its architecture ({@link https://github.com/containerd/platforms/blob/main/database.go}, `normalizeArch`).
 */
export function matchesPlatform(wish: Platform, platform: Platform): boolean {
  const { os, architecture, variant = USUAL_VARIANTS.get(architecture) } = platform;
  return (
    wish.os === os &&
    wish.architecture === architecture &&
    (wish.variant === undefined || wish.variant === variant) &&
    (wish["os.version"] === undefined || wish["os.version"] === platform["os.version"])
  );
}

/**
 * An index with the entries of some platforms, and the attestations of those: a valid index with a digest of its own.
 *
 * The entries are kept field by field as they were, also those that this program does not know.
 *
 * @param platforms of each entry; as the index says them, unless told
 * @returns the same index when nothing is left out, or when it is of no platform: an artifact.
 * @throws {PlatformNotFoundError} when a wish matches nothing.
 */
export function selectPlatforms(
  stored: StoredManifest,
  wishes: readonly Platform[],
  image: string,
  platforms: readonly (readonly Platform[])[] = (stored.manifest as ImageIndex).manifests.map(declared),
): StoredManifest {
  const { manifests } = stored.manifest as ImageIndex;
  const present = platforms.flat();
  if (present.length === 0) return stored;
  refuseMissing(image, wishes, present);
  const chosen = new Set<string>(
    manifests.flatMap(({ digest }, i) => (platforms[i]?.some((one) => isWished(one, wishes)) ? [digest] : [])),
  );
  const keep = (i: number): boolean => {
    // By platform, not by digest: one image may be listed for several.
    if (platforms[i]?.length) return platforms[i].some((one) => isWished(one, wishes));
    const subject = manifests[i]?.annotations?.[ATTESTATION_SUBJECT];
    return subject !== undefined && chosen.has(subject);
  };
  if (manifests.every((_, i) => keep(i))) return stored;
  const document = parseJson(stored.bytes.toString("utf8")) as { manifests: unknown[] };
  if (document.manifests.length !== manifests.length) throw new InvalidManifestError(image, "its list is odd");
  document.manifests = document.manifests.filter((_, i) => keep(i));
  const bytes = Buffer.from(JSON.stringify(document));
  return {
    digest: digestOf(bytes),
    mediaType: stored.mediaType,
    bytes,
    manifest: parseManifest(bytes, stored.mediaType, `${image} with ${wishes.map(formatPlatform).join(", ")}`),
  };
}

/**
 * Checks an image that no index lists: it is of one platform, and can only be copied as it is.
 *
 * @param present its platform; none of an artifact, which is for all
 * @throws {PlatformNotFoundError} when it is of none that was asked for.
 */
export function checkOnePlatform(image: string, wishes: readonly Platform[], present: readonly Platform[]): void {
  if (present.length > 0 && !present.some((one) => isWished(one, wishes))) refuseMissing(image, wishes, present);
}

function refuseMissing(image: string, wishes: readonly Platform[], present: readonly Platform[]): void {
  const missing = wishes.filter((wish) => !present.some((platform) => matchesPlatform(wish, platform)));
  if (missing.length > 0) throw new PlatformNotFoundError(image, missing, present);
}

const isWished = (platform: Platform, wishes: readonly Platform[]): boolean =>
  wishes.some((wish) => matchesPlatform(wish, platform));

/** Attestations are for no platform: buildx stores them as `unknown/unknown`. */
const declared = ({ platform }: Descriptor): readonly Platform[] =>
  platform && platform.os !== "unknown" ? [platform] : [];
