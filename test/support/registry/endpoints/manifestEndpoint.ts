import { digestOf, isDigest, matchesDigest, type Digest } from "../../../../src/image/digest";
import type { Behaviour } from "../behaviour";
import type { RegistryContent } from "./content";
import { parseManifest, type ManifestDocument } from "./manifestDocument";
import type { RepositoryCatalogue, StoredManifest } from "../options";
import { RegistryError } from "./registryError";
import { bytesReply, emptyReply, type Reply } from "../transport/reply";
import { readBody, type RegistryRequest } from "../transport/request";

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests registries take at least 4 MiB} */
const LARGEST_MANIFEST = 4 * 1024 * 1024;
const TAG = /^\w[\w.-]{0,127}$/;

/** GET, HEAD, PUT and DELETE of `/v2/NAME/manifests/REFERENCE`. */
export class ManifestEndpoint {
  constructor(
    private readonly content: RegistryContent,
    private readonly behaviour: Behaviour,
    private readonly catalogue: RepositoryCatalogue,
  ) {}

  async handle(request: RegistryRequest, repository: string, reference: string): Promise<Reply> {
    if (!isDigest(reference) && !TAG.test(reference))
      throw reference.includes(":")
        ? new RegistryError("DIGEST_INVALID", `${reference} is not a digest`)
        : new RegistryError("TAG_INVALID", `${reference} is not a tag`);
    switch (request.method) {
      case "GET":
      case "HEAD":
        return this.#read(request, repository, reference);
      case "PUT":
        return this.#put(request, repository, reference);
      case "DELETE":
        if (this.behaviour.deletes) return this.#delete(repository, reference);
    }
    throw new RegistryError("UNSUPPORTED", `${request.method} of a manifest is not supported`);
  }

  #read(request: RegistryRequest, repository: string, reference: string): Reply {
    const manifest = this.#find(repository, reference);
    if (!accepts(request.headers.accept, manifest.mediaType))
      throw new RegistryError(
        "MANIFEST_UNKNOWN",
        `${reference} is a ${manifest.mediaType}, which Accept does not name`,
      );
    return bytesReply(200, manifest.bytes, {
      "content-type": manifest.mediaType,
      "docker-content-digest": manifest.digest,
    });
  }

  async #put(request: RegistryRequest, repository: string, reference: string): Promise<Reply> {
    const bytes = await readBody(request.body, LARGEST_MANIFEST);
    if (!bytes) throw new RegistryError("SIZE_INVALID", `the manifest is larger than ${LARGEST_MANIFEST} bytes`);
    const mediaType = (request.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
    const document = this.#parse(bytes, mediaType);
    const digest = isDigest(reference) ? reference : digestOf(bytes);
    if (!matchesDigest(digest, bytes)) throw new RegistryError("DIGEST_INVALID", `the manifest is not ${reference}`);
    this.#checkContents(repository, document);
    const tag = isDigest(reference) ? undefined : reference;
    if (tag !== undefined) await this.#checkTag(repository, tag);
    const manifest = this.content.storeManifest(repository, mediaType, bytes, digest);
    if (tag !== undefined) this.content.setTag(repository, tag, digest);
    await this.catalogue.manifestStored?.(repository, manifest, tag);
    return emptyReply(201, {
      location: `/v2/${repository}/manifests/${digest}`,
      "docker-content-digest": digest,
      // Tells the client that the fallback tag is not needed.
      ...(document.subject && this.behaviour.referrers && { "oci-subject": document.subject.digest }),
    });
  }

  #parse(bytes: Buffer, mediaType: string): ManifestDocument {
    let document;
    try {
      document = parseManifest(bytes, mediaType);
    } catch (error) {
      throw new RegistryError("MANIFEST_INVALID", `the manifest is invalid: ${(error as Error).message}`);
    }
    const { configMediaTypes, subjects } = this.behaviour;
    if (document.config && configMediaTypes && !configMediaTypes.includes(document.config.mediaType))
      throw new RegistryError("MANIFEST_INVALID", `config media type ${document.config.mediaType} is not supported`);
    if (document.subject && !subjects)
      throw new RegistryError("UNSUPPORTED", "manifests with a subject are not supported");
    return document;
  }

  #checkContents(repository: string, document: ManifestDocument): void {
    if (!this.behaviour.strict) return;
    const missing = [
      ...document.blobs.filter((blob) => this.content.blobSize(repository, blob.digest) === undefined),
      ...document.children.filter((child) => !this.content.manifest(repository, child.digest)),
    ];
    if (missing.length > 0)
      throw new RegistryError(
        "MANIFEST_BLOB_UNKNOWN",
        `not in ${repository}: ${missing.map((m) => m.digest).join(", ")}`,
      );
  }

  async #checkTag(repository: string, tag: string): Promise<void> {
    if (this.content.tag(repository, tag) === undefined) return;
    const immutable = (await this.catalogue.isImmutable?.(repository, tag)) ?? this.behaviour.immutableTags;
    if (immutable)
      throw new RegistryError(
        "TAG_INVALID",
        `The image tag '${tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`,
      );
  }

  #delete(repository: string, reference: string): Reply {
    const { digest } = this.#find(repository, reference);
    if (isDigest(reference)) this.content.deleteManifest(repository, digest);
    else this.content.deleteTag(repository, reference);
    return emptyReply(202);
  }

  #find(repository: string, reference: string): StoredManifest & { digest: Digest } {
    const manifest = this.content.manifest(repository, reference);
    if (!manifest) throw new RegistryError("MANIFEST_UNKNOWN", `manifest ${reference} is not in ${repository}`);
    return manifest;
  }
}

/** Registries answer 404 for a type that is not named; schema 1 is what they fall back to, so it is always sent. */
function accepts(header: string | undefined, mediaType: string): boolean {
  if (header === undefined || mediaType.includes(".distribution.manifest.v1+")) return true;
  const types = header.split(",").map((type) => type.split(";")[0]?.trim());
  return types.some((type) => type === "*/*" || type === "application/*" || type === mediaType);
}
