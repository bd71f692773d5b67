import { formatReference, tryParseReference } from "../../image/reference";
import { matchesWildcard } from "../../image/wildcard";
import type { Json, JsonObject } from "../../json";
import { ownValue } from "../../ownKeys";
import type { Finding } from "../../plan/relocationPlan";
import { PROGRAM_WORDS, type SettingWords } from "../../settingWords";
import type { Chart } from "../content/chart";
import { parseHelmYaml } from "../content/helmYaml";
import { isMap } from "../content/valuePaths";
import { repositoryName, valueImages } from "./valueImages";

/** Annotations of `Chart.yaml` that list images: Artifact Hub's ({@link https://artifacthub.io/docs/topics/annotations/helm/}) and Bitnami's. */
const ANNOTATIONS = ["artifacthub.io/images", "images"];

/** An image that a chart's `Chart.yaml` lists: for people and scanners, nothing is pulled by it. */
export interface ListedImage {
  /** The chart that lists it, which may be a sub-chart. */
  readonly chart: string;
  readonly annotation: string;
  readonly reference: string;
}

/** The images that the annotations of a chart and of its sub-charts list. */
export function listedImages(chart: Chart): ListedImage[] {
  const yaml = chart.files.find(({ path }) => path === "Chart.yaml")?.text;
  const metadata = yaml === undefined ? undefined : parsed(yaml);
  const annotations = isMap(metadata) && isMap(metadata.annotations) ? metadata.annotations : {};
  const own = ANNOTATIONS.flatMap((annotation) => {
    const text = ownValue(annotations, annotation);
    const list = typeof text === "string" ? parsed(text) : undefined;
    return (Array.isArray(list) ? list : []).flatMap((item) => {
      const reference = isMap(item) && typeof item.image === "string" ? item.image.trim() : "";
      return tryParseReference(reference) ? [{ chart: chart.metadata.name, annotation, reference }] : [];
    });
  });
  return [...own, ...chart.subcharts.flatMap(listedImages)];
}

/** The references of {@link listedImages}. */
export function listedReferences(chart: Chart): string[] {
  return listedImages(chart).map(({ reference }) => reference);
}

function parsed(text: string): Json | undefined {
  try {
    return parseHelmYaml(text);
  } catch {
    return undefined;
  }
}

/** What {@link unseenListedImages} reads of the options of an analysis. */
interface SpokenOf {
  readonly extraImages?: readonly string[];
  readonly ignoreImages?: readonly string[];
  readonly words?: SettingWords;
}

/**
 * Tells of listed images that nothing which was found names, and no value either: what a value names is switched off, but these a
 * program may pull by itself. The list says no more of them, so that they stay where they are.
 *
 * @param spokenOf references that the user spoke of: exact texts, `*` for any characters; and the words for advice
 */
export function unseenListedImages(
  listed: readonly ListedImage[],
  found: readonly { readonly reference: string }[],
  values: JsonObject,
  { extraImages = [], ignoreImages = [], words = PROGRAM_WORDS }: SpokenOf = {},
): Finding[] {
  const known = [...ignoreImages, ...extraImages];
  const seen = new Set(found.map(({ reference }) => repositoryName(reference)));
  const named = valueImages(values);
  const unseen = new Map<string, ListedImage[]>();
  for (const image of listed) {
    const { chart, annotation, reference } = image;
    const source = tryParseReference(reference);
    const repository = repositoryName(reference) ?? "";
    if (!source || seen.has(repository) || named.pathOf(repository) !== undefined) continue;
    const texts = [reference, formatReference(source)];
    if (known.some((pattern) => texts.some((text) => matchesWildcard(pattern, text)))) continue;
    seen.add(repository);
    const key = `${annotation} in Chart.yaml of ${chart}`;
    unseen.set(key, [...(unseen.get(key) ?? []), image]);
  }
  return [...unseen].map(([place, images]) => ({
    severity: "warning",
    code: "IMAGE_ONLY_LISTED",
    message: `${place} lists ${images.map(({ reference }) => reference).join(", ")}, which nothing in the chart names: a program may pull it by itself. Name it in ${words.extraImages} if it does, else in ${words.ignoreImages}`,
  }));
}
