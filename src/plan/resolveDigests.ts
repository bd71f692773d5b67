import { MirrorErrors } from "../error";
import type { Digest } from "../image/digest";
import { parseReference, type ImageReference } from "../image/reference";
import { ImageNotFoundError, RegistryUnreachableError, TagNotFoundError } from "../oci/errors/errors";
import type { RelocationPlan } from "./relocationPlan";
import type { ResolvedImage, ResolvedPlan } from "./resolvedPlan";

/** Asks a registry for a manifest's digest; undefined when there is no such manifest. */
export type Head = (reference: ImageReference) => Promise<{ readonly digest: Digest } | undefined>;

/**
 * Asks the source registries for the digest of every image of a plan, with one HEAD each, which counts against nobody's
 * quota.
 *
 * An image whose registry cannot be reached stays without a digest: it may be mirrored already, which whoever copies it
 * knows. Everything else that is wrong with an image is reported, all of it together.
 *
 * @param notYet hosts that cannot be asked yet; their images stay without a digest
 * @param locationOf what is asked in place of a host, for errors; undefined where it is asked itself
 * @throws {MirrorErrors} or the only problem: not found, login refused, ...
 */
export async function resolveDigests(
  plan: RelocationPlan,
  head: Head,
  notYet: ReadonlySet<string> = new Set(),
  locationOf: (registry: string) => string | undefined = () => undefined,
): Promise<ResolvedPlan> {
  const problems: Error[] = [];
  const images = await Promise.all(
    plan.images.map(async (image): Promise<ResolvedImage> => {
      const reference = parseReference(image.source);
      if (notYet.has(reference.registry)) return image;
      try {
        // A digest is content already, but only its registry knows whether the image exists.
        const found = await head(reference);
        if (found) return { ...image, digest: found.digest };
        problems.push(notFound(image.source, reference, locationOf(reference.registry)));
      } catch (error) {
        if (!(error instanceof RegistryUnreachableError)) problems.push(error as Error);
      }
      return image;
    }),
  );
  MirrorErrors.throwIfAny(`Looking up the images of chart ${plan.chart.name}`, unique(problems));
  return { ...plan, images };
}

function notFound(source: string, { tag, digest }: ImageReference, location: string | undefined): Error {
  return digest || tag === undefined
    ? new ImageNotFoundError(source, undefined, location)
    : new TagNotFoundError(source, tag, location);
}

/** One refused login fails every image of its registry with the same words; once is enough. */
function unique(problems: readonly Error[]): Error[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
