import type { Digest } from "../../image/digest";
import { isDigest } from "../../image/digest";
import type { Platform } from "../../image/platform";
import { isMap, parseJson } from "../../json";
import type { Descriptor } from "./descriptor";
import { InvalidManifestError, UnsupportedManifestError } from "../errors/errors";
import { isImageType, isIndexType, isNonDistributable, isSchema1Type, MediaType } from "./mediaTypes";

/** An index (OCI) or manifest list (Docker): the images of several platforms under one digest. */
export interface ImageIndex {
  readonly kind: "index";
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One image, or an artifact in the shape of one, such as a Helm chart. */
export interface ImageManifest {
  readonly kind: "image";
  readonly mediaType: string;
  /** Absent in manifests of the retired artifact type. */
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export type Manifest = ImageIndex | ImageManifest;

/** A manifest as a registry stores it: the bytes are what the digest is of, so they are never written anew. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly manifest: Manifest;
}

/** Manifests above this size are refused ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests}). */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Layers of an image, or entries of an index, above which a manifest is refused: runtimes take 127 layers. */
export const MAX_DESCRIPTORS = 10_000;

type Fields = Record<string, unknown>;

const isThere = (field: unknown): boolean => field !== undefined && field !== null;

/**
 * Reads a manifest.
 *
 * @param contentType what the registry declared; the manifest's own `mediaType` wins, since it is what the digest covers.
 * @param image named in errors.
 * @throws {UnsupportedManifestError} for Docker schema 1 and unknown types.
 * @throws {InvalidManifestError} when the bytes are no manifest.
 */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined, image: string): Manifest {
  const invalid = (reason: string) => new InvalidManifestError(image, reason);
  let fields: unknown;
  try {
    fields = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    throw invalid("it is not JSON");
  }
  if (!isMap(fields)) throw invalid("it is not a JSON object");
  const mediaType = manifestType(fields, contentType);
  if (mediaType === undefined || isSchema1Type(mediaType) || fields.schemaVersion === 1)
    throw new UnsupportedManifestError(image, mediaType ?? `schema ${String(fields.schemaVersion)}`);
  // A document that is both, or not what it is declared as, means different images to different readers (CVE-2021-41190).
  const hasImages = isThere(fields.manifests);
  const hasBlobs = isThere(fields.layers) || isThere(fields.config);
  if (hasImages && hasBlobs) throw invalid("it is an index and an image at the same time");
  if (isIndexType(mediaType) ? hasBlobs : hasImages)
    throw invalid(`it is declared as ${mediaType}, and has the fields of ${hasImages ? "an index" : "an image"}`);
  const read = new DescriptorReader(invalid);
  const shared = {
    mediaType,
    ...(fields.subject !== undefined && fields.subject !== null && { subject: read.one(fields.subject, "subject") }),
    ...(typeof fields.artifactType === "string" && { artifactType: fields.artifactType }),
    ...(isMap(fields.annotations) && { annotations: textsOf(fields.annotations) }),
  };
  if (isIndexType(mediaType)) return { kind: "index", ...shared, manifests: read.list(fields.manifests, "manifests") };
  if (!isImageType(mediaType)) throw new UnsupportedManifestError(image, mediaType);
  const layersName = mediaType === MediaType.OCI_ARTIFACT ? "blobs" : "layers";
  return {
    kind: "image",
    ...shared,
    ...(fields.config !== undefined && fields.config !== null && { config: read.one(fields.config, "config") }),
    layers: read.list(fields[layersName], layersName),
  };
}

function manifestType(fields: Fields, contentType: string | undefined): string | undefined {
  if (typeof fields.mediaType === "string" && fields.mediaType) return fields.mediaType;
  const declared = contentType?.split(";")[0]?.trim().toLowerCase();
  if (declared && (isIndexType(declared) || isImageType(declared) || isSchema1Type(declared))) return declared;
  // OCI makes the field optional, and some registries declare application/json: the shape decides.
  if (Array.isArray(fields.manifests)) return MediaType.OCI_INDEX;
  if (fields.schemaVersion === 2 && (isMap(fields.config) || Array.isArray(fields.layers)))
    return MediaType.OCI_MANIFEST;
  return declared && declared !== "application/json" ? declared : undefined;
}

class DescriptorReader {
  constructor(private readonly invalid: (reason: string) => Error) {}

  /** A list may be absent: an artifact without layers, or an index whose images were all removed. */
  list(value: unknown, where: string): Descriptor[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw this.invalid(`${where} is not a list`);
    if (value.length > MAX_DESCRIPTORS)
      throw this.invalid(`${where} has ${value.length} entries, more than the ${MAX_DESCRIPTORS} that are taken`);
    return value.map((entry, i) => this.one(entry, `${where}[${i}]`));
  }

  one(value: unknown, where: string): Descriptor {
    if (!isMap(value)) throw this.invalid(`${where} is not a descriptor`);
    const { mediaType, digest, size, urls, artifactType, annotations } = value;
    if (typeof digest !== "string" || !isDigest(digest)) throw this.invalid(`${where} has no valid digest`);
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
      throw this.invalid(`${where} has no valid size`);
    const platform = platformOf(value.platform);
    return {
      mediaType: typeof mediaType === "string" ? mediaType : "application/octet-stream",
      digest,
      size,
      ...(platform && { platform }),
      ...(Array.isArray(urls) && urls.length > 0 && { urls: urls.filter((url) => typeof url === "string") }),
      ...(typeof artifactType === "string" && { artifactType }),
      ...(isMap(annotations) && { annotations: textsOf(annotations) }),
    };
  }
}

function platformOf(value: unknown): Platform | undefined {
  if (!isMap(value) || typeof value.os !== "string" || typeof value.architecture !== "string") return undefined;
  return {
    os: value.os,
    architecture: value.architecture,
    ...(typeof value.variant === "string" && value.variant && { variant: value.variant }),
    ...(typeof value["os.version"] === "string" && { "os.version": value["os.version"] }),
  };
}

const textsOf = (fields: Fields): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === "string"));

/** The blobs that a manifest needs beside it, its config first; none for an index. */
export function blobsOf(manifest: Manifest): readonly Descriptor[] {
  if (manifest.kind === "index") return [];
  return manifest.config ? [manifest.config, ...manifest.layers] : manifest.layers;
}

/** Whether a layer may live outside the registry, see {@link CopyOptions.foreignLayers}. */
export function isForeign(descriptor: Descriptor): boolean {
  return (descriptor.urls?.length ?? 0) > 0 || isNonDistributable(descriptor.mediaType);
}

/**
 * The platforms of an index. Entries that are no images are left out: buildx stores attestations as `unknown/unknown`
 * ({@link https://docs.docker.com/build/metadata/attestations/attestation-storage/}).
 */
export function platformsOf(index: ImageIndex): Platform[] {
  return index.manifests.flatMap(({ platform }) => (platform && platform.os !== "unknown" ? [platform] : []));
}
