import { MirrorErrors } from "../error";
import { isDigest } from "../image/digest";
import { ImageNotFoundError } from "../oci/errors/errors";
import { ImageLayout } from "../oci/layout/imageLayout";
import { layoutLocation } from "../oci/layout/openLayouts";
import type { ResolvedPlan } from "../plan/resolvedPlan";

/**
 * Refuses a release whose lock file names images that its bundle does not have.
 *
 * @throws {ImageNotFoundError} or several of them
 */
export async function refuseMissingImages({ chart, images }: ResolvedPlan, bundle: string): Promise<void> {
  const layout = await ImageLayout.open(bundle);
  try {
    const problems: Error[] = [];
    for (const { source, digest } of images) {
      const isThere = digest === undefined || !isDigest(digest) || (await layout.blobSize(digest)) !== undefined;
      if (!isThere) problems.push(new ImageNotFoundError(`${source} (${digest})`, undefined, layoutLocation(bundle)));
    }
    MirrorErrors.throwIfAny(`Looking up the images of chart ${chart.name}`, problems);
  } finally {
    await layout.close();
  }
}
