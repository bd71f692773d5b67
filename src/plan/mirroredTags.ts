import { isDigest } from "../image/digest";
import { parseReference, type ImageReference } from "../image/reference";
import type { ResolvedImage } from "./resolvedPlan";

/**
 * The images whose tags name another image in the mirror than at their source now, with the mirror's digest: what was
 * mirrored before the tag moved.
 *
 * Images of which some platforms alone are copied are left out: another choice of them gives another digest, too, and only
 * their copies know which image they were made of.
 *
 * Where the mirror holds the source's image under its digest, it is the mirror's own tag that was moved: that is drift,
 * which the copy heals. What cannot be asked has not been seen to move.
 *
 * @param head asks the mirror with one request
 */
export async function mirroredBeforeMove(
  images: readonly ResolvedImage[],
  head: (reference: ImageReference) => Promise<{ readonly digest: string } | undefined>,
): Promise<{ readonly source: string; readonly digest: string }[]> {
  const found = await Promise.all(
    images.map(async ({ source, target, digest, targetDigest }) => {
      const { digest: pinned, ...reference } = parseReference(target);
      if (
        targetDigest !== undefined ||
        digest === undefined ||
        !isDigest(digest) ||
        (pinned && reference.tag === undefined)
      )
        return [];
      try {
        const mirrored = await head(reference);
        if (!mirrored || mirrored.digest === digest) return [];
        const { tag: _, ...repository } = reference;
        return (await head({ ...repository, digest })) ? [] : [{ source, digest: mirrored.digest }];
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}
