import type * as pulumi from "@pulumi/pulumi";

/** An image that the mirror holds, or will hold when its resource is made, whoever brings it. */
export interface ImageInMirror {
  readonly source: pulumi.Output<string>;
  readonly target: pulumi.Output<string>;
  /** Digest in source and target alike; of some platforms, or of what a Docker daemon packed anew, in the target alone. */
  readonly digest: pulumi.Output<string>;
  /** Bytes of all blobs and manifests, each counted once. */
  readonly size: pulumi.Output<number>;
  readonly platforms: pulumi.Output<string[]>;
  /** URN of the resource that brings it. */
  readonly urn: pulumi.Output<string>;
  /** What brings it; several images may share one. */
  readonly resource: pulumi.Resource;
}
