import type { Digest } from "../image/digest";

/** An image that a mirror of ours is known to have brought. */
export interface BroughtImage {
  readonly repository: string;
  /** The tag that it was given; absent where it got none. */
  readonly tag?: string;
  readonly digest: Digest;
  /** When it was needed last, as far as is known, in milliseconds since 1970. */
  readonly neededUntil: number;
}

/** The images that prune may delete: those that lock files say were brought, or all. */
export interface MirrorLedger {
  readonly brought: readonly BroughtImage[];
  /** Whether all that lies in the mirror was brought by a mirror of ours: its user says so. */
  readonly ownsAll: boolean;
}
