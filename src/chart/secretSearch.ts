import type { JsonObject } from "../json";
import type { ChangedRenders } from "./changedRenders";
import type { Chart } from "./content/chart";
import { formatValuePath } from "./content/valuePaths";
import type { Change, Changes } from "./describe/changes";
import type { RelocateOptions } from "./describe/relocateOptions";
import type { RequiredReplacement } from "./find/requiredReplacements";
import { podMakers, solveCustomSecrets, type CustomSecrets } from "./pullSecrets/customSecrets";
import { isLinked } from "./pullSecrets/linkedAccounts";
import { podPatchName, podPlaces, solvePodPatches } from "./pullSecrets/podPatches";
import { GarbledForms, secretPlaces, solvePullSecrets, type SecretSolution } from "./pullSecrets/pullSecrets";
import type { Manifest } from "./render/kubernetesManifest";
import { RenderError } from "./render/render";
import { untilSpent } from "./render/renderBudget";
import type { Edit, EditPoint } from "./solve/markers";
import type { CandidateSpace } from "./solve/overrideCandidates";
import type { TrialRenderer } from "./solve/trialRender";

/** Renders that values leave for patches, which reach nearly every pod: one with pods' lists, one with pods, one beside a refused one. */
const PATCH_RENDERS = 3;

/** What gives pods their pull secrets. */
export type Secrets = Pick<Changes, "entries" | "podPatches"> &
  Pick<SecretSolution, "served"> &
  Pick<CustomSecrets, "undecided">;

/** What the search for pull secrets starts from. */
export interface SecretSearchInput {
  readonly options: Pick<RelocateOptions, "pullSecret" | "linkedAccounts">;
  /** The chart with what the values switch on. */
  readonly chart: Chart;
  readonly values: JsonObject;
  readonly space: CandidateSpace;
  readonly trials: TrialRenderer;
  readonly renders: ChangedRenders;
}

/** What differs between the rounds of the search for pull secrets. */
export interface SecretRound {
  readonly before: readonly Manifest[];
  readonly replacements: readonly RequiredReplacement[];
  /** What moves the images. */
  readonly edits: ReadonlyMap<EditPoint, Edit>;
  readonly banned: ReadonlySet<Change>;
  /** Whether the chart's files may be patched. */
  readonly patching: boolean;
}

/** Finds what gives pods their pull secret, on top of what moves the images. */
export class SecretSearch {
  private readonly garbled = new GarbledForms();

  constructor(private readonly input: SecretSearchInput) {}

  /** The pull secrets of pods, or the edits that the chart refuses, so that it does not render to look for any. */
  async find(round: SecretRound): Promise<Secrets | { readonly refused: readonly EditPoint[] }> {
    const { trials, renders } = this.input;
    const { edits } = round;
    try {
      return await this.solve(round);
    } catch (error) {
      if (!(error instanceof RenderError)) throw error;
      const { live } = await trials.probe([...edits.keys()], (points, guards) =>
        renders.of({ edits: new Map([...edits].filter(([point]) => points.includes(point))), guards }),
      );
      const refused = [...edits.keys()].filter((point) => !live.includes(point));
      if (refused.length === 0) throw error;
      return { refused };
    }
  }

  /** First by values, then by patches. */
  private async solve(round: SecretRound): Promise<Secrets> {
    const { chart, space, trials, renders } = this.input;
    const { pullSecret: name, linkedAccounts } = this.input.options;
    const { before, edits, banned, patching } = round;
    if (name === undefined) return { served: new Map(), undecided: new Map() };
    const kept = patching ? PATCH_RENDERS : 0;
    const pods = await renders.budget.keeping(kept, () =>
      solvePullSecrets(
        name,
        space,
        before,
        trials,
        (some, guards) => renders.of({ edits, entries: some, guards }),
        banned,
        this.garbled,
      ),
    );
    const { served, missing } = pods;
    const custom = await renders.budget.keeping(kept, () => this.solveCustom(name, round, pods.entries));
    const { undecided } = custom;
    const entries = [...pods.entries, ...custom.entries];
    const without = missing.filter((pod) => !isLinked(pod, before, linkedAccounts));
    if (without.length === 0 || !patching) return { entries, served, undecided };
    const places = podPlaces(chart).filter((patch) => !banned.has(podPatchName(patch)));
    const { patches } = await solvePodPatches(places, without, before, trials, (some, guards, nameOf) =>
      renders.of({ edits, entries, guards, podPatches: new Map(some.map((patch) => [patch, nameOf(patch)])) }),
    );
    return { entries, served, undecided, podPatches: new Map(patches.map((patch) => [patch, name])) };
  }

  /** The pull secrets of custom resources, on top of those of pods. */
  private async solveCustom(
    name: string,
    { before, replacements, edits, banned }: SecretRound,
    entries: NonNullable<Changes["entries"]>,
  ): Promise<CustomSecrets> {
    const { chart, values, space, trials, renders } = this.input;
    const makers = podMakers(
      before,
      replacements.map((replacement) => replacement.found),
    );
    const taken = new Set<unknown>([...banned, ...entries.map(([path]) => formatValuePath(path))]);
    const places =
      makers.length === 0
        ? []
        : secretPlaces(values, space.mentioned).filter((place) => !taken.has(formatValuePath(place.valuePath)));
    if (places.length === 0) return { entries: [], undecided: new Map() };
    return untilSpent(
      () =>
        solveCustomSecrets(name, makers, places, chart, before, trials, (some, guards) =>
          renders.of({ edits, entries: [...entries, ...some], guards }),
        ),
      () => ({ entries: [], undecided: new Map() }),
    );
  }
}
