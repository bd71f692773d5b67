import type * as pulumi from "@pulumi/pulumi";
import { pinDigests, type PinOptions } from "../chart/digests/digestPins";
import type { MirrorOptions } from "./chartMirrorArgs";
import { CopyMethod } from "../copy/copyMethod";
import { MirrorError, MirrorErrors } from "../error";
import { parseReference } from "../image/reference";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { TagPolicy } from "../plan/tagPolicy";
import { componentLog } from "../resource/componentLog";

/** A digest that should be written into the values is not known. `code` is `PIN_NEEDS_DIGEST`. */
export function pinNeedsDigest(
  reason: string,
  remedy = "Name a lockFile, which has the digest of every image, or leave pinDigests out",
): MirrorError {
  return new MirrorError("PIN_NEEDS_DIGEST", `Writing digests into the values failed: ${reason}`, remedy);
}

/** What pinning a release needs besides its plan. */
export interface ReleasePinContext extends Omit<PinOptions, "plan"> {
  /** Hosts whose login is not known yet in this preview. */
  readonly notYet: ReadonlySet<string>;
  readonly component: pulumi.Resource;
}

/**
 * Writes the digests of a plan into its values, where the program asks for that.
 *
 * @throws {MirrorError} `PIN_NEEDS_DIGEST` about every image whose digest could not be asked: its release would lose the one it has
 */
export async function pinReleaseDigests(
  plan: ResolvedPlan,
  {
    pinDigests: wanted,
    tags,
    lockFile,
    copyWith,
  }: Pick<MirrorOptions, "pinDigests" | "tags" | "lockFile" | "copyWith">,
  { notYet, component, ...options }: ReleasePinContext,
): Promise<ResolvedPlan> {
  if (!wanted) return plan;
  if (tags === TagPolicy.Pin && lockFile === undefined)
    throw pinNeedsDigest(`tags: ${TagPolicy.Pin} keeps images that are not known before the update`);
  if (copyWith === CopyMethod.Docker)
    throw pinNeedsDigest(
      "a Docker daemon gives images digests of its own, which are known when they are pushed",
      "Copy in another way (copyWith), or leave pinDigests out",
    );
  const missing = plan.images.filter(({ digest }) => digest === undefined);
  const later = missing.filter(({ source }) => notYet.has(parseReference(source).registry));
  if (later.length > 0)
    await componentLog.warn(
      `The update pins these images, too; their registry's login is not known yet: ${later.map(({ source }) => source).join(", ")}`,
      component,
    );
  MirrorErrors.throwIfAny(
    `Pinning the images of chart ${plan.chart.name}`,
    missing
      .filter((image) => !later.includes(image))
      .map(({ source }) => pinNeedsDigest(`the registry of ${source} cannot be reached`)),
  );
  return pinDigests({ ...options, plan });
}
