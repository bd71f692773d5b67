import type { Digest } from "../../image/digest";
import type { Platform } from "../../image/platform";
import type { ImageReference } from "../../image/reference";
import type { Descriptor } from "./descriptor";

/** Some platforms of an image. */
export interface PlatformSubset {
  /** Of the index with those platforms alone; the source's where nothing is left out. */
  readonly digest: Digest;
  /** Of what the reference names. */
  readonly sourceDigest: Digest;
}

/** What a reference stands for at its registry, or what a copy of some of its platforms is. */
export interface ResolvedManifest extends PlatformSubset {
  readonly reference: ImageReference;
  readonly mediaType: string;
  /** Bytes of all blobs of all platforms, each counted once; foreign layers are left out. */
  readonly size: number;
  /** Those blobs: layers and configs. */
  readonly blobs: readonly Pick<Descriptor, "digest" | "size">[];
  /** In the order of the index; that of the image's config where there is no index; empty for artifacts. */
  readonly platforms: readonly Platform[];
  /** Every manifest below this one, and this one, last. */
  readonly manifests: readonly Descriptor[];
}
