import type { Digest } from "../../image/digest";
import { referrersTag } from "../registry/client";

/** What cosign keeps beside an image ({@link https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md}). */
const SUFFIXES = ["sig", "att", "sbom"] as const;
const COSIGN_TAG = new RegExp(`^sha256-[0-9a-f]{64}\\.(?:${SUFFIXES.join("|")})$`);

/** The tags under which cosign keeps an image's signatures, attestations and SBOMs. */
export const cosignTags = (image: Digest): string[] => SUFFIXES.map((suffix) => `${referrersTag(image)}.${suffix}`);

/** Whether a tag is one of those of some image. */
export const isCosignTag = (tag: string): boolean => COSIGN_TAG.test(tag);
