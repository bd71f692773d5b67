/** The media types of one family. */
export interface MediaTypes {
  readonly index: string;
  readonly manifest: string;
  readonly config: string;
  readonly layer: string;
  readonly foreignLayer: string;
}

/** {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md} and Docker's equivalents. */
export const MEDIA_TYPES: Readonly<Record<"oci" | "docker", MediaTypes>> = {
  oci: {
    index: "application/vnd.oci.image.index.v1+json",
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
    foreignLayer: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  },
  docker: {
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
    foreignLayer: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  },
};
