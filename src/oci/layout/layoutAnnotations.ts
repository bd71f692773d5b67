/** Annotations of the entries of an `index.json`. */
export const Annotation = {
  /** A tag, or a whole reference ({@link https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md}). */
  REF_NAME: "org.opencontainers.image.ref.name",
  /** The whole reference, for containerd and Docker. */
  CONTAINERD_NAME: "io.containerd.image.name",
  /** Paths of a repository as charts write them (`nginx` for Docker Hub's `library/nginx`), with spaces between. */
  PATHS: "pulumi-chart-mirror/paths",
  TITLE: "org.opencontainers.image.title",
  VERSION: "org.opencontainers.image.version",
  /** `host[:port][/path]` of the mirror that a lock file, or a patched chart, is for. */
  MIRROR: "pulumi-chart-mirror/mirror",
} as const;

/** What the artifacts of a bundle are. */
export const ArtifactType = {
  LOCK: "application/vnd.pulumi-chart-mirror.lock.v1",
  LEFT_OUT: "application/vnd.pulumi-chart-mirror.left-out.v1",
} as const;
