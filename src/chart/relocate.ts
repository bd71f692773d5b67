import type { JsonObject, JsonPath } from "../json";
import { mirrorPrefixes } from "../plan/layout";
import { refuseUnspeakable } from "../plan/mirrorHost";
import type { RelocationPlan } from "../plan/relocationPlan";
import { ChangedRenders } from "./changedRenders";
import { candidatePhases } from "./solve/candidatePhases";
import { changesAmong, editedTexts, singleChanges, type Change, type Changes } from "./describe/changes";
import type { Chart } from "./content/chart";
import { templateTexts } from "./content/chartFiles";
import { enabledChart, settableValues } from "./content/chartValues";
import { requiredReplacements, type RequiredReplacement, type RenderedTexts } from "./find/requiredReplacements";
import { readImages } from "./compare/imagePlaces";
import { findImages } from "./find/imageReferences";
import { withOneTarget } from "./find/oneTarget";
import { listedImages, unseenListedImages } from "./find/listedImages";
import { registryMentions } from "./find/registryMentions";
import type { Manifest } from "./render/manifest";
import { EditPointCatalogue, type Edit, type EditPoint } from "./solve/markers";
import type { CandidateSpace } from "./solve/overrideCandidates";
import { solveOverrides, type Solution } from "./solve/overrides";
import { chartFilesOf } from "./content/patch";
import { SecretSearch, type Secrets } from "./secretSearch";
import { describePlan } from "./describe/planDescription";
import { podsOf } from "./find/pods";
import { podPullSecrets, uselessSecrets } from "./pullSecrets/pullSecrets";
import { RenderError } from "./render/render";
import { imageLineMentions, rendersByChance, templateMentions, type TemplateText } from "./content/templateMentions";
import { TrialRenderer, type TrialRendering } from "./solve/trialRender";
import { renderUpgrade, UpgradeObjects } from "./compare/upgradeRender";
import { doesHarm, verify, type Verification } from "./compare/verification";
import type { Outcome, Refusal } from "./describe/outcome";
import type { RelocateOptions } from "./describe/relocateOptions";

/** How often the solver starts again without edit points that turned out to change more than images. */
const ROUNDS = 6;

/**
 * Finds every image of a chart and the values that move all of them into the mirror, and proves by rendering that they do.
 *
 * What no value reaches is patched in the chart's own files where `renderPatched` is given. What is left is an `escape`
 * among the findings of the plan.
 *
 * @throws {RenderError} when the chart does not render with the user's own values
 * @throws {TargetCollisionError} when two sources would get one target
 * @throws {MirrorNotInChartsError} when the mirror's host is an IPv6 address
 */
export async function relocateChart(options: RelocateOptions): Promise<RelocationPlan> {
  refuseUnspeakable(options.mirror);
  return new Relocation(options).plan();
}

class Relocation {
  private readonly chart: Chart;
  private readonly values: JsonObject;
  /** The chart with the user's own values. */
  private readonly before: Promise<readonly Manifest[]>;
  private readonly renders: ChangedRenders;
  private readonly secrets: SecretSearch;
  private readonly templates: readonly TemplateText[];
  private readonly space: CandidateSpace;
  private besideImages: readonly JsonPath[] | undefined;
  private readonly catalogue = new EditPointCatalogue();
  private readonly trials: TrialRenderer;

  constructor(private readonly options: RelocateOptions) {
    this.chart = enabledChart(options.chart, options.values);
    this.values = settableValues(this.chart, options.values);
    this.renders = new ChangedRenders(options, this.chart, this.values);
    // Helm is at work while the templates are read.
    this.before = this.renders.of({ edits: new Map() });
    this.templates = templateTexts(this.chart);
    this.space = {
      values: this.values,
      mentioned: templateMentions(this.templates),
      // Most charts are solved before anybody asks.
      besideImages: () => (this.besideImages ??= imageLineMentions(this.templates)),
    };
    this.trials = new TrialRenderer(this.values, this.space.mentioned);
    const { chart, values, space, trials, renders } = this;
    this.secrets = new SecretSearch({ options, chart, values, space, trials, renders });
  }

  async plan(): Promise<RelocationPlan> {
    const { options, values } = this;
    // A second render tells what the chart renders differently every time; beside the first it takes no time of its own.
    const [install, again, upgrade] = await Promise.all([
      this.before,
      rendersByChance(this.templates) ? this.renders.again(1) : undefined,
      renderUpgrade(this.templates, values, () => this.renders.for("upgrade", { edits: new Map() })),
    ]);
    const upgrades = upgrade.manifests && new UpgradeObjects(install, upgrade.manifests, again);
    const before = [...install, ...(upgrades?.manifests ?? [])];
    const listed = listedImages(this.chart);
    const found = findImages(before, { values, listed: listed.map(({ reference }) => reference) });
    const told = await requiredReplacements(found, options);
    const known = [...(options.ignoreImages ?? []), ...(options.extraImages ?? [])];
    const findings = [...told.findings, ...unseenListedImages(listed, found, values, known)];
    let withUpgrades = !upgrades?.any;
    const solve = (some: readonly RequiredReplacement[]): Promise<Outcome> => {
      if (withUpgrades || !upgrades) return this.solve(before, some);
      // From then on every render has what upgrades alone have.
      withUpgrades = true;
      return this.solveBothWays(install, upgrades, some);
    };
    const { outcome, replacements } = await this.withOneTarget(told.replacements, solve);
    const patches = this.renders.patchesOf(outcome.changes);
    const registries = registryMentions(before, found, values);
    return describePlan({
      options,
      values,
      before,
      replacements,
      findings: [...findings, ...(upgrade.finding ? [upgrade.finding] : [])],
      registries,
      outcome,
      patches,
      renders: this.renders.count,
    });
  }

  /**
   * An image that a chart writes in two ways is one copy under one name, unless that would take patches, or let something
   * escape, where values alone are enough for two names.
   */
  private async withOneTarget(
    replacements: readonly RequiredReplacement[],
    solve: (replacements: readonly RequiredReplacement[]) => Promise<Outcome>,
  ): Promise<{ outcome: Outcome; replacements: readonly RequiredReplacement[] }> {
    const unified = withOneTarget(replacements);
    if (!unified) return { outcome: await solve(replacements), replacements };
    const costOf = ({ changes, verification }: Outcome): number =>
      this.renders.patchesOf(changes).length + verification.unmet.length;
    const one = await solve(unified);
    if (costOf(one) === 0) return { outcome: one, replacements: unified };
    const asWritten = await solve(replacements);
    return costOf(asWritten) < costOf(one)
      ? { outcome: asWritten, replacements }
      : { outcome: one, replacements: unified };
  }

  /**
   * Solves for installs; what serves these mostly serves upgrades as well, which one more render shows. Else all is solved
   * anew with both in every render.
   */
  private async solveBothWays(
    install: readonly Manifest[],
    upgrades: UpgradeObjects,
    replacements: readonly RequiredReplacement[],
  ): Promise<Outcome> {
    const outcome = await this.solve(
      install,
      replacements.filter(({ found }) => found.manifest < install.length),
    );
    this.renders.includeUpgrades(upgrades);
    const before = [...install, ...upgrades.manifests];
    const attempt = await this.trials.attempt([], () => this.renders.for("upgrade", outcome.changes));
    if ("result" in attempt) {
      const after = [...outcome.after, ...upgrades.in(attempt.result)];
      const verification = await this.judge(before, after, replacements, outcome.changes);
      const ofUpgrades = verification.unmet.filter(({ replacement }) => replacement.found.manifest >= install.length);
      if (!isHarmful(verification) && ofUpgrades.length === 0 && this.giveSecrets(install, before, after))
        return { ...outcome, verification, after };
    }
    return this.solve(before, replacements);
  }

  /** Whether every pod that upgrades alone have gets the pull secret. */
  private giveSecrets(install: readonly Manifest[], before: readonly Manifest[], after: readonly Manifest[]): boolean {
    const { pullSecret, linkedAccounts } = this.options;
    if (pullSecret === undefined) return true;
    const pods = podPullSecrets(before, after, pullSecret, linkedAccounts);
    return pods.slice(podsOf(install).length).every(({ via }) => via !== "none");
  }

  /** Solves, verifies, and starts again without what did harm, until nothing but images and pull secrets changes. */
  private async solve(before: readonly Manifest[], replacements: readonly RequiredReplacement[]): Promise<Outcome> {
    const banned = new Set<Change>();
    const hostsAlone = new Set<EditPoint>();
    const refused = new Map<RequiredReplacement, Refusal>();
    let found: { readonly patching: boolean; readonly solution: Solution } | undefined;
    /** Gives up edits with which the chart does not render: a text that may not hold a path may still be a host. */
    const giveUp = (points: readonly EditPoint[], { edits, controlled }: Solution): void => {
      for (const point of points) {
        const text = edits.get(point)?.text ?? "";
        if (isPathBehindHost(point, text) && !hostsAlone.has(point)) hostsAlone.add(point);
        else banned.add(point);
        for (const replacement of controlled.get(point) ?? []) refused.set(replacement, { point, text });
      }
      if (points.length > 0) found = undefined;
    };
    for (let round = 0; ; round++) {
      const last = round >= ROUNDS;
      // Where patches did harm again and again, values alone may do none: a tag made of the chart's version, for example.
      const patching = this.options.renderPatched !== undefined && round < ROUNDS - 1;
      // What moves the images stays as it is while none of it does harm.
      if (found?.patching !== patching || [...found.solution.edits.keys()].some((point) => banned.has(point)))
        found = {
          patching,
          solution: await solveOverrides(
            replacements,
            candidatePhases(this.space, this.catalogue, patching ? chartFilesOf(this.chart) : undefined),
            this.trials,
            this.reading(before, replacements),
            { banned, hostsAlone },
          ),
        };
      const solution: Solution = last
        ? { edits: new Map(), unsolved: replacements, controlled: new Map() }
        : found.solution;
      const secretsFound = last
        ? { served: new Map(), undecided: new Map() }
        : await this.secrets.find({ before, replacements, edits: solution.edits, banned, patching });
      if ("refused" in secretsFound) {
        giveUp(secretsFound.refused, solution);
        continue;
      }
      const { served, undecided, ...secrets }: Secrets = secretsFound;
      const complete = await this.complete(solution.edits, secrets);
      if ("error" in complete) {
        const changes = { ...secrets, edits: solution.edits, guards: this.trials.guards };
        for (const change of await this.culprits(before, replacements, changes)) banned.add(change);
        continue;
      }
      const { result: after, live } = complete;
      const changes = { ...secrets, edits: pick(solution.edits, live), guards: this.trials.guards };
      const verification = await this.judge(before, after, replacements, changes);
      const dead = [...solution.edits.keys()].filter((point) => !live.includes(point));
      giveUp(dead, solution);
      const harmful = new Set<Change>();
      for (const place of uselessSecrets({ served }, before, after, this.options.pullSecret ?? "")) harmful.add(place);
      if (harmful.size === 0 && dead.length === 0 && isHarmful(verification))
        for (const change of await this.culprits(before, replacements, changes)) harmful.add(change);
      if ((harmful.size === 0 && dead.length === 0) || last)
        return { changes, solution, verification, after, refused, undecided };
      for (const change of harmful) banned.add(change);
      const [harm] = [...verification.refused, ...verification.unexpected];
      for (const [point, controlled] of solution.controlled)
        if (harm && harmful.has(point)) for (const replacement of controlled) refused.set(replacement, { point, harm });
    }
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
      return await this.trials.probe([...edits.keys()], (points, guards) =>
        this.renders.of({ ...secrets, edits: pick(edits, points), guards }),
      );
    } catch (error) {
      if (error instanceof RenderError && singleChanges({ ...secrets, edits: new Map() }).length > 0) return { error };
      throw error;
    }
  }

  /** Finds by halving which changes change more than images and pull secrets. */
  private async culprits(
    before: readonly Manifest[],
    replacements: readonly RequiredReplacement[],
    changes: Changes,
  ): Promise<readonly Change[]> {
    const harm = async (some: readonly Change[]): Promise<boolean> => {
      const part = changesAmong(changes, new Set(some));
      const attempt = await this.trials.attempt([], (_, guards) => this.renders.of({ ...part, guards }));
      return "error" in attempt || isHarmful(await this.judge(before, attempt.result, replacements, part));
    };
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

  private reading(before: readonly Manifest[], replacements: readonly RequiredReplacement[]) {
    return async (edits: ReadonlyMap<EditPoint, Edit>, guards: readonly JsonPath[]): Promise<RenderedTexts> =>
      textsAt(replacements, before, await this.renders.of({ edits, guards }));
  }

  private judge(
    before: readonly Manifest[],
    after: readonly Manifest[],
    replacements: readonly RequiredReplacement[],
    changes: Changes,
  ): Promise<Verification> {
    const { mirror, layout, pullSecret } = this.options;
    return verify({
      replacements,
      texts: textsAt(replacements, before, after),
      before,
      after,
      planned: {
        texts: [...mirrorPrefixes(mirror, layout), ...(pullSecret === undefined ? [] : [pullSecret])],
        edited: editedTexts(changes),
        ...(pullSecret !== undefined && { pullSecret }),
        settings: (changes.guards ?? []).map((guard) => ({ key: String(guard.at(-1)), value: true })),
      },
      again: (time) => this.renders.again(time),
    });
  }
}

/** Whether something changed that should not, or a reference became neither its target nor stayed what it was. */
function isHarmful(verification: Verification): boolean {
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
