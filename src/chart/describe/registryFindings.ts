import { matchesWildcard } from "../../image/wildcard";
import type { Finding } from "../../plan/relocationPlan";
import type { ReplacementOptions } from "../find/requiredReplacements";
import { PROGRAM_WORDS } from "../../settingWords";
import { stillMentions, type RegistryMention } from "../find/registryMentions";
import { alignObjects } from "../render/alignment";
import type { Manifest } from "../render/kubernetesManifest";

/**
 * What to tell of registries that programs put before names: whether they moved or not, what is put together is not known, so that
 * nothing of it is copied.
 */
export function registryFindings(
  mentions: readonly RegistryMention[],
  before: readonly Manifest[],
  after: readonly Manifest[],
  { mirror, ignoreImages = [], words = PROGRAM_WORDS }: Pick<ReplacementOptions, "mirror" | "ignoreImages" | "words">,
): Finding[] {
  const told = mentions.filter(
    ({ host }) => host !== mirror.host && !ignoreImages.some((pattern) => matchesWildcard(pattern, host)),
  );
  if (told.length === 0) return [];
  const pairs = alignObjects(
    before.map(({ object }) => object),
    after.map(({ object }) => object),
  );
  return told.map((mention) => {
    const now = after[pairs[mention.manifest] ?? -1]?.object;
    const { host, key, location } = mention;
    const what =
      now && stillMentions(mention, now)
        ? `it stays as it is, so that what is put together with it would be pulled from outside the mirror. Set the value or the line that it comes from, or allow it with ${words.ignoreImages}`
        : `it moves into the mirror, but what will be pulled is not known here. Name those images in ${words.extraImages}`;
    return {
      severity: "warning",
      code: "IMAGE_COMPLETED_AT_RUN_TIME",
      message: `${host} alone is what a program puts before the names of images (${key} of ${location.kind} ${location.name}): ${what}`,
      image: host,
      location,
    };
  });
}
