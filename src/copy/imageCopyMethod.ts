import type { Digest } from "../image/digest";
import type { ImageReference } from "../image/reference";
import type { CopyOptions } from "../oci/copy/copyOptions";
import type { Registries } from "../oci/registries";
import type { EngineLog } from "../resource/engineLog";
import type { AccessInput } from "./imageCopyInputs";

/** One image on its way into the mirror. */
export interface ImageToCopy {
  /** As its own registry names it; by digest where that is known. */
  readonly source: ImageReference;
  readonly target: ImageReference;
  /** Digest of the source; undefined where nobody but the mirror may ask the source's registry. */
  readonly digest: Digest | undefined;
  /** What of the image is copied. */
  readonly options?: Pick<CopyOptions, "platforms" | "referrers" | "foreignLayers">;
  /** With some platforms alone: the digest that they have together, where it is known. */
  readonly subsetDigest?: Digest | undefined;
  /** Digests of configurations, of which the target must have one; set where its digest cannot be that of the source. */
  readonly configs?: readonly string[];
  readonly registries: CopyRegistries;
  /** What `registries` was made of, for those that move images by other means. */
  readonly access: readonly AccessInput[];
  readonly log: EngineLog;
}

/** What of `Registries` brings images into mirrors. */
export type CopyRegistries = Pick<Registries, "copy" | "head" | "client">;

/** One way to bring images into mirrors. There is one for each `CopyMethod`. */
export interface ImageCopyMethod {
  /**
   * Brings the image into its target. Runs in updates alone.
   *
   * @returns the digest that the target has now
   * @throws {MirrorError} when it is not the image that was planned
   */
  copy(image: ImageToCopy): Promise<Digest>;
  /**
   * The digest that the target has; undefined when it has none. Runs in previews too, so it changes nothing. A method
   * that cannot ask without a change answers the digest that is to be there.
   */
  look(image: ImageToCopy): Promise<string | undefined>;
}
