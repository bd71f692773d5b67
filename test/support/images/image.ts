import type { Readable } from "node:stream";
import type { Digest } from "../../../src/image/digest";

/** A descriptor ({@link https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md}). */
export interface Descriptor {
  mediaType: string;
  digest: Digest;
  size: number;
  platform?: { os: string; architecture: string; variant?: string };
  annotations?: Record<string, string>;
  artifactType?: string;
  urls?: string[];
}

/** A blob whose bytes are made when they are read, so that a layer of gigabytes costs no memory. */
export interface BlobContent {
  readonly digest: Digest;
  readonly size: number;
  read(): Readable;
}

/** A manifest's exact bytes. */
export interface ManifestContent {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** An image, index or artifact with all that it needs. */
export interface SyntheticImage {
  /** Digest of the top manifest or index. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** Sum of all distinct blobs' sizes in bytes. */
  readonly size: number;
  /** Children before those that name them; the top one is last. */
  readonly manifests: readonly ManifestContent[];
  /** Distinct by digest; foreign layers are not among them. */
  readonly blobs: readonly BlobContent[];
}

/** A layer: pseudo-random bytes, given bytes, or a real `tar+gzip` of files (path → content). */
export type LayerOptions =
  | { size: number; seed: number | string; mediaType?: string }
  | { bytes: Uint8Array; mediaType?: string }
  | { files: Readonly<Record<string, Uint8Array | string>>; mode?: number }
  /** Held elsewhere: named by the manifest, never pushed. */
  | { foreign: { urls: readonly string[]; size: number; seed: number | string } };

/** What {@link makeImage} makes; the same options give the same digests. */
export interface ImageOptions {
  /** `os/architecture[/variant]`; more than one makes an index. Default `["linux/amd64"]`. */
  platforms?: readonly string[];
  /** Make an index for a single platform too. */
  index?: boolean;
  /** Layers of every platform, or of each. Default: one of 1 KiB. */
  layers?: readonly LayerOptions[] | ((platform: string) => readonly LayerOptions[]);
  /** Merged into the image configuration's `config`: Entrypoint, Cmd, User, Env. */
  config?: Record<string, unknown>;
  mediaTypes?: "oci" | "docker";
  /** Of the top manifest; OCI only. */
  annotations?: Record<string, string>;
}
