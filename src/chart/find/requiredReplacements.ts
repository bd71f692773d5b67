import { hideLogin } from "../../image/addressLogin";
import {
  formatReference,
  tryParseReference,
  withCanonicalHost,
  withoutSuffix,
  type ImageReference,
} from "../../image/reference";
import { matchesWildcard } from "../../image/wildcard";
import { isInMirror, targetPrefix, targetReference, type LayoutOptions, type MirrorAddress } from "../../plan/layout";
import type { Finding } from "../../plan/relocationPlan";
import { PROGRAM_WORDS, type SettingWords } from "../../settingWords";
import type { FoundImage } from "./foundImage";
import { hasPlaceholder, whyInvalid } from "./invalidImage";
import { dependsOnUnknown } from "../content/unknownValues";
import { formatValuePath } from "../content/valuePaths";

/** One place of the rendered chart that pulls an image, and the reference that must stand there. */
export interface RequiredReplacement {
  readonly found: FoundImage;
  readonly source: ImageReference;
  /** `host/path` or `path` as the chart renders it. */
  readonly name: string;
  /** The whole text that must stand there. */
  readonly target: string;
  /** What the target stands below: `host[/path]`. */
  readonly prefix: string;
  /** Set where tag or digest are missing or no valid ones, so that there is nothing to copy. */
  readonly incomplete?: true;
}

/** What stands at the place of each required replacement in another render; nothing where the place is gone. */
export type RenderedTexts = ReadonlyMap<RequiredReplacement, string>;

export interface ReplacementOptions {
  readonly mirror: MirrorAddress;
  /** How targets are named. */
  readonly layout?: LayoutOptions;
  /** References that are no images or may stay outside: exact texts, `*` for any characters. */
  readonly ignoreImages?: readonly string[];
  /** Tells of a reference that is only shaped like one whether its registry knows it. Without it, such texts are left alone. */
  readonly confirm?: (reference: string) => Promise<boolean>;
  /** What findings call the settings that they advise; default: as programs do. */
  readonly words?: SettingWords;
}

/** Decides for each finding whether it must move, and where to. */
export async function requiredReplacements(
  found: readonly FoundImage[],
  options: ReplacementOptions,
): Promise<{ replacements: RequiredReplacement[]; findings: Finding[] }> {
  const replacements: RequiredReplacement[] = [];
  const findings: Finding[] = [];
  const { mirror, layout = {}, words = PROGRAM_WORDS } = options;
  const targetOf = (source: ImageReference): string => targetReference(source, mirror, layout);
  const replacement = (image: FoundImage, source: ImageReference, target = targetOf(source)) => ({
    found: image,
    source,
    name: withoutSuffix(image.reference),
    target,
    prefix: targetPrefix(source, mirror, layout),
  });
  // However the registry is spelled in either.
  const ignored = (options.ignoreImages ?? []).flatMap((pattern) => [
    ...new Set([pattern, withCanonicalHost(pattern)]),
  ]);
  const confirmed = await confirmations(found, options.confirm);
  for (const image of found) {
    const text = image.reference;
    const about = { image: text, location: image.location };
    const source = tryParseReference(text);
    const texts = source ? [text, formatReference(source)] : [text];
    if (ignored.some((pattern) => texts.some((written) => matchesWildcard(pattern, written)))) continue;
    if (image.isNameAlone) {
      const message = `${text} is only the end of an image's name: ${image.why}. It stays as it is; name the whole image in ${words.extraImages}`;
      findings.push({ severity: "warning", code: "IMAGE_COMPLETED_AT_RUN_TIME", message, ...about });
      continue;
    }
    if (image.holdsImages) {
      const moved = replacementBelow(image, mirror, layout);
      if (!moved) continue;
      replacements.push(moved);
      const message = `${text} is no image, but stands before the names of images (${image.why}): it moves into the mirror, but what will be pulled below it is not known here. Name those images in ${words.extraImages}`;
      findings.push({ severity: "warning", code: "IMAGE_COMPLETED_AT_RUN_TIME", message, ...about });
      continue;
    }
    if (!source) {
      // Elsewhere than in a container it was no image after all.
      if (image.certainty !== "certain") continue;
      findings.push({
        severity: "warning",
        code: "INVALID_REFERENCE",
        message: invalidMessage(image, words),
        ...about,
      });
      // Mostly it is the tag that is missing; its host can be right all the same.
      const name = withoutSuffix(text);
      const named = tryParseReference(name);
      if (named && !isInMirror(name, mirror, layout)) {
        const target = targetOf(named) + text.slice(name.length);
        replacements.push({ ...replacement(image, named, target), incomplete: true });
      }
      continue;
    }
    if (isInMirror(text, mirror, layout)) {
      findings.push({
        severity: "info",
        code: "ALREADY_IN_MIRROR",
        message: `${text} already stands in the mirror`,
        ...about,
      });
      continue;
    }
    if (image.certainty === "possible") {
      if (!confirmed.has(formatReference(source))) {
        const message = `${text} may be an image (${image.why}); it stays as it is`;
        findings.push({ severity: "info", code: "UNCONFIRMED_IMAGE", message, ...about });
        continue;
      }
    }
    if (image.isLookedFor) {
      findings.push({
        severity: "escape",
        code: "IMAGE_ESCAPES",
        message: lookedForMessage(image, targetOf(source), words),
        ...about,
      });
      continue;
    }
    if (dependsOnUnknown(text))
      findings.push({
        severity: "warning",
        code: "IMAGE_DEPENDS_ON_UNKNOWN",
        message: "an image is named by a value that is not known yet, so it is not copied in this run",
        ...about,
      });
    const completed =
      image.completedAtRunTime === true ||
      (image.tagUntold === true && (!confirmed.has(formatReference(source)) || isPathBefore(text, found)));
    if (completed)
      findings.push({
        severity: "warning",
        code: "IMAGE_COMPLETED_AT_RUN_TIME",
        message: `${text} is only the beginning of an image's name (${image.why}): it moves into the mirror, but what will be pulled is not known here. Name those images in ${words.extraImages}`,
        ...about,
      });
    if (completed)
      replacements.push({
        ...(isPathBefore(text, found)
          ? replacement(image, source, pathTarget(text, mirror, layout))
          : replacement(image, source)),
        incomplete: true,
      });
    else replacements.push(replacement(image, source));
  }
  return { replacements, findings };
}

/** What must stand where a program finds the registry, or the path in one, that it puts before names. */
function replacementBelow(
  found: FoundImage,
  mirror: MirrorAddress,
  layout: LayoutOptions,
): RequiredReplacement | undefined {
  const { reference } = found;
  const below = reference.replace(/\/$/, "");
  // Two segments, since a single one is Docker Hub's `library/`.
  const rest = "/a/image";
  const source = tryParseReference(below + rest);
  if (!source || isInMirror(below + rest, mirror, layout)) return undefined;
  const target = targetReference(source, mirror, layout);
  return {
    found,
    source: {
      ...source,
      path: source.path.slice(0, -rest.length),
      repository: source.repository.slice(0, -rest.length),
    },
    name: `${below}/`,
    target: target.slice(0, -rest.length) + reference.slice(below.length),
    prefix: targetPrefix(source, mirror, layout),
    incomplete: true,
  };
}

/** Where it stands is told with it: nothing of it may be in another list. */
function invalidMessage({ reference, location }: FoundImage, { extraImages }: SettingWords): string {
  const where = `${location.kind} ${location.name} at ${formatValuePath(location.path)}`;
  const shown = JSON.stringify(hideLogin(reference));
  if (hasPlaceholder(reference))
    return `${shown} in ${where} is no image reference yet: ${whyInvalid(reference)}. Name the whole image in ${extraImages}`;
  return `${shown} in ${where} is no image reference, so that no node will pull it: ${whyInvalid(reference)}`;
}

/** The mirror's name in its place would be looked for, and not found: whoever deploys it has to write both. */
function lookedForMessage(
  { reference, location }: FoundImage,
  target: string,
  { extraImages, ignoreImages }: SettingWords,
): string {
  const name = withoutSuffix(reference);
  const where = `${location.kind} ${location.name} at ${formatValuePath(location.path)}`;
  return (
    `${reference} would still be pulled from outside the mirror: in ${where} kustomize looks for ${name} and gives it another tag alone. ` +
    `Write ${JSON.stringify(`${name}=${target}`)} there and name ${reference} in ${extraImages}, or allow it with ${ignoreImages}`
  );
}

/** Whether a text is what other images stand below, such as Istio's `hub`, rather than an image. */
function isPathBefore(text: string, found: readonly FoundImage[]): boolean {
  return found.some(({ reference }) => reference.startsWith(`${text}/`));
}

/** What images below a path stand below in the mirror: Docker Hub's `library/` is only before images. */
function pathTarget(path: string, mirror: MirrorAddress, layout: LayoutOptions): string | undefined {
  const below = tryParseReference(`${path}/image`);
  return below && targetReference(below, mirror, layout).replace(/\/image$/, "");
}

/** The references, doubtful or without a tag, that their registries know; all are asked at once. */
async function confirmations(
  found: readonly FoundImage[],
  confirm: ReplacementOptions["confirm"],
): Promise<ReadonlySet<string>> {
  if (!confirm) return new Set();
  const doubtful = found.flatMap(({ certainty, reference, tagUntold }) => {
    const source = certainty === "possible" || tagUntold ? tryParseReference(reference) : undefined;
    return source ? [formatReference(source)] : [];
  });
  const references = [...new Set(doubtful)];
  const answers = await Promise.all(references.map((reference) => confirm(reference)));
  return new Set(references.filter((_, i) => answers[i]));
}
