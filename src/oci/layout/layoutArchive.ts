import type { FileHandle } from "node:fs/promises";
import type { Writable } from "node:stream";
import { digestOf, type Digest } from "../../image/digest";
import { tryParseReference } from "../../image/reference";
import { ownValue } from "../../ownKeys";
import type { NewArtifact } from "../manifest/artifact";
import { artifactManifest, partDescriptor } from "../manifest/artifactManifest";
import type { Descriptor } from "../manifest/descriptor";
import {
  blobsOf,
  isForeign,
  MAX_DESCRIPTORS,
  MAX_MANIFEST_BYTES,
  parseManifest,
  type StoredManifest,
} from "../manifest/manifest";
import { isManifestType, MediaType } from "../manifest/mediaTypes";
import { descriptorOf } from "../registry/client";
import { ArchiveWriter, type MemberSlot } from "./archiveWriter";
import { blobPath, INDEX } from "./imageLayout";
import { Annotation } from "./layoutAnnotations";
import { leftOutArtifact, type LeftOut } from "./leftOut";
import { MirrorError } from "../../error";
import { byKey, compareTexts } from "../../textOrder";

/** A layout before this one, whose blobs are left out. */
export interface EarlierLayout {
  readonly blobs: LeftOut;
  readonly indexBytes: Buffer;
}

/** A name in a layout, and what it stands for. */
interface Named {
  readonly digest: Digest;
  readonly more: { readonly artifactType?: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** An OCI image layout that is written into one tar archive (`oci-archive`), each blob once. */
export class LayoutArchive {
  private readonly writer: ArchiveWriter;
  private readonly blobs = new Set<Digest>();
  private readonly manifests = new Map<Digest, StoredManifest>();
  private readonly writing = new Map<Digest, Promise<void>>();
  private readonly names = new Map<string, Named>();
  private readonly leftOut = new Map<Digest, string>();

  constructor(
    file: FileHandle,
    private readonly earlier?: EarlierLayout,
  ) {
    this.writer = new ArchiveWriter(file);
  }

  /** Writes what every layout begins with. */
  begin(): Promise<void> {
    return this.writer.add("oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  }

  /** Whether a blob need not be written: it is there, or the earlier layout has it. */
  hasBlob(digest: Digest): boolean {
    if (this.blobs.has(digest)) return true;
    const repository = this.earlier?.blobs.get(digest);
    if (repository === undefined) return false;
    this.leftOut.set(digest, repository);
    return true;
  }

  /** Takes the bytes of a blob whose digest is told when they are there; see {@link commit}. */
  upload(size: number): { slot: MemberSlot; sink: Writable } {
    const slot = this.writer.slot(blobPath(NO_DIGEST), size);
    return { slot, sink: this.writer.sink(slot) };
  }

  async commit(slot: MemberSlot, digest: Digest): Promise<void> {
    if (this.blobs.has(digest)) return this.writer.release(slot);
    this.blobs.add(digest);
    await this.writer.rename(slot, blobPath(digest));
  }

  /** Writes a small blob. */
  async addBlob(digest: Digest, bytes: Buffer): Promise<void> {
    if (this.blobs.has(digest)) return;
    this.blobs.add(digest);
    try {
      await this.writer.add(blobPath(digest), bytes);
    } catch (error) {
      this.blobs.delete(digest);
      throw error;
    }
  }

  manifest(digest: Digest): StoredManifest | undefined {
    return this.manifests.get(digest);
  }

  named(name: string): StoredManifest | undefined {
    const found = this.names.get(name);
    return found && this.manifests.get(found.digest);
  }

  /** What of a manifest is missing here. */
  missingOf({ manifest }: StoredManifest): Descriptor | undefined {
    if (manifest.kind === "image")
      return blobsOf(manifest).find((blob) => !isForeign(blob) && !this.hasBlob(blob.digest));
    return manifest.manifests.find((entry) =>
      isManifestType(entry.mediaType)
        ? !this.manifests.has(entry.digest)
        : !isForeign(entry) && !this.hasBlob(entry.digest),
    );
  }

  /** Writes a manifest, all of whose parts are there. */
  async putManifest(stored: StoredManifest): Promise<void> {
    const { digest, bytes } = stored;
    const known =
      this.writing.get(digest) ?? this.addBlob(digest, bytes).then(() => void this.manifests.set(digest, stored));
    this.writing.set(digest, known);
    await known;
  }

  /** Gives a manifest a name; one that had it loses it. */
  name(name: string, digest: Digest, more: Named["more"] = this.names.get(name)?.more ?? {}): void {
    this.names.set(name, { digest, more });
  }

  /** Gives an image its name. @param path of its repository as a chart writes it, of which there may be several */
  nameImage(name: string, path: string, digest: Digest): void {
    const known = ownValue(this.names.get(name)?.more.annotations ?? {}, Annotation.PATHS)?.split(" ") ?? [];
    const paths = [...new Set([...known, path])].sort();
    this.name(name, digest, { annotations: { [Annotation.PATHS]: paths.join(" ") } });
  }

  /** Writes an artifact with a name. */
  async addArtifact(name: string, artifact: NewArtifact, more: Named["more"]): Promise<Digest> {
    for (const part of [artifact.config, ...artifact.layers])
      await this.addBlob(partDescriptor(part).digest, part.bytes);
    const { digest, bytes } = artifactManifest(artifact);
    const manifest = parseManifest(bytes, MediaType.OCI_MANIFEST, name);
    await this.putManifest({ digest, mediaType: MediaType.OCI_MANIFEST, bytes, manifest });
    this.name(name, digest, more);
    return digest;
  }

  /** What refers to a manifest. */
  referrersOf(subject: Digest): Descriptor[] {
    return [...this.manifests.values()]
      .filter(({ manifest }) => manifest.subject?.digest === subject)
      .map((stored) => {
        const { annotations } = stored.manifest;
        return { ...entryOf(stored), ...(annotations && { annotations }) };
      });
  }

  /** Writes the index and the end of the archive. @returns the digest of the index */
  async finish(): Promise<Digest> {
    if (this.earlier && this.leftOut.size > 0) {
      const artifact = leftOutArtifact(this.leftOut, this.earlier.indexBytes);
      await this.addArtifact("left-out", artifact, { artifactType: artifact.artifactType });
    }
    const manifests = this.entries();
    if (manifests.length > MAX_DESCRIPTORS) throw tooLarge(`${manifests.length} entries`, MAX_DESCRIPTORS);
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests }));
    if (bytes.length > MAX_MANIFEST_BYTES) throw tooLarge(`${bytes.length} bytes`, MAX_MANIFEST_BYTES);
    await this.writer.add(INDEX, bytes);
    await this.writer.finish();
    return digestOf(bytes);
  }

  /** By name, so that the same content is the same index; then what has no name and refers to something. */
  private entries(): object[] {
    const named = [...this.names].sort(byKey);
    const digests = new Set(named.map(([, { digest }]) => digest));
    const unnamed = [...this.manifests.values()]
      .filter(({ digest, manifest }) => manifest.subject && !digests.has(digest))
      .sort((a, b) => compareTexts(a.digest, b.digest));
    return [
      ...named.map(([name, { digest, more }]) => {
        const isImage = tryParseReference(name)?.hasHost === true;
        const annotations = {
          ...more.annotations,
          [Annotation.REF_NAME]: name,
          ...(isImage && { [Annotation.CONTAINERD_NAME]: name }),
        };
        return { ...entryOf(this.manifests.get(digest) as StoredManifest), ...more, annotations };
      }),
      ...unnamed.map(entryOf),
    ];
  }
}

/** What no reader takes must not be written. */
function tooLarge(would: string, limit: number): MirrorError {
  return new MirrorError(
    "BUNDLE_TOO_LARGE",
    `writing the index of the OCI image layout failed: it would have ${would}, more than the ${limit} that are read of one`,
    "Save fewer images into one archive",
  );
}

function entryOf(stored: StoredManifest): Descriptor {
  const { artifactType } = stored.manifest;
  return { ...descriptorOf(stored), ...(artifactType !== undefined && { artifactType }) };
}

/** As long as the usual digests. */
const NO_DIGEST: Digest = `sha256:${"0".repeat(64)}`;
