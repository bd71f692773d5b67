import type { MirrorOptions } from "./chartMirrorArgs";
import { registryAccess, type AccessInput } from "../copy/imageCopyInputs";
import { parseReference } from "../image/reference";
import { localRegistries } from "../machine/localRegistries";
import { servingUpstream } from "../plan/layout";
import { mirroredBeforeMove } from "../plan/mirroredTags";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { refuseMovedTags, TagPolicy } from "../plan/tagPolicy";
import { plainValues } from "../inputs/plainValues";

/**
 * Refuses a release whose tags have moved since they were mirrored, where the program says so and no lock file does.
 *
 * Each copy looks for itself, too, and knows from the state what it has brought; but the engine ends with the first that
 * fails, and whoever decides wants to hear of all.
 *
 * @throws {MovedTagError} or several of them
 */
export async function refuseMirroredTags(
  plan: ResolvedPlan,
  { tags, lockFile, registry }: Pick<MirrorOptions, "tags" | "lockFile" | "registry">,
): Promise<void> {
  if (tags !== TagPolicy.Fail || lockFile !== undefined) return;
  const { values, unknown } = await plainValues(registry.pushAccess);
  // A registry that is still to be made holds nothing.
  if (unknown.length > 0) return;
  // A cache would bring an image when it is asked.
  const copied = plan.images.filter(
    ({ source }) => servingUpstream(parseReference(source), registry.layout) === undefined,
  );
  const registries = localRegistries([registryAccess(values as unknown as AccessInput)]);
  try {
    const mirrored = await mirroredBeforeMove(copied, (reference) => registries.head(reference));
    refuseMovedTags(`Looking up the images of chart ${plan.chart.name}`, mirrored, plan.images);
  } finally {
    registries.close();
  }
}
