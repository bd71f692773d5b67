import { isDigest, type Digest } from "../../../../src/image/digest";

/** Media types of manifests that clients meet. */
export const MEDIA_TYPES = {
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerSchema1: "application/vnd.docker.distribution.manifest.v1+prettyjws",
} as const;

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.values(MEDIA_TYPES),
  "application/vnd.docker.distribution.manifest.v1+json",
]);

/** A link to other content. */
export interface Link {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
}

/** What a registry reads in a manifest. */
export interface ManifestDocument {
  /** Config and layers that must be in the same repository; foreign layers are not among them. */
  readonly blobs: readonly Link[];
  readonly children: readonly Link[];
  readonly config?: Link;
  readonly subject?: Link;
  readonly artifactType?: string;
  readonly annotations?: Record<string, string>;
}

/**
 * Reads a manifest.
 *
 * @throws Error with the reason when it is none.
 */
export function parseManifest(bytes: Buffer, mediaType: string): ManifestDocument {
  if (!KNOWN.has(mediaType)) throw new Error(`${mediaType} is not the media type of a manifest`);
  const document: unknown = JSON.parse(bytes.toString("utf8"));
  if (!isObject(document)) throw new Error("it is not a JSON object");
  const version = mediaType.includes(".manifest.v1+") && mediaType.includes("docker") ? 1 : 2;
  if (document.schemaVersion !== version) throw new Error(`schemaVersion is not ${version}`);
  if (version === 1) return { blobs: [], children: [] };
  if (document.mediaType !== undefined && document.mediaType !== mediaType)
    throw new Error(`its mediaType is ${JSON.stringify(document.mediaType)}, its Content-Type ${mediaType}`);
  const common = {
    ...(document.subject !== undefined && { subject: link(document.subject, "subject") }),
    ...(isObject(document.annotations) && { annotations: document.annotations as Record<string, string> }),
  };
  const artifactType = typeof document.artifactType === "string" ? document.artifactType : undefined;
  if (mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerList)
    return {
      ...common,
      blobs: [],
      children: links(document.manifests, "manifests"),
      ...(artifactType && { artifactType }),
    };
  const config = link(document.config, "config");
  const layers = links(document.layers, "layers").filter((layer) => !isForeign(layer));
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers: config's type stands in.
  return {
    ...common,
    config,
    blobs: [config, ...layers],
    children: [],
    artifactType: artifactType ?? config.mediaType,
  };
}

/** Layers that are served elsewhere need not be pushed. */
function isForeign(layer: Link): boolean {
  return layer.mediaType.includes(".foreign.") || layer.mediaType.includes(".nondistributable.");
}

function links(value: unknown, field: string): Link[] {
  if (!Array.isArray(value)) throw new Error(`${field} is not a list`);
  return value.map((item, i) => link(item, `${field}[${i}]`));
}

function link(value: unknown, field: string): Link {
  if (
    !isObject(value) ||
    typeof value.digest !== "string" ||
    !isDigest(value.digest) ||
    typeof value.size !== "number" ||
    typeof value.mediaType !== "string"
  )
    throw new Error(`${field} is not a descriptor`);
  return { digest: value.digest, size: value.size, mediaType: value.mediaType };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
