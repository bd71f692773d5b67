import type { JsonObject } from "../json";
import { mirrorPrefixes } from "../plan/layout";
import type { ChangedRenders } from "./changedRenders";
import { readImages } from "./compare/imagePlaces";
import { doesHarm, verify, type Verification } from "./compare/verification";
import type { Chart } from "./content/chart";
import { chartFilesOf } from "./content/patch";
import { changesAmong, editedTexts, singleChanges, type Change, type Changes } from "./describe/changes";
import type { Outcome, Refusal } from "./describe/outcome";
import type { RelocateOptions } from "./describe/relocateOptions";
import type { RenderedTexts, RequiredReplacement } from "./find/requiredReplacements";
import { uselessSecrets } from "./pullSecrets/pullSecrets";
import type { Manifest } from "./render/kubernetesManifest";
import { RenderError } from "./render/render";
import { RendersSpentError, untilSpent } from "./render/renderBudget";
import { SecretSearch, type Secrets } from "./secretSearch";
import { candidatePhases } from "./solve/candidatePhases";
import { EditPointCatalogue, type Edit, type EditPoint } from "./solve/markers";
import type { CandidateSpace } from "./solve/overrideCandidates";
import { solveOverrides, type Solution } from "./solve/overrides";
import type { TrialRenderer, TrialRendering } from "./solve/trialRender";

/** How often the solver starts again without edit points that turned out to change more than images. */
const ROUNDS = 6;

/** Renders with which a search may not come to an end. */
const FEW = 10;

/** What the search for changes starts from. */
export interface ChangeSearchInput {
  readonly options: Pick<RelocateOptions, "mirror" | "layout" | "pullSecret" | "linkedAccounts" | "renderPatched">;
  /** The chart with what the values switch on. */
  readonly chart: Chart;
  readonly values: JsonObject;
  readonly space: CandidateSpace;
  readonly trials: TrialRenderer;
  readonly renders: ChangedRenders;
}

/** What was given up so far: changes that do harm, and edits with which the chart does not render. */
class GivenUp {
  readonly banned = new Set<Change>();
  /** Places that may still take the mirror's host without a path. */
  readonly hostsAlone = new Set<EditPoint>();
  /** Why references that one of these controls stay where they are. */
  readonly refused = new Map<RequiredReplacement, Refusal>();

  /** Gives up edits with which the chart does not render: a text that may not hold a path may still be a host. */
  refuse(points: readonly EditPoint[], { edits, controlled }: Solution): void {
    for (const point of points) {
      const text = edits.get(point)?.text ?? "";
      if (isPathBehindHost(point, text) && !this.hostsAlone.has(point)) this.hostsAlone.add(point);
      else this.banned.add(point);
      for (const replacement of controlled.get(point) ?? []) this.refused.set(replacement, { point, text });
    }
  }

  /** Gives up changes that change more than they should. */
  ban(changes: ReadonlySet<Change>, { controlled }: Solution, { refused, unexpected }: Verification): void {
    for (const change of changes) this.banned.add(change);
    const [harm] = [...refused, ...unexpected];
    if (!harm) return;
    for (const [point, replacements] of controlled)
      if (changes.has(point)) for (const replacement of replacements) this.refused.set(replacement, { point, harm });
  }
}

/** Finds the changes to values and files that move the images of a chart and give its pods their pull secret. */
export class ChangeSearch {
  private readonly catalogue = new EditPointCatalogue();
  private readonly secrets: SecretSearch;

  constructor(private readonly input: ChangeSearchInput) {
    this.secrets = new SecretSearch(input);
  }

  /**
   * Solves, verifies, and starts again without what did harm, until nothing but images and pull secrets changes, or no render is
   * left: then it is the best of what was proved, and be it nothing.
   */
  async find(before: readonly Manifest[], replacements: readonly RequiredReplacement[]): Promise<Outcome> {
    const givenUp = new GivenUp();
    const proved: Outcome[] = [];
    const last = await untilSpent<Outcome | undefined>(
      () => this.search(before, replacements, givenUp, proved),
      () => undefined,
    );
    if (last && !this.input.renders.budget.spent) return last;
    const [best] = [...(last ? [last] : []), ...proved].sort(
      (a, b) => a.verification.unmet.length - b.verification.unmet.length,
    );
    return best ?? this.unchanged(before, replacements, givenUp);
  }

  private async unchanged(
    before: readonly Manifest[],
    replacements: readonly RequiredReplacement[],
    { refused }: GivenUp,
  ): Promise<Outcome> {
    const changes: Changes = { edits: new Map() };
    return {
      changes,
      solution: { edits: new Map(), unsolved: replacements, controlled: new Map() },
      verification: await this.judge(before, before, replacements, changes),
      after: before,
      refused,
      undecided: new Map(),
    };
  }

  /** @param proved gets parts of changes that do no harm */
  private async search(
    before: readonly Manifest[],
    replacements: readonly RequiredReplacement[],
    givenUp: GivenUp,
    proved: Outcome[],
  ): Promise<Outcome> {
    const { options, trials, renders } = this.input;
    const { budget } = renders;
    let found: { readonly patching: boolean; readonly solution: Solution } | undefined;
    for (let round = 0; ; round++) {
      const last = round >= ROUNDS;
      // Where patches did harm again and again, values alone may do none: a tag made of the chart's version, for example.
      const patching = options.renderPatched !== undefined && round < ROUNDS - 1;
      // What moves the images stays as it is while none of it does harm.
      if (found?.patching !== patching || [...found.solution.edits.keys()].some((point) => givenUp.banned.has(point)))
        found = {
          patching,
          solution: await budget.keeping(renders.proof + (options.pullSecret === undefined ? 0 : 3), () =>
            this.solveImages(before, replacements, givenUp, patching),
          ),
        };
      const solution: Solution = last
        ? { edits: new Map(), unsolved: replacements, controlled: new Map() }
        : found.solution;
      const secretsFound = last
        ? { served: new Map(), undecided: new Map() }
        : await budget.keeping(renders.proof, () =>
            this.secrets.find({ before, replacements, edits: solution.edits, banned: givenUp.banned, patching }),
          );
      if ("refused" in secretsFound) {
        givenUp.refuse(secretsFound.refused, solution);
        found = undefined;
        continue;
      }
      const { served, undecided, ...secrets }: Secrets = secretsFound;
      const isHarmless = (part: Changes, after: readonly Manifest[], verification: Verification): void => {
        proved.push({ changes: part, solution, verification, after, refused: givenUp.refused, undecided });
      };
      const complete = await this.complete(solution.edits, secrets);
      if ("error" in complete) {
        const changes = { ...secrets, edits: solution.edits, guards: trials.guards };
        const harmOf = this.harmOf(before, replacements, changes, isHarmless);
        for (const change of await this.culprits(changes, harmOf)) givenUp.banned.add(change);
        continue;
      }
      const { result: after, live } = complete;
      const changes = { ...secrets, edits: pick(solution.edits, live), guards: trials.guards };
      const verification = await this.judge(before, after, replacements, changes);
      const dead = [...solution.edits.keys()].filter((point) => !live.includes(point));
      givenUp.refuse(dead, solution);
      if (dead.length > 0) found = undefined;
      const harmful = new Set<Change>(uselessSecrets({ served }, before, after, options.pullSecret ?? ""));
      // A secret that serves no pod does no harm, and the next search may find no end.
      if (!isHarmful(verification)) isHarmless(changes, after, verification);
      else if (harmful.size === 0 && dead.length === 0) {
        const harmOf = this.harmOf(before, replacements, changes, isHarmless);
        const culprits = await untilSpent(
          () => budget.keeping(renders.each, () => this.culprits(changes, harmOf)),
          async () => {
            // The last render is for all that has nothing to do with the objects that more changed in.
            await harmOf(farFrom(verification, changes, solution));
            throw new RendersSpentError();
          },
        );
        for (const change of culprits) harmful.add(change);
        // Where the next round may come to no end, what is right without them counts.
        if (budget.left < FEW) await harmOf(singleChanges(changes).filter((change) => !harmful.has(change)));
      }
      if ((harmful.size === 0 && dead.length === 0) || last)
        return { changes, solution, verification, after, refused: givenUp.refused, undecided };
      givenUp.ban(harmful, solution, verification);
    }
  }

  /** The edits that move the images. */
  private solveImages(
    before: readonly Manifest[],
    replacements: readonly RequiredReplacement[],
    { banned, hostsAlone }: GivenUp,
    patching: boolean,
  ): Promise<Solution> {
    const { chart, space, trials, renders } = this.input;
    return solveOverrides(
      replacements,
      candidatePhases(space, this.catalogue, patching ? chartFilesOf(chart) : undefined),
      trials,
      async (edits, guards) => textsAt(replacements, before, await renders.of({ edits, guards })),
      { banned, hostsAlone },
    );
  }

  /**
   * The chart with all that was found for it. Pull secrets may make it fail that did not beside all the others: a template may
   * need two values at once.
   *
   * @throws {RenderError} when it fails without any change
   */
  private async complete(
    edits: ReadonlyMap<EditPoint, Edit>,
    secrets: Omit<Secrets, "served" | "undecided">,
  ): Promise<TrialRendering<EditPoint, readonly Manifest[]> | { readonly error: RenderError }> {
    try {
      return await this.input.trials.probe([...edits.keys()], (points, guards) =>
        this.input.renders.of({ ...secrets, edits: pick(edits, points), guards }),
      );
    } catch (error) {
      if (error instanceof RenderError && singleChanges({ ...secrets, edits: new Map() }).length > 0) return { error };
      throw error;
    }
  }

  /** Tells of some of the changes whether they change more than images and pull secrets. */
  private harmOf(
    before: readonly Manifest[],
    replacements: readonly RequiredReplacement[],
    changes: Changes,
    isHarmless: (part: Changes, after: readonly Manifest[], verification: Verification) => void,
  ): HarmOf {
    const { trials, renders } = this.input;
    return async (some) => {
      const part = changesAmong(changes, new Set(some));
      const attempt = await trials.attempt([], (_, guards) => renders.of({ ...part, guards }));
      if ("error" in attempt) return true;
      const verification = await this.judge(before, attempt.result, replacements, part);
      if (isHarmful(verification)) return true;
      isHarmless({ ...part, guards: trials.guards }, attempt.result, verification);
      return false;
    };
  }

  /** Finds by halving which changes change more than images and pull secrets. */
  private async culprits(changes: Changes, harm: HarmOf): Promise<readonly Change[]> {
    // Secrets first: they are few, and it is mostly them that show up in other places.
    let suspects: readonly Change[] = singleChanges(changes);
    while (suspects.length > 1) {
      const half: readonly Change[] = suspects.slice(0, Math.ceil(suspects.length / 2));
      const rest: readonly Change[] = suspects.slice(half.length);
      if (await harm(half)) suspects = half;
      else if (await harm(rest)) suspects = rest;
      // Only both halves together do harm: neither can be told to be innocent.
      else return suspects;
    }
    return suspects;
  }

  /** Whether the changes put every reference where it should be, and change nothing else. */
  judge(
    before: readonly Manifest[],
    after: readonly Manifest[],
    replacements: readonly RequiredReplacement[],
    changes: Changes,
  ): Promise<Verification> {
    const { mirror, layout, pullSecret } = this.input.options;
    return verify({
      replacements,
      texts: textsAt(replacements, before, after),
      before,
      after,
      planned: {
        texts: [...mirrorPrefixes(mirror, layout), ...(pullSecret === undefined ? [] : [pullSecret])],
        edited: editedTexts(changes),
        pullSecret,
        settings: (changes.guards ?? []).map((guard) => ({ key: String(guard.at(-1)), value: true })),
      },
      again: (time) => this.input.renders.again(time),
    });
  }
}

/** Whether some changes do harm, which takes a render. */
type HarmOf = (some: readonly Change[]) => Promise<boolean>;

/** The changes but for those that move images of objects in which something did change that should not. */
function farFrom(verification: Verification, changes: Changes, { controlled }: Solution): readonly Change[] {
  const objects = new Set(verification.unexpected.map(({ object }) => object));
  const wrong = new Set(verification.unmet.map(({ replacement }) => replacement));
  const near = new Set<Change>(
    [...controlled].flatMap(([point, replacements]) =>
      replacements.some((one) => objects.has(one.found.manifest) || wrong.has(one)) ? [point] : [],
    ),
  );
  return singleChanges(changes).filter((change) => !near.has(change));
}

/** Whether the render changed in a way that is not tolerated, or a reference became a text that is neither its target nor the old one. */
export function isHarmful(verification: Verification): boolean {
  return (
    doesHarm(verification) || verification.unmet.some(({ replacement, text }) => text !== replacement.found.reference)
  );
}

/** Whether a text that is put into an edit point is more than the host of the mirror, which alone the chart may take. */
function isPathBehindHost({ form }: EditPoint, text: string): boolean {
  return form !== "whole" && text.replace(/\/$/, "").includes("/");
}

function textsAt(
  replacements: readonly RequiredReplacement[],
  before: readonly Manifest[],
  after: readonly Manifest[],
): RenderedTexts {
  const found = replacements.map((replacement) => replacement.found);
  const texts = readImages(found, before, after);
  return new Map(replacements.flatMap((replacement, i) => (texts[i] === undefined ? [] : [[replacement, texts[i]]])));
}

function pick<K, V>(map: ReadonlyMap<K, V>, keys: Iterable<K>): Map<K, V> {
  return new Map([...keys].flatMap((key) => (map.has(key) ? [[key, map.get(key) as V] as const] : [])));
}
