import { isUsualDigest, type Digest } from "../../image/digest";
import { ManifestTicket, type BlobPlacement } from "./blobPlacement";
import type { TransferOrder } from "./blobTransfer";
import { describe } from "../registry/client";
import { chosenRoot, type ChosenRoot } from "./chosenRoot";
import type { CopyContext } from "./copyEnds";
import { looksAtForeignLayers } from "./copyOptions";
import type { CopyProgress } from "./copyProgress";
import type { Descriptor } from "../manifest/descriptor";
import {
  CopyCancelledError,
  ForeignLayerError,
  ForeignLayerRefusedError,
  RegistryError,
  RegistryResponseError,
} from "../errors/errors";
import { leftOut } from "./foreignLayers";
import { ImageReader, treeBlobs, type ImageTree } from "./imageTree";
import { blobsOf, isForeign, type StoredManifest } from "../manifest/manifest";
import { BlobsMissingError } from "../registry/refusedManifest";
import type { RepositoryAt } from "../registry/repositoryAt";

/**
 * The manifest that the target should have: the source's, or what is left of it for the platforms that were asked for.
 *
 * What a HEAD said of a tag is not read instead of the tag: some registries name an image of the index there. An index that
 * was read before is what it is.
 */
export function wantedRoot(
  { source, cache, options: { platforms } }: CopyContext,
  reader: ImageReader,
  wanted: Digest | undefined,
): Promise<ChosenRoot> {
  const { client, reference } = source;
  const isKnown = wanted !== undefined && cache().get(wanted)?.manifest.kind === "index";
  return chosenRoot({ client, reference: isKnown ? { ...reference, digest: wanted } : reference }, reader, platforms);
}

/** Loaded with the first artifact that a registry does not list itself. */
const loadReferrersIndex = () => require("./referrersIndex") as typeof import("./referrersIndex");

/**
 * How long to wait, in milliseconds, before each new look at a target that misses what it has just taken: first not at all,
 * since something may really be gone, then for registries whose storage takes a while to show it.
 */
const SETTLING_MS = [0, 1000, 4000];

/** Copies manifests, with all below them, from one repository to another. */
export class ManifestCopy implements TransferOrder {
  readonly source: RepositoryAt;
  readonly target: RepositoryAt;
  readonly reader: ImageReader;
  isCancelled = false;
  private readonly blobs = new Map<Digest, Promise<void>>();
  /** What refers to another manifest, and is not known to be listed by the target. */
  private readonly unlisted: StoredManifest[] = [];
  private readonly toldLeftOut = new Set<Digest>();

  constructor(
    private readonly context: CopyContext,
    private readonly placement: BlobPlacement,
    readonly progress: CopyProgress,
  ) {
    const { source, target } = context;
    this.source = { client: source.client, repository: source.reference.repository };
    this.target = { client: target.client, repository: target.reference.repository };
    this.reader = new ImageReader(source.client, context.cache());
  }

  moved(count: number): void {
    this.progress.moved(count);
  }

  /**
   * Copies a manifest and stores it under a name: a tag or its digest.
   *
   * @param list whether what refers to another manifest is listed there, too
   * @returns the digest by which the target knows it
   */
  async copy(stored: StoredManifest, name: string, { list = true } = {}): Promise<Digest> {
    // Its tag comes last: where this ends before, another copy begins again.
    const isTaggedLater = list && stored.manifest.subject !== undefined && isUsualDigest(stored.digest);
    for (let lookAgain = 0; ; lookAgain++)
      try {
        let digest = await this.copyTo(stored, isTaggedLater ? stored.digest : name, lookAgain > 0);
        if (list) await this.listUnlisted();
        else this.unlisted.length = 0;
        if (isTaggedLater && name !== stored.digest) digest = await this.put(stored, name);
        return digest;
      } catch (error) {
        const delayMs = SETTLING_MS[lookAgain];
        if (!(error instanceof BlobsMissingError) || delayMs === undefined) throw error;
        await this.context.clock.sleep(delayMs);
      }
  }

  private async copyTo(stored: StoredManifest, name: string, again: boolean): Promise<Digest> {
    const { client, repository } = this.target;
    if (again) return this.copyAll(stored, name);
    // A manifest that is there may lack its foreign layers all the same.
    if (looksAtForeignLayers(this.context.options))
      return this.copyTree(await this.reader.tree(this.source.repository, stored), name);
    const isPresent = async (digest: Digest): Promise<boolean> =>
      (await client.headManifest(repository, digest)) !== undefined;
    // What the target stored under a digest it checked then, so all below is there.
    if ((name !== stored.digest || stored.manifest.subject) && (await isPresent(stored.digest))) {
      if (stored.manifest.subject) this.unlisted.push(stored);
      return name === stored.digest ? stored.digest : this.put(stored, name);
    }
    return this.copyTree(await this.reader.tree(this.source.repository, stored, isPresent), name);
  }

  /** Whoever pushes what refers to another manifest sees to its being listed, where the registry does not. */
  private async listUnlisted(): Promise<void> {
    const bySubject = new Map<Digest, Digest[]>();
    const byDigest = new Map(this.unlisted.splice(0).map((stored) => [stored.digest, stored]));
    for (const { digest, manifest } of byDigest.values())
      if (manifest.subject)
        bySubject.set(manifest.subject.digest, [...(bySubject.get(manifest.subject.digest) ?? []), digest]);
    const read = (digest: Digest) => Promise.resolve(byDigest.get(digest) as StoredManifest);
    for (const [subject, referrers] of bySubject)
      try {
        await loadReferrersIndex().listAsReferrers(this.target, subject, referrers, read);
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        const { client, repository } = this.target;
        this.progress.warn(
          `${referrers.join(", ")} could not be listed in ${client.registry}/${repository} as what refers to ${subject}: ${error.message}`,
        );
      }
  }

  /** Brings the foreign layers that an image in the target lacks. */
  async completeForeignLayers(image: Digest): Promise<void> {
    const { client, repository } = this.target;
    const reader = new ImageReader(client, this.context.cache());
    const tree = await reader.tree(repository, await reader.child(repository, image));
    const foreign = treeBlobs(tree, true).filter(isForeign);
    this.refuseForeign(foreign);
    const ticket = new ManifestTicket();
    this.progress.planned(foreign);
    await this.all(foreign.map((blob) => this.placeBlob(blob, ticket))).finally(() => ticket.done(true));
  }

  private refuseForeign([first]: readonly Descriptor[]): void {
    if (first && this.context.options.foreignLayers === "refuse")
      throw new ForeignLayerError(describe(this.context.source.reference), first.digest);
  }

  /** Takes nothing for granted: what was taken to be in the target is gone, by a cleanup perhaps, or not to be seen yet. */
  private async copyAll(stored: StoredManifest, name: string): Promise<Digest> {
    const tree = await this.reader.tree(this.source.repository, stored);
    const blobs = treeBlobs(tree, true);
    for (const { digest } of blobs) {
      this.blobs.delete(digest);
      this.placement.forget(digest);
    }
    this.progress.again(blobs);
    return this.copyTree(tree, name);
  }

  private async copyTree(tree: ImageTree, name: string): Promise<Digest> {
    this.isCancelled = false;
    const includeForeign = this.context.options.foreignLayers === "copy";
    const foreign = treeBlobs(tree, true).filter(isForeign);
    this.refuseForeign(foreign);
    if (!includeForeign) this.tellLeftOut(foreign);
    const blobs = treeBlobs(tree, includeForeign);
    this.progress.planned(blobs);
    const { client, repository } = this.source;
    if (client.registry === this.target.client.registry)
      for (const { digest } of blobs) this.placement.note(repository, digest);
    return this.place(tree, name, includeForeign, new Map());
  }

  private tellLeftOut(foreign: readonly Descriptor[]): void {
    const news = foreign.filter(({ digest }) => !this.toldLeftOut.has(digest));
    for (const { digest } of news) this.toldLeftOut.add(digest);
    if (news.length === 0) return;
    const { message, advice } = leftOut(news);
    this.progress.warn(message, advice);
  }

  /** @param placed what several indexes name is placed once */
  private async place(
    { stored, children, entries }: ImageTree,
    name: string,
    includeForeign: boolean,
    placed: Map<Digest, Promise<unknown>>,
  ): Promise<Digest> {
    const ticket = new ManifestTicket();
    let isStored = false;
    try {
      const blobs = [...entries, ...blobsOf(stored.manifest)]
        .filter((blob) => includeForeign || !isForeign(blob))
        // The largest first: they take longest, and the small ones fill the gaps.
        .sort((a, b) => b.size - a.size);
      await this.all([
        ...children.map((child) => {
          const { digest } = child.stored;
          const known = placed.get(digest) ?? this.place(child, digest, includeForeign, placed);
          placed.set(digest, known);
          return known;
        }),
        ...blobs.map((blob) => this.placeBlob(blob, ticket)),
      ]);
      const digest = await this.put(stored, name);
      isStored = true;
      return digest;
    } finally {
      ticket.done(isStored);
    }
  }

  private async put(stored: StoredManifest, name: string): Promise<Digest> {
    const { client, repository } = this.target;
    try {
      const { digest, listsSubject } = await client.putManifest(repository, name, stored);
      if (stored.manifest.subject && !listsSubject) this.unlisted.push(stored);
      return digest;
    } catch (error) {
      const foreign = blobsOf(stored.manifest).find(isForeign);
      if (!foreign || !(error instanceof RegistryResponseError)) throw error;
      // A CNCF distribution answers 500, and not always why; Gitea misses the layer as it would any other.
      const isMissed = error instanceof BlobsMissingError;
      if (isMissed && !(await this.lacksForeignAlone(stored))) throw error;
      throw new ForeignLayerRefusedError(client.image(repository, name), foreign.digest, error, isMissed);
    }
  }

  /** Whether a manifest that the target misses something of has all there but for the foreign layers that are left out. */
  private async lacksForeignAlone({ manifest }: StoredManifest): Promise<boolean> {
    if (this.context.options.foreignLayers === "copy") return false;
    const { client, repository } = this.target;
    const others = blobsOf(manifest).filter((blob) => !isForeign(blob));
    const present = await Promise.all(others.map(({ digest }) => client.hasBlob(repository, digest)));
    return present.every(Boolean);
  }

  private placeBlob(blob: Descriptor, ticket: ManifestTicket): Promise<void> {
    let placed = this.blobs.get(blob.digest);
    if (!placed) {
      placed = this.placement
        .ensure({ source: this.source, target: this.target, blob, ticket, order: this })
        .then((outcome) => this.progress.blob(blob, outcome));
      this.blobs.set(blob.digest, placed);
      // Another try, or another artifact of the same image, asks for it again.
      placed.catch(() => this.blobs.delete(blob.digest));
    }
    return placed;
  }

  /** Waits for all, also when one fails, so that nothing of this image moves after its failure was reported. */
  private async all(parts: readonly Promise<unknown>[]): Promise<void> {
    for (const part of parts)
      part.catch(() => {
        this.isCancelled = true;
      });
    const failures = (await Promise.allSettled(parts)).flatMap((part) =>
      part.status === "rejected" ? [part.reason as Error] : [],
    );
    const failure = failures.find((error) => !(error instanceof CopyCancelledError)) ?? failures[0];
    if (failure) throw failure;
  }
}
