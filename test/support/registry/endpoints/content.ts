import { digestOf, isDigest, type Digest } from "../../../../src/image/digest";
import type { BlobStore } from "../storage/blobStore";
import { NO_JOURNAL, type Change, type Journal } from "../journal";
import type { StoredManifest } from "../options";

interface Repository {
  readonly blobs: Set<Digest>;
  readonly manifests: Map<Digest, StoredManifest>;
  readonly tags: Map<string, Digest>;
}

/** What repositories hold. Blobs are stored once and linked to the repositories that have them. */
export class RegistryContent {
  readonly #repositories = new Map<string, Repository>();

  constructor(
    readonly blobs: BlobStore,
    private readonly journal: Journal = NO_JOURNAL,
  ) {
    for (const change of journal.changes()) this.#apply(change);
  }

  repositories(): string[] {
    return [...this.#repositories.keys()].sort();
  }

  exists(repository: string): boolean {
    return this.#repositories.has(repository);
  }

  create(repository: string): void {
    if (!this.exists(repository)) this.#change({ op: "repository", repository });
  }

  /** Deletes a repository with all that it holds. */
  deleteRepository(repository: string): void {
    for (const digest of this.#repositories.get(repository)?.blobs ?? []) this.unlink(repository, digest);
    if (this.exists(repository)) this.#change({ op: "deleteRepository", repository });
  }

  /** Size of a blob of this repository; undefined when the repository does not have it. */
  blobSize(repository: string, digest: Digest): number | undefined {
    return this.#repositories.get(repository)?.blobs.has(digest) ? this.blobs.size(digest) : undefined;
  }

  blobsOf(repository: string): Digest[] {
    return [...(this.#repositories.get(repository)?.blobs ?? [])];
  }

  /** Makes a stored blob one of this repository. */
  link(repository: string, digest: Digest): void {
    if (!this.#repositories.get(repository)?.blobs.has(digest)) this.#change({ op: "link", repository, digest });
  }

  /** Takes a blob out of a repository, and its bytes away when no other has it. */
  unlink(repository: string, digest: Digest): void {
    if (!this.#repositories.get(repository)?.blobs.has(digest)) return;
    this.#change({ op: "unlink", repository, digest });
    if (![...this.#repositories.values()].some((r) => r.blobs.has(digest))) this.blobs.remove(digest);
  }

  manifest(repository: string, tagOrDigest: string): StoredManifest | undefined {
    const digest = isDigest(tagOrDigest) ? tagOrDigest : this.tag(repository, tagOrDigest);
    return digest && this.#repositories.get(repository)?.manifests.get(digest);
  }

  manifests(repository: string): StoredManifest[] {
    return [...(this.#repositories.get(repository)?.manifests.values() ?? [])];
  }

  /** Stores a manifest under the digest of its bytes, which is sha256 unless another of them is given. */
  storeManifest(
    repository: string,
    mediaType: string,
    bytes: Buffer,
    digest: Digest = digestOf(bytes),
  ): StoredManifest {
    const known = this.manifest(repository, digest);
    if (known?.mediaType === mediaType) return known;
    this.#change({ op: "manifest", repository, digest, mediaType, base64: bytes.toString("base64") });
    return { digest, mediaType, bytes };
  }

  /** Deletes a manifest and the tags that name it. */
  deleteManifest(repository: string, digest: Digest): void {
    this.#change({ op: "deleteManifest", repository, digest });
  }

  tag(repository: string, tag: string): Digest | undefined {
    return this.#repositories.get(repository)?.tags.get(tag);
  }

  tags(repository: string): string[] {
    return [...(this.#repositories.get(repository)?.tags.keys() ?? [])].sort();
  }

  setTag(repository: string, tag: string, digest: Digest): void {
    if (this.tag(repository, tag) !== digest) this.#change({ op: "tag", repository, tag, digest });
  }

  deleteTag(repository: string, tag: string): void {
    this.#change({ op: "deleteTag", repository, tag });
  }

  #change(change: Change): void {
    this.journal.append(change);
    this.#apply(change);
  }

  #apply(change: Change): void {
    if (change.op === "deleteRepository") return void this.#repositories.delete(change.repository);
    const empty: Repository = { blobs: new Set(), manifests: new Map(), tags: new Map() };
    const repository = this.#repositories.get(change.repository) ?? empty;
    this.#repositories.set(change.repository, repository);
    switch (change.op) {
      case "repository":
        return;
      case "link":
        repository.blobs.add(change.digest);
        return;
      case "unlink":
        repository.blobs.delete(change.digest);
        return;
      case "manifest": {
        const { digest, mediaType, base64 } = change;
        repository.manifests.set(digest, { digest, mediaType, bytes: Buffer.from(base64, "base64") });
        return;
      }
      case "deleteManifest":
        repository.manifests.delete(change.digest);
        for (const [tag, digest] of repository.tags) if (digest === change.digest) repository.tags.delete(tag);
        return;
      case "tag":
        repository.tags.set(change.tag, change.digest);
        return;
      case "deleteTag":
        repository.tags.delete(change.tag);
        return;
    }
  }
}
