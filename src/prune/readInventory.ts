import type { Digest } from "../image/digest";
import {
  ImageNotFoundError,
  InvalidManifestError,
  RegistryLimitError,
  UnsupportedManifestError,
} from "../oci/errors/errors";
import { isManifestType } from "../oci/manifest/mediaTypes";
import type { RegistryClient } from "../oci/registry/client";
import { listReferrers, listTags } from "../oci/registry/listings";
import { settleAll } from "../oci/transport/settleAll";
import { heldManifest, type HeldManifest, type RepositoryContent } from "./inventory";
import { inventoryUnknown } from "./pruneErrors";

/** What is looked for in a repository, whether it has a tag or not. */
export interface WantedContent {
  /** What may go: what refers to it is looked for, too. All that is there, where `all` is set. */
  readonly candidates: ReadonlySet<Digest>;
  readonly all: boolean;
  /** What may be there without a tag. */
  readonly digests: ReadonlySet<Digest>;
  /** Tags that were there: a list that lacks one which is there is not whole. */
  readonly tags: ReadonlySet<string>;
}

/** Manifests of one repository: the largest known has some 100,000 tags. */
const MAX_MANIFESTS = 500_000;

/**
 * What a repository holds: all that its tags name, the manifests that are looked for, and all that either consists of.
 *
 * @throws {MirrorError} whatever keeps it from being known as a whole
 */
export async function readInventory(
  client: RegistryClient,
  repository: string,
  wanted: WantedContent,
): Promise<RepositoryContent> {
  const reader = new InventoryReader(client, repository, wanted);
  const tags = await reader.tags();
  await reader.read();
  return { tags, manifests: reader.manifests };
}

/** The tags of a repository. */
export async function readTags(client: RegistryClient, repository: string): Promise<string[]> {
  try {
    return [...new Set(await listTags(client, repository, true))];
  } catch (error) {
    // A repository whose images were all deleted is none to some registries.
    if (error instanceof ImageNotFoundError) return [];
    throw error;
  }
}

/** What a tag names: by the bytes, since registries may name one image of an index in answer to HEAD. */
export async function namedManifest(
  client: RegistryClient,
  repository: string,
  tag: string,
): Promise<Digest | undefined> {
  return (await namedContent(client, repository, tag))?.digest;
}

async function namedContent(
  client: RegistryClient,
  repository: string,
  name: string,
): Promise<HeldManifest | undefined> {
  try {
    const stored = await client.manifestIfAny(repository, name);
    return stored && heldManifest(stored);
  } catch (error) {
    if (!(error instanceof UnsupportedManifestError || error instanceof InvalidManifestError)) throw error;
    const head = await client.headManifest(repository, name);
    return head && { digest: head.digest, size: 0, children: [], blobs: [], isUnknown: true };
  }
}

class InventoryReader {
  readonly manifests = new Map<Digest, HeldManifest>();
  private readonly asked = new Set<Digest>();
  /** What belongs to it was entered; with what refers to it, in the second. */
  private readonly done = new Set<Digest>();
  private readonly referrersAsked = new Set<Digest>();
  private open: { readonly digest: Digest; readonly mayGo: boolean }[] = [];

  constructor(
    private readonly client: RegistryClient,
    private readonly repository: string,
    private readonly wanted: WantedContent,
  ) {}

  async tags(): Promise<ReadonlyMap<string, Digest>> {
    const { client, repository, wanted } = this;
    const listed = await readTags(client, repository);
    const named = await settleAll(listed.map(async (tag) => [tag, await this.note(tag)] as const));
    const unlisted = [...wanted.tags].filter((tag) => !listed.includes(tag));
    await settleAll(
      unlisted.map(async (tag) => {
        if (await client.headManifest(repository, tag))
          throw inventoryUnknown(
            `Listing the tags of ${client.registry}/${repository}`,
            `the list lacks ${tag}, which is there`,
          );
      }),
    );
    return new Map(named.flatMap(([tag, digest]) => (digest === undefined ? [] : [[tag, digest] as const])));
  }

  /** Reads what the tags name and what is looked for, and all that belongs to it. */
  async read(): Promise<void> {
    const { candidates, digests, all } = this.wanted;
    for (const digest of this.manifests.keys()) this.enter(digest, all || candidates.has(digest));
    for (const digest of [...candidates, ...digests]) this.enter(digest, all || candidates.has(digest));
    while (this.open.length > 0) {
      const round = this.open;
      this.open = [];
      await settleAll(round.map(({ digest, mayGo }) => this.visit(digest, mayGo)));
    }
  }

  private enter(digest: Digest, mayGo: boolean): void {
    this.open.push({ digest, mayGo });
  }

  private async visit(digest: Digest, mayGo: boolean): Promise<void> {
    const { client, repository } = this;
    if (!this.manifests.has(digest) && !this.asked.has(digest)) {
      this.asked.add(digest);
      if (this.asked.size > MAX_MANIFESTS)
        throw new RegistryLimitError(
          client.session.place,
          `reading what ${client.registry}/${repository} holds`,
          `more than ${MAX_MANIFESTS} manifests`,
        );
      await this.note(digest);
    }
    const held = this.manifests.get(digest);
    if (!held || this.isDone(digest, mayGo)) return;
    for (const child of held.children) this.enter(child, mayGo);
    if (!mayGo) return;
    const referrers = await listReferrers(client, repository, digest);
    for (const { digest: referrer, mediaType } of referrers) if (isManifestType(mediaType)) this.enter(referrer, true);
  }

  /** Whether what belongs to a manifest was entered already; with what refers to it, where that may go. */
  private isDone(digest: Digest, mayGo: boolean): boolean {
    const known = mayGo ? this.referrersAsked : this.done;
    if (known.has(digest)) return true;
    known.add(digest);
    return false;
  }

  /** @param name a tag or a digest: it may be gone, or never have been there, as a pod may run what was deleted */
  private async note(name: string): Promise<Digest | undefined> {
    const held = await namedContent(this.client, this.repository, name);
    if (held) this.manifests.set(held.digest, held);
    return held?.digest;
  }
}
