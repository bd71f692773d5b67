/** Media types of manifests ({@link https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md}). */
export const MediaType = {
  OCI_INDEX: "application/vnd.oci.image.index.v1+json",
  OCI_MANIFEST: "application/vnd.oci.image.manifest.v1+json",
  OCI_CONFIG: "application/vnd.oci.image.config.v1+json",
  /** Removed before image-spec 1.1 was final, yet stored in registries. */
  OCI_ARTIFACT: "application/vnd.oci.artifact.manifest.v1+json",
  OCI_EMPTY: "application/vnd.oci.empty.v1+json",
  DOCKER_LIST: "application/vnd.docker.distribution.manifest.list.v2+json",
  DOCKER_MANIFEST: "application/vnd.docker.distribution.manifest.v2+json",
  DOCKER_CONFIG: "application/vnd.docker.container.image.v1+json",
  DOCKER_SCHEMA1: "application/vnd.docker.distribution.manifest.v1+json",
  DOCKER_SCHEMA1_SIGNED: "application/vnd.docker.distribution.manifest.v1+prettyjws",
  HELM_CONFIG: "application/vnd.cncf.helm.config.v1+json",
  HELM_CHART: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
  HELM_PROVENANCE: "application/vnd.cncf.helm.chart.provenance.v1.prov",
} as const;

const INDEXES: ReadonlySet<string> = new Set([MediaType.OCI_INDEX, MediaType.DOCKER_LIST]);
const IMAGES: ReadonlySet<string> = new Set([
  MediaType.OCI_MANIFEST,
  MediaType.OCI_ARTIFACT,
  MediaType.DOCKER_MANIFEST,
]);
const SCHEMA1: ReadonlySet<string> = new Set([MediaType.DOCKER_SCHEMA1, MediaType.DOCKER_SCHEMA1_SIGNED]);
const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MediaType.OCI_CONFIG, MediaType.DOCKER_CONFIG]);

/** What a client that reads manifests accepts. Schema 1 is left out, so that a registry converts nothing to it. */
export const ACCEPTED_MANIFESTS = [...INDEXES, ...IMAGES].join(", ");

export const isIndexType = (mediaType: string): boolean => INDEXES.has(mediaType);
export const isImageType = (mediaType: string): boolean => IMAGES.has(mediaType);
export const isManifestType = (mediaType: string): boolean => isIndexType(mediaType) || isImageType(mediaType);
export const isSchema1Type = (mediaType: string): boolean => SCHEMA1.has(mediaType);
/** Whether a config blob says which platform its image is for. */
export const isImageConfigType = (mediaType: string): boolean => IMAGE_CONFIGS.has(mediaType);
/** Layers that their owner does not allow in other registries, such as the base layers of old Windows images. */
export const isNonDistributable = (mediaType: string): boolean => /\.nondistributable\.|\.foreign\./.test(mediaType);
