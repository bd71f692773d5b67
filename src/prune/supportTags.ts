import type { Digest } from "../image/digest";
import { isCosignTag } from "../oci/copy/cosignTags";
import { referrersTag } from "../oci/registry/client";

/**
 * What a tag's name says that its manifest belongs to, where it is one of those that stand beside an image: cosign's, and the
 * fallback tag of referrers. It is the beginning of a digest, as {@link referrersTag} writes it.
 */
export function supportedBy(tag: string): string | undefined {
  if (isCosignTag(tag)) return tag.slice(0, tag.indexOf("."));
  return FALLBACK.test(tag) ? tag : undefined;
}

const FALLBACK = /^sha(?:256|384|512)-[0-9a-f]{64}$/;

/** The digests of a repository by the names that tags of signatures and referrers begin with: `sha256-…`. */
export function bySupportName(digests: Iterable<Digest>): ReadonlyMap<string, Digest> {
  return new Map([...digests].map((digest) => [referrersTag(digest), digest]));
}
