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

/** Decides for each image that was found whether another reference must stand there, and which. */
export async function requiredReplacements(
  found: readonly FoundImage[],
  options: ReplacementOptions,
): Promise<{ replacements: RequiredReplacement[]; findings: Finding[] }> {
  const choice = new ReplacementChoice(found, options, await confirmations(found, options.confirm));
  for (const image of found) choice.add(image);
  const { replacements, findings } = choice;
  return { replacements, findings };
}

/** The replacements of one render, decided image by image. */
class ReplacementChoice {
  readonly replacements: RequiredReplacement[] = [];
  readonly findings: Finding[] = [];
  /** References and patterns that are left alone, however the registry is spelled in either. */
  private readonly ignored: readonly string[];
  private readonly mirror: MirrorAddress;
  private readonly layout: LayoutOptions;
  private readonly words: SettingWords;

  /** @param confirmed references, written in full, that their registries know */
  constructor(
    private readonly found: readonly FoundImage[],
    { mirror, layout = {}, words = PROGRAM_WORDS, ignoreImages = [] }: ReplacementOptions,
    private readonly confirmed: ReadonlySet<string>,
  ) {
    this.mirror = mirror;
    this.layout = layout;
    this.words = words;
    this.ignored = ignoreImages.flatMap((pattern) => [...new Set([pattern, withCanonicalHost(pattern)])]);
  }

  add(image: FoundImage): void {
    const { mirror, layout, words } = this;
    const text = image.reference;
    const source = tryParseReference(text);
    if (this.isIgnored(text, source)) return;
    if (image.isNameAlone) {
      const message = `${text} is only the end of an image's name: ${image.why}. It stays as it is; name the whole image in ${words.extraImages}`;
      this.tell(image, { severity: "warning", code: "IMAGE_COMPLETED_AT_RUN_TIME", message });
    } else if (image.holdsImages) this.addPlaceOfImages(image);
    else if (!source) this.addInvalid(image);
    else if (isInMirror(text, mirror, layout))
      this.tell(image, {
        severity: "info",
        code: "ALREADY_IN_MIRROR",
        message: `${text} already stands in the mirror`,
      });
    else if (image.certainty === "possible" && !this.isConfirmed(source)) {
      const message = `${text} may be an image (${image.why}); it stays as it is`;
      this.tell(image, { severity: "info", code: "UNCONFIRMED_IMAGE", message });
    } else if (image.isLookedFor)
      this.tell(image, {
        severity: "escape",
        code: "IMAGE_ESCAPES",
        message: lookedForMessage(image, this.targetOf(source), words),
      });
    else this.addImage(image, source);
  }

  private addImage(image: FoundImage, source: ImageReference): void {
    const { mirror, layout, words } = this;
    const text = image.reference;
    if (dependsOnUnknown(text))
      this.tell(image, {
        severity: "warning",
        code: "IMAGE_DEPENDS_ON_UNKNOWN",
        message: "an image is named by a value that is not known yet, so it is not copied in this run",
      });
    const completed =
      image.completedAtRunTime === true ||
      (image.tagUntold === true && (!this.isConfirmed(source) || isPathBefore(text, this.found)));
    if (!completed) {
      this.replacements.push(this.replacement(image, source));
      return;
    }
    this.tell(image, {
      severity: "warning",
      code: "IMAGE_COMPLETED_AT_RUN_TIME",
      message: `${text} is only the beginning of an image's name (${image.why}): it moves into the mirror, but what will be pulled is not known here. Name those images in ${words.extraImages}`,
    });
    const target = isPathBefore(text, this.found) ? pathTarget(text, mirror, layout) : this.targetOf(source);
    this.replacements.push({ ...this.replacement(image, source, target), incomplete: true });
  }

  /** A registry, or a path in one, that a program puts before the names of images. */
  private addPlaceOfImages(image: FoundImage): void {
    const moved = replacementBelow(image, this.mirror, this.layout);
    if (!moved) return;
    this.replacements.push(moved);
    const message = `${image.reference} is no image, but stands before the names of images (${image.why}): it moves into the mirror, but what will be pulled below it is not known here. Name those images in ${this.words.extraImages}`;
    this.tell(image, { severity: "warning", code: "IMAGE_COMPLETED_AT_RUN_TIME", message });
  }

  /** A text that is no reference, though something pulls it. */
  private addInvalid(image: FoundImage): void {
    // Elsewhere than in a container it was no image after all.
    if (image.certainty !== "certain") return;
    this.tell(image, { severity: "warning", code: "INVALID_REFERENCE", message: invalidMessage(image, this.words) });
    // Mostly it is the tag that is missing; its host can be right all the same.
    const text = image.reference;
    const name = withoutSuffix(text);
    const named = tryParseReference(name);
    if (!named || isInMirror(name, this.mirror, this.layout)) return;
    const target = this.targetOf(named) + text.slice(name.length);
    this.replacements.push({ ...this.replacement(image, named, target), incomplete: true });
  }

  private isIgnored(text: string, source: ImageReference | undefined): boolean {
    const texts = source ? [text, formatReference(source)] : [text];
    return this.ignored.some((pattern) => texts.some((written) => matchesWildcard(pattern, written)));
  }

  private isConfirmed(source: ImageReference): boolean {
    return this.confirmed.has(formatReference(source));
  }

  private targetOf(source: ImageReference): string {
    return targetReference(source, this.mirror, this.layout);
  }

  private replacement(image: FoundImage, source: ImageReference, target = this.targetOf(source)): RequiredReplacement {
    const prefix = targetPrefix(source, this.mirror, this.layout);
    return { found: image, source, name: withoutSuffix(image.reference), target, prefix };
  }

  private tell({ reference: image, location }: FoundImage, finding: Finding): void {
    this.findings.push({ ...finding, image, location });
  }
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
