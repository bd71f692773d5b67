import type { Digest } from "../image/digest";

/** Something that needs an image of the mirror. */
export interface Use {
  /** In words: `pod shop/api-0 of the context prod`. */
  readonly why: string;
  /** As the registry knows it; absent where the digest is needed wherever it is. */
  readonly repository?: string;
  /** What is needed of the repository; all that is in it where neither is said. */
  readonly tag?: string;
  readonly digest?: Digest;
}
