import { differencePlace, differences, type Difference } from "./differences";
import type { Goal, RenderedTexts } from "../find/goals";
import type { Manifest } from "../render/manifest";
import { toleranceOf, type PlannedTexts } from "./tolerance";

/** What the proof looks at. */
export interface VerificationInput {
  readonly goals: readonly Goal[];
  /** What stands at the goals' places in the render to judge. */
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
  readonly unmet: readonly { readonly goal: Goal; readonly text: string | undefined }[];
  /** Changes that are no images and that no tolerance covers. */
  readonly unexpected: readonly Difference[];
}

/** Proves that each reference is its target, and that nothing else has changed beyond what is tolerated. */
export async function verify(input: VerificationInput): Promise<Verification> {
  const unmet = input.goals.flatMap((goal) => {
    const text = input.texts.get(goal);
    return text === goal.target ? [] : [{ goal, text }];
  });
  const before = input.before.map((manifest) => manifest.object);
  let unexpected = differences(
    before,
    input.after.map((manifest) => manifest.object),
  ).filter((difference) => toleranceOf(difference, input.planned) === undefined);
  for (const time of [1, 2] as const) {
    if (unexpected.length === 0) break;
    const again = (await input.again(time)).map((manifest) => manifest.object);
    const unstable = new Set(differences(before, again).map(differencePlace));
    unexpected = unexpected.filter((difference) => !isUnstable(difference, unstable));
  }
  return { unmet, unexpected };
}

/** Whether a place, or something around it, differs between two renders of the same values. */
function isUnstable(difference: Difference, unstable: ReadonlySet<string>): boolean {
  for (let depth = difference.path.length; depth >= 0; depth--)
    if (unstable.has(differencePlace({ object: difference.object, path: difference.path.slice(0, depth) })))
      return true;
  return false;
}
