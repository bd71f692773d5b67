import type { Digest } from "../../image/digest";
import type { Advice } from "../../settingWords";

/** How a blob came to be in the target: `present` was there before, `mounted` came from another repository of the host. */
export type BlobOutcome = "uploaded" | "mounted" | "present";

/** What a copy is doing. `image` is the target reference as text; sizes are in bytes. */
export type CopyEvent =
  /** The manifests are read, so the size is known. */
  | { readonly type: "planned"; readonly image: string; readonly bytesTotal: number; readonly blobs: number }
  /** Sent at most every 250 ms for each image. `bytesDone` counts skipped and mounted blobs too. */
  | { readonly type: "progress"; readonly image: string; readonly bytesDone: number; readonly bytesTotal: number }
  | {
      readonly type: "blob";
      readonly image: string;
      readonly digest: Digest;
      readonly size: number;
      readonly outcome: BlobOutcome;
    }
  | {
      readonly type: "warning";
      readonly image: string;
      readonly message: string;
      /** What can be done about it; see `adviceIn`. */
      readonly advice?: Advice;
    }
  | { readonly type: "copied"; readonly image: string; readonly result: CopyResult };

/** What a copy did. */
export interface CopyResult {
  /** Of the manifest in the target; differs from the source's only with `platforms`. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** The target already had all of it, so nothing was written. */
  readonly unchanged: boolean;
  /** Bytes of blobs that went through this process. */
  readonly bytesCopied: number;
  /** Bytes of blobs that the target registry took from another of its repositories. */
  readonly bytesMounted: number;
  /** Bytes of blobs that were there. */
  readonly bytesSkipped: number;
  /** What could not be copied beside the image, such as signatures that the target refuses. */
  readonly warnings: readonly string[];
}
