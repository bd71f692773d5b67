import { digestOf, type Digest } from "../../image/digest";
import type { NewArtifact } from "./artifact";
import type { Descriptor } from "./descriptor";
import { MediaType } from "./mediaTypes";

/** A manifest that is not stored yet. */
export interface ArtifactManifest {
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** The manifest of an artifact: the same parts make the same bytes, and so the same digest, on every machine. */
export function artifactManifest({ artifactType, config, layers, annotations }: NewArtifact): ArtifactManifest {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.OCI_MANIFEST,
      ...(artifactType !== undefined && { artifactType }),
      config: partDescriptor(config),
      layers: layers.map(partDescriptor),
      ...(annotations && { annotations }),
    }),
  );
  return { digest: digestOf(bytes), bytes };
}

/** An artifact of one file, which its type tells with the file's format: `TYPE+yaml`. */
export function plainArtifact(artifactType: string, format: "json" | "yaml", bytes: Buffer): NewArtifact {
  return {
    artifactType,
    config: { mediaType: MediaType.OCI_EMPTY, bytes: Buffer.from("{}") },
    layers: [{ mediaType: `${artifactType}+${format}`, bytes }],
  };
}

/** What a manifest says of one part of an artifact. */
export function partDescriptor({ mediaType, bytes, annotations }: NewArtifact["layers"][number]): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length, ...(annotations && { annotations }) };
}
