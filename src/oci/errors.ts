import { MirrorError } from "../error";
import { formatPlatform, type Platform } from "../image/platform";
import { registryKind } from "./registryKind";

/** The base of what can go wrong with a registry. Messages name hosts, users and images, never a credential or a query. */
export class RegistryError extends MirrorError {
  override readonly name: string = "RegistryError";
}

/** The registry knows no such repository, or no manifest of that digest. `code` is `IMAGE_NOT_FOUND`. */
export class ImageNotFoundError extends RegistryError {
  override readonly name = "ImageNotFoundError";
  constructor(readonly image: string) {
    super(
      "IMAGE_NOT_FOUND",
      `Image ${image} was not found`,
      "Check its name and registry, and that this login may see it",
    );
  }
}

/** The repository may exist, its tag does not. `code` is `TAG_NOT_FOUND`. */
export class TagNotFoundError extends RegistryError {
  override readonly name = "TagNotFoundError";
  constructor(
    readonly image: string,
    readonly tag: string,
  ) {
    super(
      "TAG_NOT_FOUND",
      `Image ${image} was not found: its registry knows no tag ${JSON.stringify(tag)}`,
      "Check the tag",
    );
  }
}

/** The registry or its token service refused the credentials. `code` is `LOGIN_REFUSED`. */
export class LoginRefusedError extends RegistryError {
  override readonly name = "LoginRefusedError";
  constructor(
    readonly registry: string,
    /** As the credentials name it; a token has none. */
    readonly user: string | undefined,
    reason?: string,
  ) {
    super(
      "LOGIN_REFUSED",
      `Registry ${registry} refused the login ${user === undefined ? "with a token" : `of user ${JSON.stringify(user)}`}${reason ? `: ${reason}` : ""}`,
      "Check user and password, and that a token has not expired",
    );
  }
}

/** The registry wants a login and none is known. `code` is `LOGIN_REQUIRED`. */
export class LoginRequiredError extends RegistryError {
  override readonly name = "LoginRequiredError";
  constructor(
    readonly registry: string,
    what: string,
  ) {
    super(
      "LOGIN_REQUIRED",
      `Registry ${registry} wants a login for ${what}, or the image does not exist, and there are no credentials for it`,
      `Give credentials for ${registry}, or run docker login ${registry}`,
    );
  }
}

/** The login is good, but does not allow this. `code` is `ACCESS_DENIED`. */
export class AccessDeniedError extends RegistryError {
  override readonly name = "AccessDeniedError";
  constructor(
    readonly registry: string,
    readonly user: string | undefined,
    doing: string,
    reason?: string,
  ) {
    super(
      "ACCESS_DENIED",
      `Registry ${registry} denied ${doing} to ${user === undefined ? "an anonymous user" : `user ${JSON.stringify(user)}`}${reason ? `: ${reason}` : ""}`,
      "Grant the permission, or use other credentials",
    );
  }
}

/** No answer from the registry. `code` is `REGISTRY_UNREACHABLE`. */
export class RegistryUnreachableError extends RegistryError {
  override readonly name = "RegistryUnreachableError";
  constructor(
    readonly registry: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      "REGISTRY_UNREACHABLE",
      `Registry ${registry} could not be reached: ${reason}`,
      "Check the host name, the network, and HTTPS_PROXY and NO_PROXY",
      options,
    );
  }
}

/** The registry's certificate is not trusted. `code` is `TLS_UNTRUSTED`. */
export class TlsUntrustedError extends RegistryError {
  override readonly name = "TlsUntrustedError";
  constructor(
    readonly registry: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      "TLS_UNTRUSTED",
      `The TLS certificate of registry ${registry} is not trusted: ${reason}`,
      "Give the certificate of its authority with the registry's access (caCertificates)",
      options,
    );
  }
}

/** The registry does not speak TLS. `code` is `REGISTRY_SPEAKS_PLAIN_HTTP`. */
export class PlainHttpError extends RegistryError {
  override readonly name = "PlainHttpError";
  constructor(
    readonly registry: string,
    options?: ErrorOptions,
  ) {
    super(
      "REGISTRY_SPEAKS_PLAIN_HTTP",
      `Registry ${registry} does not answer with TLS`,
      "Where plain http is meant, say so in the registry's access (plainHttp)",
      options,
    );
  }
}

const CREATE_REPOSITORY: Partial<Record<ReturnType<typeof registryKind>, string>> = {
  ecr: "Create it first: EcrRegistry does, `aws ecr create-repository` does, and so does a repository creation template with CREATE_ON_PUSH",
  ecrPublic: "Create it first with `aws ecr-public create-repository`",
  artifactRegistry: "Create it first with `gcloud artifacts repositories create`; the path is PROJECT/REPOSITORY/IMAGE",
  quay: "Create it in the organization, or allow this robot to create repositories",
  gitlab: "The path must be that of a project (GROUP/PROJECT[/NAME]) with its container registry enabled",
};

/** The target repository does not exist and this registry makes none by itself. `code` is `REPOSITORY_MISSING`. */
export class RepositoryMissingError extends RegistryError {
  override readonly name = "RepositoryMissingError";
  constructor(
    readonly registry: string,
    readonly repository: string,
  ) {
    super(
      "REPOSITORY_MISSING",
      `Repository ${registry}/${repository} does not exist, and the registry does not create it on a push`,
      CREATE_REPOSITORY[registryKind(registry)] ?? "Create it (in some registries: its project) first",
    );
  }
}

/** The registry asks for a longer pause than is allowed. `code` is `QUOTA_EXCEEDED`. */
export class QuotaExceededError extends RegistryError {
  override readonly name = "QuotaExceededError";
  constructor(
    readonly registry: string,
    reason: string,
  ) {
    super(
      "QUOTA_EXCEEDED",
      `Registry ${registry} allows no more requests for now: ${reason}`,
      registryKind(registry) === "dockerHub"
        ? "Log in to Docker Hub (its limit for anonymous pulls is low), or try again later"
        : "Try again later, or lower the concurrency",
    );
  }
}

/** Content that is not what its digest says, also after it was read again. `code` is `DIGEST_MISMATCH`. */
export class DigestMismatchError extends RegistryError {
  override readonly name = "DigestMismatchError";
  constructor(
    readonly what: string,
    readonly registry: string,
    reason: string,
  ) {
    super(
      "DIGEST_MISMATCH",
      `${what} from ${registry} is corrupt: ${reason}`,
      "Nothing of it was committed; repair the source, or a proxy before it",
    );
  }
}

/** No byte moved for the stall timeout. `code` is `TRANSFER_STALLED`. */
export class StalledError extends RegistryError {
  override readonly name = "StalledError";
  constructor(
    readonly registry: string,
    doing: string,
    seconds: number,
  ) {
    super(
      "TRANSFER_STALLED",
      `Registry ${registry} stalled while ${doing}: nothing moved for ${seconds} s`,
      "Try again",
    );
  }
}

/** The connection broke, again and again. `code` is `TRANSFER_FAILED`. */
export class TransferFailedError extends RegistryError {
  override readonly name = "TransferFailedError";
  constructor(
    readonly registry: string,
    doing: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super("TRANSFER_FAILED", `${doing} at registry ${registry} failed: ${reason}`, "Try again", options);
  }
}

/** An answer that means failure and has no type of its own. `code` is `REGISTRY_FAILED`. */
export class RegistryResponseError extends RegistryError {
  override readonly name = "RegistryResponseError";
  constructor(
    readonly registry: string,
    doing: string,
    readonly status: number,
    /** The distribution API's error codes, such as `BLOB_UNKNOWN`. */
    readonly codes: readonly string[],
    reason: string,
  ) {
    super(
      "REGISTRY_FAILED",
      `Registry ${registry} failed ${doing} with status ${status}${reason ? `: ${reason}` : ""}`,
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
      "Choose to copy foreign layers, where their licence allows it, or to skip them",
    );
  }
}

/** The registry names a token service that its credentials are not for. `code` is `TOKEN_SERVICE_UNTRUSTED`. */
export class TokenServiceUntrustedError extends RegistryError {
  override readonly name = "TokenServiceUntrustedError";
  constructor(
    readonly registry: string,
    readonly tokenService: string,
  ) {
    super(
      "TOKEN_SERVICE_UNTRUSTED",
      `Registry ${registry} wants its credentials sent to ${tokenService}, which is another host`,
      "If that is its token service, name it in the registry's access (tokenServices)",
    );
  }
}

/** A redirect or upload location that must not be followed. `code` is `LOCATION_REFUSED`. */
export class LocationRefusedError extends RegistryError {
  override readonly name = "LocationRefusedError";
  constructor(
    readonly registry: string,
    readonly location: string,
    reason: string,
  ) {
    super("LOCATION_REFUSED", `Registry ${registry} points to ${location}, which is not followed: ${reason}`);
  }
}

/** The login configuration cannot be used. `code` is `CREDENTIALS_UNREADABLE`. */
export class CredentialsError extends RegistryError {
  override readonly name = "CredentialsError";
  constructor(problem: string, remedy?: string, options?: ErrorOptions) {
    super("CREDENTIALS_UNREADABLE", problem, remedy, options);
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
