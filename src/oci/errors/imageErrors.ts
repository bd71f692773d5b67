import { formatPlatform, type Platform } from "../../image/platform";
import { registryKind, registryProfile } from "../profiles/registryProfiles";
import { RegistryError, RegistryPlaceError } from "./registryError";
import { storageQuotaRemedy } from "./storageQuota";

/** The registry knows no such repository, or no manifest of that digest. `code` is `IMAGE_NOT_FOUND`. */
export class ImageNotFoundError extends RegistryError {
  override readonly name = "ImageNotFoundError";
  constructor(
    readonly image: string,
    /** What its tag names in place of the digest that was asked for. */
    readonly digestOfTag?: string,
    /** The place that was asked for it, where that is not the registry of its name. */
    readonly place?: string,
  ) {
    super(
      "IMAGE_NOT_FOUND",
      `Image ${image} was not found${place === undefined ? "" : ` at ${place}`}${digestOfTag === undefined ? "" : `: its tag names ${digestOfTag} by now`}`,
      digestOfTag === undefined
        ? "Check its name and registry, and that this login may see it"
        : "Its publisher has replaced it: look at what has changed, and name the new digest",
    );
  }
}

/** An index names an image that its registry does not have. `code` is `INDEX_INCOMPLETE`. */
export class IncompleteIndexError extends RegistryError {
  override readonly name = "IncompleteIndexError";
  constructor(
    readonly index: string,
    readonly missing: string,
    platform: Platform | undefined,
  ) {
    super(
      "INDEX_INCOMPLETE",
      `The index ${index} names ${platform ? `an image for ${formatPlatform(platform)}` : "a manifest"}, ${missing}, which its registry does not have`,
      ({ platforms }) =>
        `Ask its publisher to push all of it, or copy the platforms that are there (${platforms}); where it is a copy, delete the index and copy it again`,
    );
  }
}

/** The repository may exist, its tag does not. `code` is `TAG_NOT_FOUND`. */
export class TagNotFoundError extends RegistryError {
  override readonly name = "TagNotFoundError";
  constructor(
    readonly image: string,
    readonly tag: string,
    /** The place that was asked for it, where that is not the registry of its name. */
    readonly place?: string,
  ) {
    super(
      "TAG_NOT_FOUND",
      `Image ${image} was not found: ${place ?? "its registry"} knows no tag ${JSON.stringify(tag)}`,
      "Check the tag",
    );
  }
}

/** The target repository does not exist and this registry makes none by itself. `code` is `REPOSITORY_MISSING`. */
export class RepositoryMissingError extends RegistryError {
  override readonly name = "RepositoryMissingError";
  constructor(
    readonly registry: string,
    readonly repository: string,
    kind = registryKind(registry),
  ) {
    super(
      "REPOSITORY_MISSING",
      `Repository ${registry}/${repository} does not exist, and the registry does not create it on a push`,
      registryProfile(kind).missingRepositoryRemedy,
    );
  }
}

/** The registry has no room for more images, or for more of them in the repository. `code` is `STORAGE_QUOTA_EXCEEDED`. */
export class StorageQuotaError extends RegistryPlaceError {
  override readonly name = "StorageQuotaError";
  constructor(place: string, doing: string, reason: string, kind = registryKind(place)) {
    super(
      place,
      "STORAGE_QUOTA_EXCEEDED",
      `Registry ${place} has no room for ${doing}: ${reason}`,
      storageQuotaRemedy(place, reason, kind),
    );
  }
}

/** The registry does not take artifacts of that type. `code` is `ARTIFACT_REFUSED`. */
export class ArtifactRefusedError extends RegistryError {
  override readonly name = "ArtifactRefusedError";
  constructor(
    readonly image: string,
    /** Media type of its config. */
    readonly mediaType: string,
    reason: string,
  ) {
    super(
      "ARTIFACT_REFUSED",
      `The registry refused ${image}, an artifact of the type ${mediaType}: ${reason}`,
      // https://docs.quay.io/guides/oci-artifacts.html
      ({ ignoreImages }) =>
        `Let it take ${mediaType} (Quay: ALLOWED_OCI_ARTIFACT_TYPES in its config.yaml), or leave the artifact out (${ignoreImages})`,
    );
  }
}

/** Content that is not what its digest says, also after it was read again. `code` is `DIGEST_MISMATCH`. */
export class DigestMismatchError extends RegistryPlaceError {
  override readonly name = "DigestMismatchError";
  constructor(
    readonly what: string,
    place: string,
    reason: string,
  ) {
    super(
      place,
      "DIGEST_MISMATCH",
      `${what} from ${place} is corrupt: ${reason}`,
      "Nothing of it was committed; repair the source, or a proxy before it",
    );
  }
}

/** The tag exists with another digest, and may not be moved. `code` is `TAG_IMMUTABLE`. */
export class TagImmutableError extends RegistryError {
  override readonly name = "TagImmutableError";
  constructor(
    readonly image: string,
    readonly present: string,
    readonly wanted: string,
  ) {
    super(
      "TAG_IMMUTABLE",
      `Tag ${image} is immutable and already has ${present} instead of ${wanted}`,
      "Delete the image from the target, allow its tags to change, or use another target",
    );
  }
}

/** Docker schema 1, or a type that nobody knows. `code` is `UNSUPPORTED_MANIFEST`. */
export class UnsupportedManifestError extends RegistryError {
  override readonly name = "UnsupportedManifestError";
  constructor(
    readonly image: string,
    readonly mediaType: string,
  ) {
    super(
      "UNSUPPORTED_MANIFEST",
      `The manifest of ${image} has the type ${mediaType}, which cannot be copied`,
      /schema 1|manifest\.v1\+/.test(mediaType)
        ? "Docker schema 1 is gone from today's registries and runtimes: pull and push the image with a current tool, which converts it"
        : "Copy images, indexes, and artifacts in the shape of images",
    );
  }
}

/** A manifest that breaks its specification. `code` is `INVALID_MANIFEST`. */
export class InvalidManifestError extends RegistryError {
  override readonly name = "InvalidManifestError";
  constructor(
    readonly image: string,
    reason: string,
  ) {
    super("INVALID_MANIFEST", `The manifest of ${image} is invalid: ${reason}`);
  }
}

/** A platform was asked for that the image lacks. `code` is `PLATFORM_NOT_FOUND`. */
export class PlatformNotFoundError extends RegistryError {
  override readonly name = "PlatformNotFoundError";
  constructor(
    readonly image: string,
    missing: readonly Platform[],
    present: readonly Platform[],
  ) {
    super(
      "PLATFORM_NOT_FOUND",
      `Image ${image} has no ${missing.map(formatPlatform).join(" and no ")}`,
      `It has ${[...new Set(present.map(formatPlatform))].join(", ") || "no platform at all"}`,
    );
  }
}

/** A layer that its owner keeps outside registries, with the policy to refuse. `code` is `FOREIGN_LAYER`. */
export class ForeignLayerError extends RegistryError {
  override readonly name = "ForeignLayerError";
  constructor(
    readonly image: string,
    readonly digest: string,
  ) {
    super(
      "FOREIGN_LAYER",
      `Image ${image} has a foreign layer ${digest}, which its runtime would pull from outside the mirror`,
      ({ copyForeignLayers }) => `Copy it where its licence allows that (${copyForeignLayers}), or leave the image out`,
    );
  }
}

/** A foreign layer was to be copied, and can be had nowhere. `code` is `FOREIGN_LAYER_MISSING`. */
export class ForeignLayerMissingError extends RegistryError {
  override readonly name = "ForeignLayerMissingError";
  constructor(
    /** Where it was looked for first. */
    readonly repository: string,
    readonly digest: string,
    hosts: readonly string[],
    cause: Error,
  ) {
    super(
      "FOREIGN_LAYER_MISSING",
      `The foreign layer ${digest} is neither in ${repository} nor ${hosts.length > 0 ? `to be had from ${hosts.join(", ")}` : "at any address"}: ${cause.message}`,
      "Let this machine reach its owner, skip foreign layers, or leave the image out",
      { cause },
    );
  }
}

/** The target takes no image with foreign layers, or none without them. `code` is `FOREIGN_LAYER_REFUSED`. */
export class ForeignLayerRefusedError extends RegistryError {
  override readonly name = "ForeignLayerRefusedError";
  constructor(
    readonly image: string,
    readonly digest: string,
    cause: Error,
    /** It takes the image once it has the layer. */
    isMissed = false,
  ) {
    super(
      "FOREIGN_LAYER_REFUSED",
      `The registry refused ${image}, whose layer ${digest} lives outside of registries: ${cause.message}`,
      // https://distribution.github.io/distribution/about/configuration/#validation
      isMissed
        ? ({ copyForeignLayers }) =>
            `Have foreign layers copied (${copyForeignLayers}) as far as their licence allows it, or leave the image out`
        : "Let it take manifests with URLs (CNCF distribution: validation.manifests.urls.allow), or leave the image out",
      { cause },
    );
  }
}

/** A target that is pinned to another digest than what is copied there. `code` is `TARGET_DIGEST_DIFFERS`. */
export class TargetDigestError extends RegistryError {
  override readonly name = "TargetDigestError";
  constructor(
    readonly image: string,
    readonly copied: string,
  ) {
    super(
      "TARGET_DIGEST_DIFFERS",
      `The target ${image} names another digest than the image to copy, ${copied}`,
      "Leave the digest out of the target, or copy all platforms: a subset has a digest of its own",
    );
  }
}

/** A copy that ends because another part of the same image failed. `code` is `COPY_CANCELLED`. */
export class CopyCancelledError extends RegistryError {
  override readonly name = "CopyCancelledError";
  constructor(what: string) {
    super("COPY_CANCELLED", `${what} was not copied, since another part of its image failed`);
  }
}
