import type { Digest } from "../../image/digest";
import type { Descriptor } from "./descriptor";
import type { ImageManifest } from "./manifest";

/** A small artifact held in memory, such as a Helm chart. */
export interface Artifact {
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly config: Buffer;
  /** In the manifest's order. */
  readonly layers: readonly ArtifactLayer[];
}

/** One layer of an artifact and its content. */
export interface ArtifactLayer {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** An artifact to be pushed; digests and sizes follow from the bytes. */
export interface NewArtifact {
  /** Set for artifacts whose config is the empty one; see {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage}. */
  readonly artifactType?: string;
  readonly config: { readonly mediaType: string; readonly bytes: Buffer };
  readonly layers: readonly {
    readonly mediaType: string;
    readonly bytes: Buffer;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Artifacts whose blobs are larger than this together are not read into memory. */
export const MAX_ARTIFACT_BYTES = 100 * 1024 * 1024;
