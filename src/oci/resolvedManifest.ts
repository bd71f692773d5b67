import type { Digest } from "../image/digest";
import type { Platform } from "../image/platform";
import type { ImageReference } from "../image/reference";
import type { Descriptor } from "./descriptor";

/** What a reference stands for at its registry. */
export interface ResolvedManifest {
  readonly reference: ImageReference;
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of all blobs of all platforms, each counted once; foreign layers are left out. */
  readonly size: number;
  /** In the order of the index; that of the image's config where there is no index; empty for artifacts. */
  readonly platforms: readonly Platform[];
  /** Every manifest below this one, and this one, last. */
  readonly manifests: readonly Descriptor[];
}
