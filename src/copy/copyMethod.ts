/** Who brings an image into the mirror. */
export const CopyMethod = {
  /** The process that runs `pulumi up`: it reads from the source and writes to the target. */
  Process: "process",
  /** The registry itself, when the image is asked for: a cache or proxy that an upstream mapping of the layout names. */
  PullThrough: "pull-through",
  /** An Azure Container Registry, which reads from the source itself. */
  AcrImport: "acr-import",
  /** Pods of a cluster, as one Indexed Job for each set of changes. */
  Kubernetes: "kubernetes",
  /** A Docker daemon, which pulls and pushes one platform of it. */
  Docker: "docker",
} as const;
export type CopyMethod = (typeof CopyMethod)[keyof typeof CopyMethod];
