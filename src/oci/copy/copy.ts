import { formatReference } from "../../image/reference";
import { checkTarget, compareEnds, type CopyContext } from "./copyEnds";
import { looksAtForeignLayers } from "./copyOptions";
import { CopyProgress } from "./copyProgress";
import type { CopyResult } from "./progress";

/**
 * Copies one image: blobs, then the manifests of an index by digest, then the index, its tag last. So a tag never names
 * an image that is not complete, wherever the copy ends.
 */
export async function copyImage(context: CopyContext): Promise<CopyResult> {
  const { target, clock, options } = context;
  const progress = new CopyProgress(formatReference(target.reference), clock, options.onProgress);
  const { wanted, present } = await compareEnds(context);
  if (present && present.digest === wanted && !options.referrers && !looksAtForeignLayers(options)) {
    checkTarget(target, present.digest);
    return progress.copied(present.digest, present.mediaType, true);
  }
  return loadCopyManifests().copyManifests(context, progress, wanted, present);
}

/** Loaded with its first use: most runs find every image in place (`npm run bench`, warm). */
const loadCopyManifests = () => require("./copyManifests") as typeof import("./copyManifests");
