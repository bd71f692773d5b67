import { MirrorError } from "../error";
import { formatPlatform } from "../image/platform";
import { formatReference, type ImageReference } from "../image/reference";
import type { RegistryClient } from "../oci/registry/client";
import type { Descriptor } from "../oci/manifest/descriptor";
import type { StoredManifest } from "../oci/manifest/manifest";
import { isManifestType } from "../oci/manifest/mediaTypes";
import { registryProfile, type RegistryKind } from "../oci/profiles/registryProfiles";
import type { ImageCopyMethod, ImageToCopy } from "./imageCopyMethod";

/** The mirror does not get an image from its upstream. `code` is `PULL_THROUGH_FAILED`. */
export function pullThroughFailed(source: ImageReference, target: ImageReference, kind: RegistryKind): MirrorError {
  return new MirrorError(
    "PULL_THROUGH_FAILED",
    `${formatReference(target)} was asked for, and ${target.registry} did not get ${formatReference(source)} from its upstream`,
    registryProfile(kind).pullThroughRemedy(target.tag === undefined),
  );
}

/** The mirror serves another image than the upstream. `code` is `PULL_THROUGH_OUTDATED`. */
export function pullThroughOutdated(
  target: ImageReference,
  served: string,
  wanted: string,
  kind: RegistryKind,
): MirrorError {
  return new MirrorError(
    "PULL_THROUGH_OUTDATED",
    `${formatReference(target)} is ${served} in the mirror's cache, and its upstream has ${wanted} now: a cache keeps what a tag was when it was pulled`,
    `Delete that tag from the cache and run again, wait until the cache asks its upstream again (${registryProfile(kind).cacheRefresh}), or keep what it serves (tags: TagPolicy.Pin, or a digest in the chart's values)`,
  );
}

/**
 * The mirror brings the image itself, when it is asked for. Nothing is written: the manifest is requested as nodes will
 * request it, so that the mirror has it before pods wait for it, and compared with what was planned.
 */
export const pullThroughCopy: ImageCopyMethod = {
  async copy(image) {
    const { target, registries, log } = image;
    const client = registries.client(target.registry);
    const served = await requested(client, image);
    const missing = await missingChildren(client, target, served);
    if (missing.length > 0)
      log.warn(
        `${formatReference(target)}: the mirror does not serve ${missing.map(platformOf).join(", ")} of it (yet)`,
      );
    log.info(`${formatReference(target)}: served through the mirror`);
    return served.digest;
  },

  // Whoever asks a cache makes it fetch, a HEAD too (distribution, ECR), and a preview must not. Nothing is lost by not
  // asking: what a cache has dropped comes again with the next pull.
  look: ({ digest }) => Promise.resolve(digest),
};

/** Asks by tag first: a cache of ECR may not fill when it is first asked for a digest (containers-roadmap 2837). */
async function requested(client: RegistryClient, image: ImageToCopy): Promise<StoredManifest> {
  const { source, target, digest } = image;
  const name = target.tag ?? (target.digest === undefined ? "latest" : undefined);
  const byTag = name === undefined ? undefined : await client.manifestIfAny(target.repository, name);
  if (byTag && target.digest === undefined) {
    if (digest === undefined || byTag.digest === digest) return byTag;
    throw pullThroughOutdated(target, byTag.digest, digest, client.kind);
  }
  // Nodes pull what has a digest by that, whatever its tag means by now.
  const wanted = target.digest;
  if (wanted === undefined) throw pullThroughFailed(source, target, client.kind);
  if (byTag?.digest === wanted) return byTag;
  const byDigest = await client.manifestIfAny(target.repository, wanted);
  if (!byDigest) throw pullThroughFailed(source, target, client.kind);
  return byDigest;
}

/** The images of an index that the mirror does not serve. Nodes ask for theirs by digest. */
async function missingChildren(
  client: RegistryClient,
  { repository }: ImageReference,
  { manifest: root }: StoredManifest,
): Promise<Descriptor[]> {
  if (root.kind !== "index") return [];
  const children = root.manifests.filter(isRunnable);
  // A HEAD counts against no quota of the upstream, and makes a cache fetch nonetheless.
  const found = await Promise.all(children.map(({ digest }) => client.headManifest(repository, digest)));
  return children.filter((_, index) => !found[index]);
}

/** Attestations stand in an index as images of no platform. */
function isRunnable({ mediaType, platform }: Descriptor): boolean {
  return isManifestType(mediaType) && platform?.os !== "unknown";
}

function platformOf({ platform, digest }: Descriptor): string {
  return platform ? formatPlatform(platform) : digest;
}
