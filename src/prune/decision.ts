import type { Digest } from "../image/digest";
import type { Inventory, RepositoryContent } from "./inventory";
import type { BroughtImage, MirrorLedger } from "./mirrorLedger";
import { RepositoryGraph } from "./repositoryGraph";
import type { Use } from "./use";

/** A manifest of the mirror, with the tags that name it. */
export interface JudgedManifest {
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
}

/** A manifest that stays, and what for. */
export interface KeptManifest extends JudgedManifest {
  readonly why: readonly string[];
}

/** What stays in the mirror, and what goes. */
export interface Decision {
  readonly kept: readonly KeptManifest[];
  /** In the order in which it is to be deleted: an index before its images, what is referred to before what refers to it. */
  readonly removed: readonly JudgedManifest[];
  /** Bytes of the manifests that go, and of the blobs that nothing needs which is known of. */
  readonly freedBytes: number;
}

/** When it is, and how long what is not needed any more stays. */
export interface Patience {
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly keepDays: number;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * Decides what may be deleted: what the ledger says that a mirror of ours brought, and that nothing needs.
 *
 * What is needed keeps all that it consists of, the images of an index, and all that refers to it or that it refers to. Who
 * deletes a manifest deletes all its tags, so that one with a tag of others stays.
 */
export function decidePrune(
  inventory: Inventory,
  uses: readonly Use[],
  ledger: MirrorLedger,
  patience: Patience,
): Decision {
  const anywhere = new Map<Digest, string[]>();
  const byRepository = new Map<string, Use[]>();
  for (const use of uses) {
    if (use.repository !== undefined) added(byRepository, use.repository, use);
    else if (use.digest !== undefined) added(anywhere, use.digest, use.why);
  }
  const brought = new Map<string, BroughtImage[]>();
  for (const image of ledger.brought) added(brought, image.repository, image);
  const kept: KeptManifest[] = [];
  const removed: JudgedManifest[] = [];
  for (const [repository, content] of inventory) {
    const judged = new JudgedRepository(content, brought.get(repository) ?? [], ledger.ownsAll);
    judged.keepUsed(byRepository.get(repository) ?? [], anywhere);
    judged.keepForeign();
    judged.keepYoung(patience);
    const stays = judged.graph.closure(judged.pins);
    const goes = judged.graph.order(judged.candidates(), stays);
    const tagsOf = (digest: Digest): readonly string[] => judged.graph.allTags.get(digest) ?? [];
    for (const [digest, why] of stays) kept.push({ repository, digest, tags: tagsOf(digest), why });
    for (const digest of goes) removed.push({ repository, digest, tags: tagsOf(digest) });
  }
  return { kept, removed, freedBytes: freedBytes(inventory, kept, removed) };
}

/** One repository, while it is found out what of it stays. */
class JudgedRepository {
  readonly graph: RepositoryGraph;
  /** What stays for a reason of its own. */
  readonly pins = new Map<Digest, string[]>();
  private readonly neededUntil = new Map<Digest, number>();
  private readonly ownTags = new Set<string>();

  constructor(
    private readonly content: RepositoryContent,
    brought: readonly BroughtImage[],
    private readonly ownsAll: boolean,
  ) {
    this.graph = new RepositoryGraph(content);
    for (const { digest, tag, neededUntil } of brought) {
      this.neededUntil.set(digest, Math.max(neededUntil, this.neededUntil.get(digest) ?? 0));
      if (tag !== undefined) this.ownTags.add(tag);
    }
  }

  /** What the ledger names; with all that belongs to it, it may go. */
  candidates(): Digest[] {
    const known = [...this.content.manifests.keys()];
    return this.ownsAll ? known : known.filter((digest) => this.neededUntil.has(digest));
  }

  keepUsed(uses: readonly Use[], anywhere: ReadonlyMap<Digest, readonly string[]>): void {
    const { tags, manifests } = this.content;
    for (const { tag, digest, why } of uses) {
      if (tag !== undefined) this.pin(tags.get(tag), why);
      if (digest !== undefined) this.pin(digest, why);
      if (tag === undefined && digest === undefined) for (const held of manifests.keys()) this.pin(held, why);
    }
    for (const { digest, config } of manifests.values())
      for (const name of config === undefined ? [digest] : [digest, config])
        for (const why of anywhere.get(name) ?? []) this.pin(digest, why);
  }

  keepForeign(): void {
    for (const { digest, isUnknown } of this.content.manifests.values())
      if (isUnknown) this.pin(digest, "its manifest is of a kind that is not known");
    if (this.ownsAll) return;
    for (const [tag, digest] of this.content.tags) {
      // What stands beside an image goes where that goes.
      if (this.graph.subjectOfTag(tag) !== undefined) continue;
      if (!this.neededUntil.has(digest)) this.pin(digest, "no mirror of ours is known to have brought it");
      else if (!this.ownTags.has(tag)) this.pin(digest, `no mirror of ours is known to have set its tag ${tag}`);
    }
  }

  keepYoung({ now, keepDays }: Patience): void {
    if (keepDays <= 0) return;
    for (const digest of this.candidates()) {
      const until = this.neededUntil.get(digest);
      // What belongs to another manifest is as old as that, but for what somebody has given a tag of its own.
      if (until === undefined && this.graph.belongsToAnother(digest) && !this.hasOwnTag(digest)) continue;
      if (until === undefined) this.pin(digest, "nothing tells since when it is not needed");
      else if (now - until < keepDays * DAY_MS)
        this.pin(digest, `it was needed until ${new Date(until).toISOString().slice(0, 10)}`);
    }
  }

  private hasOwnTag(digest: Digest): boolean {
    const tags = this.graph.allTags.get(digest) ?? [];
    return tags.some((tag) => this.graph.subjectOfTag(tag) === undefined);
  }

  private pin(digest: Digest | undefined, why: string): void {
    if (digest === undefined || !this.content.manifests.has(digest)) return;
    const known = this.pins.get(digest);
    if (known === undefined) this.pins.set(digest, [why]);
    else if (!known.includes(why)) known.push(why);
  }
}

/** Registries keep a blob once, whichever repositories name it; some, such as ECR, once for each of them. */
function freedBytes(inventory: Inventory, kept: readonly JudgedManifest[], removed: readonly JudgedManifest[]): number {
  const held = ({ repository, digest }: JudgedManifest) => inventory.get(repository)?.manifests.get(digest);
  const stays = new Set(kept.flatMap((one) => held(one)?.blobs.map(({ digest }) => digest) ?? []));
  const manifestsThatStay = new Set(kept.map(({ digest }) => digest));
  const freed = new Map<Digest, number>();
  for (const one of removed) {
    const manifest = held(one);
    if (!manifest) continue;
    if (!manifestsThatStay.has(one.digest)) freed.set(one.digest, manifest.size);
    for (const { digest, size } of manifest.blobs) if (!stays.has(digest)) freed.set(digest, size);
  }
  return [...freed.values()].reduce((sum, size) => sum + size, 0);
}

function added<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known) known.push(value);
  else lists.set(key, [value]);
}
