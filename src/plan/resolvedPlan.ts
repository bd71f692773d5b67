import type { PlannedImage, RelocationPlan } from "./relocationPlan";

/** A planned image with what its source registry says of it. */
export interface ResolvedImage extends PlannedImage {
  /** Of the source; absent when its registry could not be asked. */
  readonly digest?: string;
  /** What the mirror will have in its place, where some platforms alone are copied; absent where that is `digest`. */
  readonly targetDigest?: string;
  /** Bytes of all blobs and manifests, each counted once. */
  readonly size?: number;
  /** Those that are copied, as `os/architecture[/variant]`; empty for artifacts. */
  readonly platforms?: readonly string[];
}

/** A {@link RelocationPlan} with digests and sizes: all that an update will do, before it does anything. */
export interface ResolvedPlan extends Omit<RelocationPlan, "images"> {
  readonly images: readonly ResolvedImage[];
}
