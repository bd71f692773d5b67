import { digestOf } from "../image/digest";
import { isMap, type Json, type JsonObject, type JsonPath } from "../json";
import { valueAt } from "../ownKeys";
import { overrideLeaves, type OverrideLeaf } from "./overrideLeaves";
import type { ChartPatch, Finding } from "./relocationPlan";
import type { ResolvedImage, ResolvedPlan } from "./resolvedPlan";

/** What the last update has mirrored and set. */
export interface EarlierPlan {
  readonly images: readonly { readonly source: string; readonly target: string; readonly digest?: string }[];
  /** The overrides as nested values. */
  readonly values: JsonObject;
  /** {@link toldOf} the plan of that update. */
  readonly told: readonly string[];
}

/** An image that was not the same after the last update. */
export interface ChangedImage {
  readonly image: ResolvedImage;
  /** `copy`: its bytes go into the mirror; `there`: the mirror has them; `served`: the mirror brings them itself. */
  readonly way: "copy" | "there" | "served";
  /** What its name meant before. */
  readonly previous?: string;
}

/** What an update will change, as far as a preview knows it. */
export interface PlanChanges {
  readonly images: readonly ChangedImage[];
  /** Images that were needed before. They stay in the mirror. */
  readonly gone: EarlierPlan["images"];
  readonly values: readonly OverrideLeaf[];
  /** Paths that were set before. */
  readonly valuesGone: readonly JsonPath[];
  readonly patches: readonly ChartPatch[];
  /** Those that were not told of the plan of the last update. */
  readonly findings: readonly Finding[];
}

/** What is known beside two plans. */
export interface ChangeContext {
  /** Undefined where nothing is known of an update before. */
  readonly earlier?: EarlierPlan | undefined;
  /** What the mirror has, by target, of the images that it was asked for. */
  readonly present?: ReadonlyMap<string, string>;
  /** Whether the mirror brings an image itself. */
  readonly serves?: (image: ResolvedImage) => boolean;
  /** Whether the mirror's digests are others than those of the sources, as of images that a Docker daemon has packed. */
  readonly packedAnew?: boolean;
}

/** The images of a plan that are not as the last update has left them. */
export function changedImages(images: readonly ResolvedImage[], context: ChangeContext): ChangedImage[] {
  return images.flatMap((image) => {
    const before = context.earlier?.images.find(
      ({ source, target }) => source === image.source && target === image.target,
    );
    if (before && isSame(image, before.digest, context)) return [];
    const there = context.present?.get(image.target);
    const way = context.serves?.(image) ? "served" : there && isSame(image, there, context) ? "there" : "copy";
    const previous = before?.digest ?? (way === "copy" ? there : undefined);
    return [{ image, way, ...(previous !== undefined && { previous }) }];
  });
}

/** What a plan changes of what there was. */
export function planChanges(plan: ResolvedPlan, context: ChangeContext): PlanChanges {
  const { earlier } = context;
  const told = new Set(earlier?.told);
  const leaves = plan.overrides.flatMap(overrideLeaves);
  return {
    images: changedImages(plan.images, context),
    gone: earlier?.images.filter(({ target }) => !plan.images.some((image) => image.target === target)) ?? [],
    values: leaves.filter(({ path, value }) => !earlier || !isEqual(valueAt(earlier.values, path), value)),
    valuesGone: earlier ? mapLeaves(earlier.values).filter((path) => valueAt(plan.values, path) === undefined) : [],
    patches: plan.patches.filter((patch) => !told.has(hashOf(patch))),
    findings: worthTelling(plan).filter((finding) => !told.has(hashOf(finding.message))),
  };
}

/** Which patches and findings a plan has, in a form that fits into a state and holds no text of the chart. */
export function toldOf(plan: ResolvedPlan): string[] {
  return [...plan.patches.map(hashOf), ...worthTelling(plan).map(({ message }) => hashOf(message))].sort();
}

/** The findings of which previews tell. */
export function worthTelling({ findings }: ResolvedPlan): Finding[] {
  return findings.filter(({ severity }) => severity !== "info");
}

function isSame(
  { digest, targetDigest = digest }: ResolvedImage,
  found: string | undefined,
  { packedAnew }: ChangeContext,
): boolean {
  return packedAnew === true || targetDigest === undefined || found === targetDigest;
}

function hashOf(told: ChartPatch | string): string {
  const text = typeof told === "string" ? told : JSON.stringify([told.file, told.before, told.after]);
  return digestOf(text).slice("sha256:".length, "sha256:".length + 12);
}

/** Paths down to what is no map: Helm replaces lists as a whole. */
function mapLeaves(values: JsonObject, above: JsonPath = []): JsonPath[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isMap(value) ? mapLeaves(value, [...above, key]) : [[...above, key]],
  );
}

const isEqual = (a: Json | undefined, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);
