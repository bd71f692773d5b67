import { MirrorErrors } from "../../error";
import { isDigest, type Digest } from "../../image/digest";
import { formatPlatform, type Platform } from "../../image/platform";
import { formatReference, manifestName, parseReference, type ImageReference } from "../../image/reference";
import type { RegistryClient } from "../../oci/registry/client";
import {
  LoginRefusedError,
  LoginRequiredError,
  PlatformNotFoundError,
  RegistryUnreachableError,
} from "../../oci/errors/errors";
import { blobsOf, platformsOf, type StoredManifest } from "../../oci/manifest/manifest";
import { isManifestType } from "../../oci/manifest/mediaTypes";
import { matchesPlatform } from "../../oci/manifest/platformSelection";
import type { Registries } from "../../oci/registries";
import { settleAll } from "../../oci/transport/settleAll";

/** What a Docker daemon is to bring of an image. */
export interface DaemonImage {
  /**
   * What it pulls: the manifest of the one platform, or the index where the daemon chooses. Absent where nobody but the
   * daemon may ask the source's registry; then it pulls by the tag.
   */
  readonly digest?: Digest;
  /** Bytes of its blobs; absent where the daemon chooses. */
  readonly size?: number;
  readonly platforms?: readonly string[];
  /** Digests of the configurations of which the mirror is to have one, see {@link configsOf}. */
  readonly configs?: readonly Digest[];
}

/** What looking up needs of `Registries`. */
export type DaemonImageRegistries = Pick<Registries, "client" | "resolve">;

/**
 * Looks up what a daemon is to bring of each image, by its source. Images whose registry this machine may not ask are
 * left to the daemon.
 *
 * @param platform the one platform to bring; undefined for the daemon's own
 * @throws {PlatformNotFoundError} and the other errors of registries; {@link MirrorErrors} about several images
 */
export async function lookUpDaemonImages(
  images: readonly { readonly source: string; readonly digest?: string }[],
  registries: DaemonImageRegistries,
  platform: Platform | undefined,
): Promise<Record<string, DaemonImage>> {
  const problems: Error[] = [];
  const found = await Promise.all(
    images.map(async ({ source, digest }): Promise<[string, DaemonImage]> => {
      // Without a digest this machine could not ask.
      if (digest === undefined || !isDigest(digest)) return [source, {}];
      try {
        return [source, await lookUpDaemonImage({ ...parseReference(source), digest }, registries, platform)];
      } catch (error) {
        if (!CLOSED.some((type) => error instanceof type)) problems.push(error as Error);
        return [source, { digest }];
      }
    }),
  );
  MirrorErrors.throwIfAny("Looking up what a Docker daemon is to copy", problems);
  return Object.fromEntries(found);
}

/** A locked image is known although its registry is closed to this machine. */
const CLOSED = [RegistryUnreachableError, LoginRequiredError, LoginRefusedError] as const;

async function lookUpDaemonImage(
  reference: ImageReference,
  registries: DaemonImageRegistries,
  platform: Platform | undefined,
): Promise<DaemonImage> {
  const { repository } = reference;
  const client = registries.client(reference.registry);
  const root = await client.manifest(repository, manifestName(reference));
  if (root.manifest.kind === "image") {
    const { size, platforms } = await registries.resolve({ ...reference, digest: root.digest });
    if (platform && platforms.length > 0 && !platforms.some((one) => matchesPlatform(platform, one)))
      throw new PlatformNotFoundError(formatReference(reference), [platform], platforms);
    return {
      digest: root.digest,
      size,
      platforms: platforms.map(formatPlatform),
      configs: await configsOf(client, repository, root),
    };
  }
  if (!platform) return { digest: root.digest, configs: await configsOf(client, repository, root) };
  const entry = root.manifest.manifests.find((one) => one.platform && matchesPlatform(platform, one.platform));
  if (!entry?.platform)
    throw new PlatformNotFoundError(formatReference(reference), [platform], platformsOf(root.manifest));
  const child = await client.manifest(repository, entry.digest);
  const blobs = new Map(blobsOf(child.manifest).map(({ digest, size }) => [digest, size]));
  return {
    digest: child.digest,
    size: [...blobs.values()].reduce((sum, size) => sum + size, 0),
    platforms: [formatPlatform(entry.platform)],
    configs: await configsOf(client, repository, child),
  };
}

/**
 * Digests of the configurations of an image, one for each platform.
 *
 * A daemon unpacks layers and packs them again, so that their digests change, and with them the manifest's. The
 * configuration is kept byte by byte, and names each layer by the digest of what is packed: it tells the image.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#layer-diffid
 */
export async function configsOf(client: RegistryClient, repository: string, stored: StoredManifest): Promise<Digest[]> {
  const { manifest } = stored;
  if (manifest.kind === "image") return manifest.config ? [manifest.config.digest] : [];
  const children = manifest.manifests.filter(
    ({ mediaType, platform }) => isManifestType(mediaType) && platform?.os !== "unknown",
  );
  const below = await settleAll(
    children.map(async ({ digest }) => configsOf(client, repository, await client.manifest(repository, digest))),
  );
  return below.flat();
}
