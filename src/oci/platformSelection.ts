import { digestOf } from "../image/digest";
import { formatPlatform, type Platform } from "../image/platform";
import type { Descriptor } from "./descriptor";
import { InvalidManifestError, PlatformNotFoundError } from "./errors";
import { parseManifest, platformsOf, type ImageIndex, type StoredManifest } from "./manifest";

/** What buildx writes on an attestation: the digest of the image that it is about. */
const ATTESTATION_SUBJECT = "vnd.docker.reference.digest";

/**
 * Whether a platform is one that was asked for: a wish without variant takes every variant, and arm64 is arm64/v8
 * ({@link https://github.com/containerd/platforms/blob/main/platforms.go}).
 */
export function matchesPlatform(wish: Platform, platform: Platform): boolean {
  const variant = ({ architecture, variant }: Platform) =>
    architecture === "arm64" && variant === "v8" ? undefined : variant;
  return (
    wish.os === platform.os &&
    wish.architecture === platform.architecture &&
    (variant(wish) === undefined || variant(wish) === variant(platform)) &&
    (wish["os.version"] === undefined || wish["os.version"] === platform["os.version"])
  );
}

/**
 * An index with the entries of some platforms, and the attestations of those: a valid index with a digest of its own.
 *
 * The entries are kept field by field as they were, also those that this program does not know.
 *
 * @returns the same index when nothing is left out.
 * @throws {PlatformNotFoundError} when a wish matches nothing.
 */
export function selectPlatforms(stored: StoredManifest, wishes: readonly Platform[], image: string): StoredManifest {
  const index = stored.manifest as ImageIndex;
  const missing = wishes.filter((wish) => !platformsOf(index).some((platform) => matchesPlatform(wish, platform)));
  if (missing.length > 0) throw new PlatformNotFoundError(image, missing, platformsOf(index));
  const chosen = new Set(
    index.manifests.flatMap(({ platform, digest }) =>
      platform && wishes.some((wish) => matchesPlatform(wish, platform)) ? [digest] : [],
    ),
  );
  const keep = ({ digest, annotations }: Descriptor): boolean =>
    chosen.has(digest) || [...chosen].some((one) => one === annotations?.[ATTESTATION_SUBJECT]);
  if (index.manifests.every(keep)) return stored;
  const document = JSON.parse(stored.bytes.toString("utf8")) as { manifests: unknown[] };
  if (document.manifests.length !== index.manifests.length) throw new InvalidManifestError(image, "its list is odd");
  document.manifests = document.manifests.filter((_, i) => keep(index.manifests[i] as Descriptor));
  const bytes = Buffer.from(JSON.stringify(document));
  return {
    digest: digestOf(bytes),
    mediaType: stored.mediaType,
    bytes,
    manifest: parseManifest(bytes, stored.mediaType, `${image} with ${wishes.map(formatPlatform).join(", ")}`),
  };
}
