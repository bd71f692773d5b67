import type { Platform } from "../../image/platform";
import type { CopyEvent } from "./progress";

/** What happens to layers that their owner keeps outside registries (`urls`, nondistributable types). */
export const ForeignLayers = {
  /** Leave them where they are, with a warning: nodes pull them from their owner. */
  Skip: "skip",
  /** Copy them like any layer; the user answers for the licence. */
  Copy: "copy",
  /** Fail with `FOREIGN_LAYER`: nothing may be pulled from outside the mirror. */
  Refuse: "refuse",
} as const;
/** What happens to layers that their owner keeps outside registries. */
export type ForeignLayers = (typeof ForeignLayers)[keyof typeof ForeignLayers];

/** How to copy one image. */
export interface CopyOptions {
  /**
   * Copy only these platforms. The index is written anew with the entries that are left (and their attestations), so
   * its digest changes; an image that stands in no index must be for one of them and is copied as it is, an artifact for
   * none of them too. Default: all, the digest stays.
   */
  readonly platforms?: readonly Platform[];
  /** Copy signatures, attestations and SBOMs too: referrers and cosign's tags. Default false. */
  readonly referrers?: boolean;
  /** Default `skip`. */
  readonly foreignLayers?: ForeignLayers;
  readonly onProgress?: (event: CopyEvent) => void;
}

/** Whether an image that is there is looked at all the same: without its foreign layers it has the same digest. */
export const looksAtForeignLayers = ({ foreignLayers = "skip" }: Pick<CopyOptions, "foreignLayers">): boolean =>
  foreignLayers !== "skip";
