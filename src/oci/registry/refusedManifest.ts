import { isDigest, isUsualDigest } from "../../image/digest";
import type { Descriptor } from "../manifest/descriptor";
import {
  ArtifactRefusedError,
  DigestAlgorithmError,
  RegistryReadOnlyError,
  RegistryResponseError,
  RepositoryMissingError,
  TagImmutableError,
} from "../errors/errors";
import { REGISTRY_PROFILES, type RegistryKind } from "../profiles/registryProfiles";
import type { StoredManifest } from "../manifest/manifest";
import { isImageConfigType, MediaType } from "../manifest/mediaTypes";
import type { RegistryAnswer, RegistryRequest } from "./registryRequest";
import type { RegistrySession } from "./session";

/** A manifest names what its repository does not have. `code` is `REGISTRY_FAILED`. */
export class BlobsMissingError extends RegistryResponseError {}

/** The registry that refused: what of its client is asked. */
export interface RefusingRegistry {
  readonly registry: string;
  readonly kind: RegistryKind;
  readonly session: Pick<RegistrySession, "place" | "errorsIn" | "failure">;
  /** What errors call an image of it. */
  image(repository: string, name: string): string;
  headManifest(repository: string, name: string): Promise<Descriptor | undefined>;
}

/** A manifest that was to be stored. */
export interface ManifestToStore {
  readonly repository: string;
  /** A tag, or its digest. */
  readonly name: string;
  readonly stored: StoredManifest;
}

/**
 * What it means that a registry did not take a manifest.
 *
 * @returns the error to throw; undefined where the tag names the manifest all the same, as one that may not be moved does.
 */
export async function refusedManifest(
  client: RefusingRegistry,
  { repository, name, stored }: ManifestToStore,
  request: RegistryRequest,
  answer: RegistryAnswer,
): Promise<Error | undefined> {
  const { registry, kind, session } = client;
  const { status } = answer;
  const { codes, text } = session.errorsIn(answer);
  if (codes.includes("NAME_UNKNOWN")) return new RepositoryMissingError(registry, repository, kind);
  if (codes.some((code) => /^(?:MANIFEST_)?BLOB_UNKNOWN$|^MANIFEST_UNKNOWN$|LAYERS?_?NOT_?FOUND/i.test(code)))
    return new BlobsMissingError(session.place, request.doing, status, codes, text);
  const image = client.image(repository, name);
  const isAboutDigest = codes.length === 0 || codes.some((code) => /^(?:DIGEST_INVALID|UNSUPPORTED)$/.test(code));
  if (isDigest(name) && !isUsualDigest(name) && isAboutDigest)
    return new DigestAlgorithmError(registry, `the manifest of ${image}`, text || `it answered ${status}`);
  if (!isDigest(name)) {
    const present = await client.headManifest(repository, name).catch(() => undefined);
    if (present?.digest === stored.digest) return undefined;
    const said = `${codes.join(" ")} ${text}`;
    if (present && (isImmutableTag(said) || status === 409))
      return new TagImmutableError(image, present.digest, stored.digest);
  }
  const type = artifactType(stored);
  if (type !== undefined && (codes.includes("MANIFEST_INVALID") || status === 415))
    return new ArtifactRefusedError(image, type, text || `it answered ${status}`);
  // An artifact alone may be what is not taken.
  if (status === 405 && type === undefined && stored.manifest.subject === undefined)
    return new RegistryReadOnlyError(session.place, request.doing, text || "it takes no manifests (status 405)");
  return session.failure(request, answer.url, status, answer.headers, answer.body);
}

/** Whether a registry's words mean that a tag may not be moved. */
const isImmutableTag = (said: string): boolean =>
  REGISTRY_PROFILES.some(({ immutableTag }) => immutableTag?.test(said));

/** The type of an artifact in the shape of an image; undefined for images themselves, and for indexes. */
function artifactType({ manifest }: StoredManifest): string | undefined {
  if (manifest.kind === "index") return undefined;
  const { config, artifactType: declared } = manifest;
  const type = config === undefined || config.mediaType === MediaType.OCI_EMPTY ? declared : config.mediaType;
  return type === undefined || isImageConfigType(type) ? undefined : type;
}
