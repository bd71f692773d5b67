import type { Digest } from "../../image/digest";
import type { ImageReference } from "../../image/reference";
import { manifestName } from "../../image/reference";
import { describe, descriptorOf, type RegistryClient } from "../registry/client";
import type { Descriptor } from "../manifest/descriptor";
import { ImageNotFoundError, IncompleteIndexError, InvalidManifestError, RegistryLimitError } from "../errors/errors";
import { blobsOf, isForeign, type StoredManifest } from "../manifest/manifest";
import type { ManifestCache } from "../manifest/manifestCache";
import { isManifestType } from "../manifest/mediaTypes";
import { settleAll } from "../transport/settleAll";

/** A manifest and everything below it. */
export interface ImageTree {
  readonly stored: StoredManifest;
  /** The manifests of an index, in its order; without those that are done. */
  readonly children: readonly ImageTree[];
  /** Entries of an index that are no manifests: blobs that an index may name, too. */
  readonly entries: readonly Descriptor[];
}

/** Whether a manifest, with all below it, is of no interest; such ones are not read (a reading can cost quota). */
export type IsDone = (child: Digest) => Promise<boolean>;

/** Reads the manifests of one image from their registry, each digest once, and not without end. */
export class ImageReader {
  /** By tag or digest. */
  private readonly asked = new Set<string>();
  private bytes = 0;

  constructor(
    private readonly client: RegistryClient,
    private readonly cache: ManifestCache,
  ) {}

  /** The manifest that a reference names; where it has a digest, that one decides. */
  async root(reference: ImageReference): Promise<StoredManifest> {
    const { repository, tag, digest } = reference;
    if (digest === undefined) return this.read(repository, manifestName(reference), describe(reference));
    try {
      return await this.read(repository, digest, describe(reference));
    } catch (error) {
      // A pull-through cache of ECR may fill itself only when asked for the tag (containers-roadmap 2837).
      if (!(error instanceof ImageNotFoundError) || tag === undefined) throw error;
      const byTag = await this.client.manifestIfAny(repository, tag);
      if (!byTag) throw error;
      if (byTag.digest !== digest)
        throw new ImageNotFoundError(describe(reference), byTag.digest, this.client.location);
      this.cache.add(byTag);
      return byTag;
    }
  }

  /** Reads what is below a manifest. What several indexes name is one tree in all of them. */
  async tree(
    repository: string,
    stored: StoredManifest,
    isDone: IsDone = () => Promise.resolve(false),
  ): Promise<ImageTree> {
    return this.treeOf({ repository, isDone, children: new Map() }, stored, 0);
  }

  private async treeOf(walk: Walk, stored: StoredManifest, depth: number): Promise<ImageTree> {
    const { manifest } = stored;
    if (manifest.kind === "image") return { stored, children: [], entries: [] };
    const index = this.client.image(walk.repository, stored.digest);
    if (depth > MAX_NESTING)
      throw new InvalidManifestError(index, `indexes are nested too deeply, in more than ${MAX_NESTING} levels`);
    const named = new Map(manifest.manifests.filter(isChild).map((entry) => [entry.digest, entry]));
    const children = await settleAll(
      [...named.values()].map((entry) => {
        const known = walk.children.get(entry.digest);
        if (known) return known;
        const child = this.childTree(walk, index, entry, depth + 1);
        walk.children.set(entry.digest, child);
        return child;
      }),
    );
    return {
      stored,
      children: children.filter((child) => child !== undefined),
      entries: manifest.manifests.filter((entry) => !isChild(entry)),
    };
  }

  private async childTree(walk: Walk, index: string, entry: Descriptor, depth: number): Promise<ImageTree | undefined> {
    if (await walk.isDone(entry.digest)) return undefined;
    const child = await this.read(walk.repository, entry.digest).catch((error: unknown) => {
      if (!(error instanceof ImageNotFoundError)) throw error;
      throw new IncompleteIndexError(index, entry.digest, entry.platform);
    });
    return this.treeOf(walk, child, depth);
  }

  /** A manifest that an index names. */
  child(repository: string, digest: Digest): Promise<StoredManifest> {
    return this.read(repository, digest);
  }

  private async read(repository: string, name: string, image?: string): Promise<StoredManifest> {
    const about = image ?? this.client.image(repository, name);
    const isFirst = !this.asked.has(name);
    this.asked.add(name);
    // Before it is asked for, since all that an index names is asked for at once.
    if (this.asked.size > MAX_IMAGE_MANIFESTS) throw this.tooMuch(about, `more than ${MAX_IMAGE_MANIFESTS} manifests`);
    const known = this.cache.get(name as Digest);
    const stored = known ?? (await this.client.manifest(repository, name, image));
    if (!known) this.cache.add(stored);
    if (isFirst) this.bytes += stored.bytes.length;
    if (this.bytes > MAX_IMAGE_MANIFEST_BYTES)
      throw this.tooMuch(about, `manifests of more than ${MAX_IMAGE_MANIFEST_BYTES} bytes`);
    return stored;
  }

  private tooMuch(image: string, limit: string): RegistryLimitError {
    return new RegistryLimitError(this.client.session.place, `reading ${image} and what its image consists of`, limit);
  }
}

/** One reading of a tree: what was met already. */
interface Walk {
  readonly repository: string;
  readonly isDone: IsDone;
  readonly children: Map<Digest, Promise<ImageTree | undefined>>;
}

/** Nobody nests indexes deeply; a limit keeps a malicious one from running away. */
export const MAX_NESTING = 8;
/** Manifests of one image, with all that refers to it: its platforms, attestations and signatures. */
export const MAX_IMAGE_MANIFESTS = 2000;
/** Bytes of the manifests of one image together, since all of them are in memory at once. */
export const MAX_IMAGE_MANIFEST_BYTES = 32 * 1024 * 1024;

const isChild = ({ mediaType }: Descriptor): boolean => isManifestType(mediaType);

/** Every manifest of a tree, children before their index, each once. */
export function manifestsOf(tree: ImageTree): StoredManifest[] {
  const all = new Map<Digest, StoredManifest>();
  const visit = ({ stored, children }: ImageTree): void => {
    if (all.has(stored.digest)) return;
    children.forEach(visit);
    all.set(stored.digest, stored);
  };
  visit(tree);
  return [...all.values()];
}

/** Every blob of a tree that belongs into a registry, each once. */
export function treeBlobs(tree: ImageTree, includeForeign: boolean): Descriptor[] {
  const all = new Map<Digest, Descriptor>();
  const seen = new Set<ImageTree>();
  const visit = (tree: ImageTree): void => {
    if (seen.has(tree)) return;
    seen.add(tree);
    const { stored, children, entries } = tree;
    children.forEach(visit);
    for (const blob of [...entries, ...blobsOf(stored.manifest)])
      if (includeForeign || !isForeign(blob)) all.set(blob.digest, blob);
  };
  visit(tree);
  return [...all.values()];
}

/** Descriptors of all manifests of a tree, the root's last. */
export const manifestDescriptors = (tree: ImageTree): Descriptor[] => manifestsOf(tree).map(descriptorOf);
