import type { JsonPath } from "../../json";
import { alignObjects } from "../render/alignment";
import { refusedPlaces, type Refused } from "./clusterRules";
import { differencePlace, differences, type Difference } from "./differences";
import type { RequiredReplacement, RenderedTexts } from "../find/requiredReplacements";
import { immutableChanges, type ImmutableChange } from "./immutableFields";
import type { Manifest } from "../render/kubernetesManifest";
import { toleranceOf, type PlannedTexts } from "./tolerance";

/** What the proof looks at. */
export interface VerificationInput {
  readonly replacements: readonly RequiredReplacement[];
  /** What stands at the required replacements' places in the render to judge. */
  readonly texts: RenderedTexts;
  readonly before: readonly Manifest[];
  readonly after: readonly Manifest[];
  readonly planned: PlannedTexts;
  /**
   * Renders as for `before` another time, the first or the second: asked only when something differs that nothing
   * explains. The second must come later than the first, since clocks may stand still for a second.
   */
  readonly again: (time: 1 | 2) => Promise<readonly Manifest[]>;
}

/** What a render with the plan's values shows. */
export interface Verification {
  /** The references that are not their target, with what stands there instead. */
  readonly unmet: readonly { readonly replacement: RequiredReplacement; readonly text: string | undefined }[];
  /** Changes that are no images and that no tolerance covers. */
  readonly unexpected: readonly Difference[];
  /** What an API server would refuse, and did not refuse before. */
  readonly refused: readonly RefusedChange[];
  /** What an API server would refuse in an upgrade of the release as it was: objects that have to be deleted before. */
  readonly immutable: readonly ImmutableChange[];
}

/** A place that has become one for whose sake an API server refuses its object. */
export interface RefusedChange {
  readonly manifest: Manifest;
  readonly path: JsonPath;
  readonly why: string;
}

/** Whether a change may not be made: it changes more than it should, or makes something that no cluster takes. */
export function doesHarm({ unexpected, refused }: Pick<Verification, "unexpected" | "refused">): boolean {
  return unexpected.length > 0 || refused.length > 0;
}

/**
 * Whether a text is the same words between commas in another order: `keys` and `values` of Helm's functions give one by chance, and of
 * a few words it is often the same one again. No change of a plan makes another order.
 */
function isReordered({ before, after }: Difference): boolean {
  if (typeof before !== "string" || typeof after !== "string" || !/^[\w.-]+(?:,[\w.-]+)+$/.test(before)) return false;
  const words = (text: string): string => text.split(",").sort().join();
  return words(before) === words(after);
}

/** Proves that each reference is its target, and that nothing else has changed beyond what is tolerated. */
export async function verify(input: VerificationInput): Promise<Verification> {
  const unmet = input.replacements.flatMap((replacement) => {
    const text = input.texts.get(replacement);
    return text === replacement.target ? [] : [{ replacement, text }];
  });
  const before = input.before.map((manifest) => manifest.object);
  const after = input.after.map((manifest) => manifest.object);
  const all = differences(before, after);
  const unexplained = all.filter((difference) => toleranceOf(difference, input.planned) === undefined);
  let unexpected = unexplained.filter((difference) => !isReordered(difference));
  for (const time of [1, 2] as const) {
    if (unexpected.length === 0) break;
    const again = (await input.again(time)).map((manifest) => manifest.object);
    const unstable = new Set(differences(before, again).map(differencePlace));
    unexpected = unexpected.filter((difference) => !isUnstable(difference, unstable));
  }
  // What differs in every render is refused in every upgrade, with the mirror or without.
  const explained = new Set(all);
  for (const difference of unexplained) explained.delete(difference);
  return {
    unmet,
    unexpected,
    refused: newRefusals(input.before, input.after),
    immutable: immutableChanges(input.before, all, (difference) => explained.has(difference)),
  };
}

function newRefusals(before: readonly Manifest[], after: readonly Manifest[]): RefusedChange[] {
  const pairs = alignObjects(
    before.map(({ object }) => object),
    after.map(({ object }) => object),
  );
  const former = new Map(pairs.map((pair, i) => [pair, before[i]?.object]));
  return after.flatMap((manifest, i) => {
    const was = former.get(i);
    if (was === manifest.object) return [];
    // Most charts make nothing that is refused, so that there is nothing to look for in what was.
    if (refusedPlaces(manifest.object, was).length === 0) return [];
    const refused = refusedPlaces(manifest.object);
    return newPlaces(was ? refusedPlaces(was) : [], refused).map((one) => ({ manifest, ...one }));
  });
}

/**
 * Those that are refused now and were not before. A text with a random part is another one in every render: what was refused at a
 * place stands for as many there now.
 */
function newPlaces(before: readonly Refused[], after: readonly Refused[]): readonly Refused[] {
  // Items of lists may have moved.
  const place = ({ path }: Refused): string => JSON.stringify(path.filter((key) => typeof key !== "number"));
  const text = (one: Refused): string => `${place(one)} ${one.why}`;
  let [was, is] = [before, after];
  for (const same of [text, place]) [was, is] = [without(was, is, same), without(is, was, same)];
  return is;
}

/** Those that are left when each of the others takes away one that is the same. */
function without(some: readonly Refused[], others: readonly Refused[], same: (one: Refused) => string): Refused[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(same(other), (counts.get(same(other)) ?? 0) + 1);
  return some.filter((one) => {
    const count = counts.get(same(one)) ?? 0;
    counts.set(same(one), count - 1);
    return count <= 0;
  });
}

/** Whether a place, or something around it, differs between two renders of the same values. */
function isUnstable(difference: Difference, unstable: ReadonlySet<string>): boolean {
  for (let depth = difference.path.length; depth >= 0; depth--)
    if (unstable.has(differencePlace({ object: difference.object, path: difference.path.slice(0, depth) })))
      return true;
  return false;
}
