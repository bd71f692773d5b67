import { matchesDigest, type Digest } from "../../image/digest";
import type { Descriptor } from "../manifest/descriptor";
import { checkTarget, targetName, type CopyContext } from "./copyEnds";
import { looksAtForeignLayers } from "./copyOptions";
import type { CopyProgress } from "./copyProgress";
import { DigestAlgorithmError } from "../errors/errors";
import type { StoredManifest } from "../manifest/manifest";
import { ManifestCopy, wantedRoot } from "./manifestCopy";
import type { CopyResult } from "./progress";
import { copyReferrers } from "./referrersCopy";

/**
 * Copies what the target lacks.
 *
 * @param wanted the digest that the target should have, as far as it is known without reading the image.
 * @param present what the target has.
 */
export async function copyManifests(
  context: CopyContext,
  progress: CopyProgress,
  wanted: Digest | undefined,
  present: Descriptor | undefined,
): Promise<CopyResult> {
  const { target, options } = context;
  const copy = new ManifestCopy(context, context.placement(), progress);
  let { digest, mediaType } = present ?? {};
  let unchanged = digest !== undefined && digest === wanted;
  let named = wanted;
  if (!unchanged) {
    const root = await wantedRoot(context, copy.reader, wanted);
    const { chosen } = root;
    checkTarget(target, chosen.digest);
    // A registry may know the same bytes by the digest of another algorithm.
    unchanged = present !== undefined && matchesDigest(present.digest, chosen.bytes);
    const known = unchanged ? (present?.digest as Digest) : await copy.copy(chosen, targetName(target));
    digest = await keptAs(context, progress, chosen, { known, unchanged });
    ({ mediaType } = chosen);
    named = root.named.digest;
  }
  checkTarget(target, digest as Digest);
  if (unchanged && looksAtForeignLayers(options)) {
    await copy.completeForeignLayers(digest as Digest);
    unchanged = !progress.hasWritten;
  }
  if (options.referrers) await copyReferrers(copy, digest as Digest, named as Digest);
  return progress.copied(digest as Digest, mediaType ?? "", unchanged);
}

/**
 * The digest by which an image can be pulled from the target: the one that it is pinned to, else its own, else the one that
 * the target has in its place.
 *
 * @param known the digest that the target tells
 */
async function keptAs(
  { target: { client, reference } }: CopyContext,
  progress: CopyProgress,
  chosen: StoredManifest,
  { known, unchanged }: { readonly known: Digest; readonly unchanged: boolean },
): Promise<Digest> {
  const { digest } = chosen;
  const { repository } = reference;
  if (known === digest || (await client.headManifest(repository, digest)) !== undefined) return digest;
  const isPinned = reference.digest !== undefined;
  if (isPinned || !unchanged)
    try {
      return (await client.putManifest(repository, digest, chosen)).digest;
    } catch (error) {
      if (isPinned || !(error instanceof DigestAlgorithmError)) throw error;
    }
  progress.warn(
    `${client.registry} keeps it as ${known}: by ${digest}, as its source has it, it cannot be pulled there`,
  );
  return known;
}
