import type { Digest } from "../../image/digest";
import { referrersTag } from "../registry/client";

/** What cosign keeps beside an image ({@link https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md}). */
const SUFFIXES = ["sig", "att", "sbom"] as const;

/** The tags under which cosign keeps an image's signatures, attestations and SBOMs. */
export const cosignTags = (image: Digest): string[] => SUFFIXES.map((suffix) => `${referrersTag(image)}.${suffix}`);

/** Whether a tag is one of those of some image. */
export function isCosignTag(tag: string): boolean {
  const [, suffix] = /^sha256-[0-9a-f]{64}\.(\w+)$/.exec(tag) ?? [];
  return SUFFIXES.some((known) => known === suffix);
}
