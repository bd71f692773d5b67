import type { Digest } from "../../image/digest";
import type { ImageReference } from "../../image/reference";
import { manifestName } from "../../image/reference";
import { describe, descriptorOf, type RegistryClient } from "../registry/client";
import type { Descriptor } from "../manifest/descriptor";
import { ImageNotFoundError, IncompleteIndexError, InvalidManifestError } from "../errors/errors";
import { blobsOf, isForeign, type StoredManifest } from "../manifest/manifest";
import type { ManifestCache } from "../manifest/manifestCache";
import { isManifestType } from "../manifest/mediaTypes";
import { together } from "../transport/together";

/** A manifest and everything below it. */
export interface ImageTree {
  readonly stored: StoredManifest;
  /** The manifests of an index, in its order; without those that are done. */
  readonly children: readonly ImageTree[];
  /** Entries of an index that are no manifests: blobs that an index may name, too. */
  readonly entries: readonly Descriptor[];
}

/** Reads manifests from their registry, each digest once. */
export class ImageReader {
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
      if (byTag.digest !== digest) throw new ImageNotFoundError(describe(reference), byTag.digest);
      this.cache.add(byTag);
      return byTag;
    }
  }

  /**
   * Reads what is below a manifest.
   *
   * @param isDone whether a manifest, with all below it, is of no interest; such ones are not read (a reading can cost quota).
   */
  async tree(
    repository: string,
    stored: StoredManifest,
    isDone: (child: Digest) => Promise<boolean> = () => Promise.resolve(false),
    depth = 0,
  ): Promise<ImageTree> {
    const { manifest } = stored;
    if (manifest.kind === "image") return { stored, children: [], entries: [] };
    if (depth > MAX_NESTING)
      throw new InvalidManifestError(this.client.image(repository, stored.digest), "indexes are nested too deeply");
    const children = await together(
      manifest.manifests.filter(isChild).map(async (entry) => {
        if (await isDone(entry.digest)) return [];
        const child = await this.read(repository, entry.digest).catch((error: unknown) => {
          if (!(error instanceof ImageNotFoundError)) throw error;
          throw new IncompleteIndexError(this.client.image(repository, stored.digest), entry.digest, entry.platform);
        });
        return [await this.tree(repository, child, isDone, depth + 1)];
      }),
    );
    return { stored, children: children.flat(), entries: manifest.manifests.filter((entry) => !isChild(entry)) };
  }

  /** A manifest that an index names. */
  child(repository: string, digest: Digest): Promise<StoredManifest> {
    return this.read(repository, digest);
  }

  private async read(repository: string, name: string, image?: string): Promise<StoredManifest> {
    const known = this.cache.get(name as Digest);
    if (known) return known;
    const stored = await this.client.manifest(repository, name, image);
    this.cache.add(stored);
    return stored;
  }
}

/** Nobody nests indexes deeply; a limit keeps a malicious one from running away. */
export const MAX_NESTING = 8;

const isChild = ({ mediaType }: Descriptor): boolean => isManifestType(mediaType);

/** Every manifest of a tree, children before their index, each once. */
export function manifestsOf(tree: ImageTree): StoredManifest[] {
  const all = new Map<Digest, StoredManifest>();
  const visit = ({ stored, children }: ImageTree): void => {
    children.forEach(visit);
    all.set(stored.digest, stored);
  };
  visit(tree);
  return [...all.values()];
}

/** Every blob of a tree that belongs into a registry, each once. */
export function treeBlobs(tree: ImageTree, includeForeign: boolean): Descriptor[] {
  const all = new Map<Digest, Descriptor>();
  const visit = ({ stored, children, entries }: ImageTree): void => {
    children.forEach(visit);
    for (const blob of [...entries, ...blobsOf(stored.manifest)])
      if (includeForeign || !isForeign(blob)) all.set(blob.digest, blob);
  };
  visit(tree);
  return [...all.values()];
}

/** Descriptors of all manifests of a tree, the root's last. */
export const manifestDescriptors = (tree: ImageTree): Descriptor[] => manifestsOf(tree).map(descriptorOf);
