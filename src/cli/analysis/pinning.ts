import { pinDigests } from "../../chart/digests/digestPins";
import type { ResolvedPlan } from "../../plan/resolvedPlan";
import type { OpenChart } from "./analysis";

/** The option of the commands that can write digests into values. */
export interface PinOption {
  readonly pinDigests?: boolean;
}

/**
 * The plan with the digests of its images in its values, where the command line says so.
 *
 * @param known digests in place of the plan's own
 */
export async function pinned(
  plan: ResolvedPlan,
  { chart, values, render, renderPatched }: OpenChart,
  { pinDigests: wanted }: PinOption,
  known: readonly { readonly source: string; readonly digest: string; readonly targetDigest?: string }[] = [],
): Promise<ResolvedPlan> {
  if (!wanted) return plan;
  const digests = new Map(known.map((image) => [image.source, image]));
  const images = plan.images.map((image) => {
    const { digest, targetDigest } = digests.get(image.source) ?? image;
    return { ...image, ...(digest !== undefined && { digest }), ...(targetDigest !== undefined && { targetDigest }) };
  });
  return pinDigests({ chart, values, render, renderPatched, plan: { ...plan, images } });
}
