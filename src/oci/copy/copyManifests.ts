import type { Digest } from "../../image/digest";
import type { Descriptor } from "../manifest/descriptor";
import { checkTarget, targetName, type CopyContext } from "./copyEnds";
import type { CopyProgress } from "./copyProgress";
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
    unchanged = present?.digest === chosen.digest;
    if (!unchanged) await copy.copy(chosen, targetName(target));
    ({ digest, mediaType } = chosen);
    named = root.named.digest;
  }
  checkTarget(target, digest as Digest);
  if (options.referrers) await copyReferrers(copy, digest as Digest, named as Digest);
  return progress.copied(digest as Digest, mediaType ?? "", unchanged);
}
