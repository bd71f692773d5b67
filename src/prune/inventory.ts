import type { Digest } from "../image/digest";
import type { Descriptor } from "../oci/manifest/descriptor";
import { blobsOf, type StoredManifest } from "../oci/manifest/manifest";
import { isManifestType } from "../oci/manifest/mediaTypes";

/** A manifest that is in a repository. */
export interface HeldManifest {
  readonly digest: Digest;
  /** Bytes of the manifest itself. */
  readonly size: number;
  /** The manifests that an index names. */
  readonly children: readonly Digest[];
  readonly subject?: Digest;
  /** What container runtimes call the image by, in the status of pods. */
  readonly config?: Digest;
  readonly blobs: readonly Pick<Descriptor, "digest" | "size">[];
  /** Whether it is of a kind that is not known here: what it needs is not known, either. */
  readonly isUnknown?: boolean;
}

/** What a repository holds, as far as it can be known: registries do not list what has no tag. */
export interface RepositoryContent {
  readonly tags: ReadonlyMap<string, Digest>;
  readonly manifests: ReadonlyMap<Digest, HeldManifest>;
}

/** What the mirror holds, by repository. */
export type Inventory = ReadonlyMap<string, RepositoryContent>;

/** A manifest reduced to what pruning needs: its size, children, subject and config. */
export function heldManifest({ digest, bytes, manifest }: StoredManifest): HeldManifest {
  const entries = manifest.kind === "index" ? manifest.manifests : [];
  return {
    digest,
    size: bytes.length,
    children: entries.filter(({ mediaType }) => isManifestType(mediaType)).map((entry) => entry.digest),
    ...(manifest.subject && { subject: manifest.subject.digest }),
    ...(manifest.kind === "image" && manifest.config && { config: manifest.config.digest }),
    // An index may name blobs, too.
    blobs: [...blobsOf(manifest), ...entries.filter(({ mediaType }) => !isManifestType(mediaType))],
  };
}
