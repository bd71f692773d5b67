import { MirrorError, MirrorErrors } from "../error";
import { formatPlatform, parsePlatform, type Platform } from "../image/platform";
import { parseReference, type ImageReference } from "../image/reference";
import { RegistryUnreachableError } from "../oci/errors/errors";
import type { PlatformSubset } from "../oci/manifest/resolvedManifest";
import { servingUpstream, type LayoutOptions } from "./layout";
import type { Finding, PlannedImage } from "./relocationPlan";
import type { ResolvedPlan } from "./resolvedPlan";
import { byKey } from "../textOrder";

/** A text that names no platform. `code` is `INVALID_PLATFORM`. */
export function invalidPlatform(text: string): MirrorError {
  return new MirrorError(
    "INVALID_PLATFORM",
    `Choosing the platforms of images failed: ${JSON.stringify(text)} is no platform`,
    "Write it as os/architecture[/variant], as in linux/amd64 or linux/arm/v7",
  );
}

/**
 * The platforms that texts name; undefined for none, which means all.
 *
 * @returns each once, in the order of their names, so that two wishes for the same are the same
 * @throws {MirrorError} `INVALID_PLATFORM` or several of them
 */
export function parsePlatforms(texts: readonly string[] | undefined): readonly Platform[] | undefined {
  if (!texts?.length) return undefined;
  const problems: Error[] = [];
  const named = new Map<string, Platform>();
  for (const text of texts) {
    const platform = typeof text === "string" ? parsePlatform(text) : undefined;
    if (platform) named.set(formatPlatform(platform), platform);
    else problems.push(invalidPlatform(text));
  }
  MirrorErrors.throwIfAny("Choosing the platforms of images", problems);
  return [...named].sort(byKey).map(([, platform]) => platform);
}

/**
 * The images of a plan that may be copied with some of their platforms alone. Whole stay those that are pulled by a
 * digest, which only the whole has, also under a tag that others name; and those that the mirror serves from their upstream.
 */
export function subsetImages<Image extends Pick<PlannedImage, "source" | "target">>(
  images: readonly Image[],
  layout: Pick<LayoutOptions, "upstreams">,
): readonly Image[] {
  const isPinned = ({ source }: Image): boolean => parseReference(source).digest !== undefined;
  const whole = new Set(images.filter(isPinned).map(({ target }) => taggedTarget(target)));
  return images.filter((image) => {
    if (isPinned(image) || whole.has(taggedTarget(image.target))) return false;
    return servingUpstream(parseReference(image.source), layout) === undefined;
  });
}

/** The platforms that are copied of each source; undefined for all. */
export function platformsBySource(
  images: readonly Pick<PlannedImage, "source" | "target">[],
  choice: Pick<PlatformChoice, "platforms" | "layout"> | undefined,
): (source: string) => readonly Platform[] | undefined {
  const chosen = new Set(choice && subsetImages(images, choice.layout).map(({ source }) => source));
  return (source) => (chosen.has(source) ? choice?.platforms : undefined);
}

/** A target without the digest that pins it beside a tag: what its copy writes. */
export const taggedTarget = (target: string): string => target.replace(/(:[^/:@]+)@[^@]*$/, "$1");

/** What choosing the platforms of a plan needs. */
export interface PlatformChoice {
  readonly platforms: readonly Platform[];
  readonly layout: Pick<LayoutOptions, "upstreams">;
  /** Asks a source registry what some platforms of an image are. */
  readonly subset: (reference: ImageReference, platforms: readonly Platform[]) => Promise<PlatformSubset>;
}

/**
 * Finds out which digests images have in the mirror with some platforms alone, by one manifest of each.
 *
 * An image whose registry cannot be reached stays without a digest, as with `resolveDigests`.
 *
 * @throws {MirrorErrors} about all images that lack a platform, or the only problem
 */
export async function choosePlatforms(
  plan: ResolvedPlan,
  { platforms, layout, subset }: PlatformChoice,
): Promise<ResolvedPlan> {
  const chosen = new Set(subsetImages(plan.images, layout));
  const problems: Error[] = [];
  const images = await Promise.all(
    plan.images.map(async (image) => {
      const { digest: known, ...rest } = image;
      if (known === undefined || !chosen.has(image)) return image;
      try {
        const reference = { ...parseReference(image.source), digest: known as PlatformSubset["digest"] };
        const { digest } = await subset(reference, platforms);
        return { ...image, ...(digest !== known && { targetDigest: digest }) };
      } catch (error) {
        if (!(error instanceof RegistryUnreachableError)) problems.push(error as Error);
        return rest;
      }
    }),
  );
  MirrorErrors.throwIfAny(`Choosing the platforms of the images of chart ${plan.chart.name}`, problems);
  return { ...plan, images };
}

/** What whoever reads a plan must know when some platforms alone are copied. */
export function platformFindings(
  images: readonly PlannedImage[],
  { platforms, layout }: Pick<PlatformChoice, "platforms" | "layout">,
): Finding[] {
  const chosen = subsetImages(images, layout);
  const names = platforms.map(formatPlatform).join(", ");
  const whole = images.filter((image) => !chosen.includes(image)).map(({ source }) => source);
  return [
    {
      severity: "warning",
      code: "SOME_PLATFORMS",
      message:
        `Of each image ${names} alone is copied: its index is written anew, so that its digest in the mirror is another one ` +
        `than at its source, and signatures of the whole index are not valid for it`,
    },
    ...(whole.length > 0
      ? [
          {
            severity: "warning" as const,
            code: "ALL_PLATFORMS",
            message: `With all their platforms, since they are pulled by a digest, or served by the mirror from their upstream: ${whole.join(", ")}`,
          },
        ]
      : []),
  ];
}
