import type { Digest } from "../image/digest";
import type { RepositoryContent } from "./inventory";
import { bySupportName, supportedBy } from "./supportTags";

/** Which manifests of a repository belong to which: images to their index, signatures to their image. */
export class RepositoryGraph {
  /** All tags of each manifest. */
  readonly allTags = new Map<Digest, string[]>();
  private readonly named: ReadonlyMap<string, Digest>;
  /** What refers to a manifest: by its subject, or by a tag that says so. */
  private readonly referrers = new Map<Digest, Set<Digest>>();
  /** Manifests that an index of the repository lists. */
  private readonly parts = new Set<Digest>();

  constructor(private readonly content: RepositoryContent) {
    const { tags, manifests } = content;
    this.named = bySupportName(manifests.keys());
    for (const [tag, digest] of tags) {
      this.allTags.set(digest, [...(this.allTags.get(digest) ?? []), tag]);
      const subject = this.subjectOfTag(tag);
      if (subject !== undefined) this.refer(digest, subject);
    }
    for (const { digest, subject, children } of manifests.values()) {
      if (subject !== undefined) this.refer(digest, subject);
      for (const child of children) this.parts.add(child);
    }
  }

  /** The manifest of the repository that a tag stands beside: cosign's tags, and the fallback tag of referrers. */
  subjectOfTag(tag: string): Digest | undefined {
    const name = supportedBy(tag);
    return name === undefined ? undefined : this.named.get(name);
  }

  /** Whether a manifest is one of an index, or refers to one that is there. */
  belongsToAnother(digest: Digest): boolean {
    return this.parts.has(digest);
  }

  /** What some manifests keep, they among it, each with its reasons: their images, what refers to them, what they refer to. */
  closure(pins: ReadonlyMap<Digest, readonly string[]>): ReadonlyMap<Digest, readonly string[]> {
    const kept = new Map<Digest, readonly string[]>(pins);
    const open = [...pins.keys()];
    for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
      for (const [next, why] of this.neighbours(digest))
        if (!kept.has(next) && this.content.manifests.has(next)) {
          kept.set(next, [`${why} ${digest}`]);
          open.push(next);
        }
    }
    return kept;
  }

  private *neighbours(digest: Digest): Generator<readonly [Digest, string]> {
    for (const child of this.content.manifests.get(digest)?.children ?? []) yield [child, "it is an image of"];
    for (const referrer of this.referrers.get(digest) ?? []) yield [referrer, "it refers to"];
    // Not what a tag alone says: one empty list may stand beside many images.
    const subject = this.content.manifests.get(digest)?.subject;
    if (subject !== undefined) yield [subject, "it is referred to by"];
  }

  /** Some manifests and what belongs to them, but for what stays: an index before its images, an image before its referrers. */
  order(tops: readonly Digest[], stays: ReadonlyMap<Digest, unknown>): Digest[] {
    const seen = new Set<Digest>();
    const left: Digest[] = [];
    for (const top of tops) {
      // Depth first, each after all that belongs to it: turned round, each stands before that.
      const open = [{ digest: top, isLeft: false }];
      for (let next = open.pop(); next; next = open.pop()) {
        const { digest, isLeft } = next;
        if (isLeft) left.push(digest);
        if (isLeft || seen.has(digest) || stays.has(digest) || !this.content.manifests.has(digest)) continue;
        seen.add(digest);
        open.push({ digest, isLeft: true });
        for (const part of this.partsOf(digest)) open.push({ digest: part, isLeft: false });
      }
    }
    return left.reverse();
  }

  private partsOf(digest: Digest): Digest[] {
    return [...(this.content.manifests.get(digest)?.children ?? []), ...(this.referrers.get(digest) ?? [])];
  }

  private refer(referrer: Digest, subject: Digest): void {
    if (referrer === subject) return;
    this.referrers.set(subject, (this.referrers.get(subject) ?? new Set()).add(referrer));
    if (this.content.manifests.has(subject)) this.parts.add(referrer);
  }
}
