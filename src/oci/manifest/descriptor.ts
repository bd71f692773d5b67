import type { Digest } from "../../image/digest";
import type { Platform } from "../../image/platform";

/**
 * What points at a manifest or a blob
 * ({@link https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md}).
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  /** Set on the children of an index. */
  readonly platform?: Platform;
  /** Places outside the registry that hold the content: what makes a layer a foreign one. */
  readonly urls?: readonly string[];
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
