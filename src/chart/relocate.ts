import { setImmediate } from "node:timers/promises";
import type { JsonObject, JsonPath } from "../json";
import { refuseUnspeakable } from "../plan/mirrorHost";
import type { RelocationPlan } from "../plan/relocationPlan";
import { ChangedRenders } from "./changedRenders";
import { ChangeSearch, isHarmful } from "./changeSearch";
import { renderUpgrade, UpgradeObjects } from "./compare/upgradeRender";
import type { Chart } from "./content/chart";
import { templateTexts } from "./content/chartFiles";
import { enabledChart, settableValues } from "./content/chartValues";
import { imageLineMentions, rendersByChance, templateMentions, type TemplateText } from "./content/templateMentions";
import { numericTags } from "./describe/numericTags";
import type { Outcome } from "./describe/outcome";
import { relocationPlan } from "./describe/planDescription";
import type { RelocateOptions } from "./describe/relocateOptions";
import { chartSourceFindings } from "./find/chartSources";
import { operatorFindings } from "./operators/operatorFindings";
import { findImages } from "./find/imageReferences";
import { listedImages, unseenListedImages } from "./find/listedImages";
import { podsOf } from "./find/pods";
import { registryMentions } from "./find/registryMentions";
import { requiredReplacements, type RequiredReplacement } from "./find/requiredReplacements";
import { solveWithOneTarget } from "./oneTarget";
import { podPullSecrets } from "./pullSecrets/pullSecrets";
import type { Manifest } from "./render/kubernetesManifest";
import { untilSpent } from "./render/renderBudget";
import { TrialRenderer } from "./solve/trialRender";

/** Renders that are kept for the proof of upgrades: one, and twice the chart as it was, both ways. */
const UPGRADE_PROOF = 5;

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
  private readonly templates: readonly TemplateText[];
  private readonly trials: TrialRenderer;
  private readonly search: ChangeSearch;

  constructor(private readonly options: RelocateOptions) {
    this.chart = enabledChart(options.chart, options.values);
    this.values = settableValues(this.chart, options.values);
    this.renders = new ChangedRenders(options, this.chart, this.values);
    // Helm is at work while the templates are read.
    this.before = this.renders.of({ edits: new Map() });
    this.templates = templateTexts(this.chart);
    const mentioned = templateMentions(this.templates);
    this.trials = new TrialRenderer(this.values, mentioned);
    const { chart, values, templates, trials, renders } = this;
    let besideImages: readonly JsonPath[] | undefined;
    // Most charts are solved before anybody asks.
    const space = { values, mentioned, besideImages: () => (besideImages ??= imageLineMentions(templates)) };
    this.search = new ChangeSearch({ options, chart, values, space, trials, renders });
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
    let withUpgrades = !upgrades?.any;
    const solve = (some: readonly RequiredReplacement[]): Promise<Outcome> => {
      if (withUpgrades || !upgrades) return this.search.find(before, some);
      // From then on every render has what upgrades alone have.
      withUpgrades = true;
      return this.solveBothWays(install, upgrades, some);
    };
    const costOf = ({ changes, verification }: Outcome): number =>
      this.renders.patchesOf(changes).length + verification.unmet.length;
    const asked = this.renders.nextAsked();
    const solved = solveWithOneTarget(told.replacements, solve, costOf);
    // What is told besides is found while Helm is at work, which takes no longer for it; some charts need no more renders.
    const onceHelmIsAtWork = async <T>(task: () => T): Promise<T> => {
      await Promise.race([asked, solved]);
      await setImmediate();
      return task();
    };
    const [{ outcome, replacements }, findings, registries] = await Promise.all([
      solved,
      onceHelmIsAtWork(() => [
        ...told.findings,
        ...unseenListedImages(listed, found, values, options),
        ...chartSourceFindings(before, found, options),
        ...operatorFindings(before, found, options),
        ...numericTags(found, options.numbers ?? []),
      ]),
      onceHelmIsAtWork(() => registryMentions(before, found, values)),
    ]);
    const patches = this.renders.patchesOf(outcome.changes);
    return relocationPlan({
      options,
      values,
      before,
      replacements,
      findings: [...findings, ...(upgrade.finding ? [upgrade.finding] : [])],
      registries,
      outcome,
      patches,
      renders: this.renders.budget.count,
      isSpent: this.renders.budget.spent,
    });
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
    const outcome = await this.renders.budget.keeping(UPGRADE_PROOF, () =>
      this.search.find(
        install,
        replacements.filter(({ found }) => found.manifest < install.length),
      ),
    );
    this.renders.includeUpgrades(upgrades);
    const before = [...install, ...upgrades.manifests];
    const both = await untilSpent(
      () => this.inUpgrades(outcome, before, upgrades, replacements),
      () => undefined,
    );
    if (both) {
      const ofUpgrades = both.verification.unmet.filter(
        ({ replacement }) => replacement.found.manifest >= install.length,
      );
      if (!isHarmful(both.verification) && ofUpgrades.length === 0 && this.giveSecrets(install, before, both.after))
        return both;
    }
    const anew = await this.search.find(before, replacements);
    // It may have come to no end, for want of renders, and what serves installs is proved.
    const isBetter =
      both && !isHarmful(both.verification) && both.verification.unmet.length < anew.verification.unmet.length;
    return isBetter ? both : anew;
  }

  /** What was found for installs, as an upgrade has it; undefined where that does not render. */
  private async inUpgrades(
    outcome: Outcome,
    before: readonly Manifest[],
    upgrades: UpgradeObjects,
    replacements: readonly RequiredReplacement[],
  ): Promise<Outcome | undefined> {
    const attempt = await this.trials.attempt([], () => this.renders.for("upgrade", outcome.changes));
    if ("error" in attempt) return undefined;
    const after = [...outcome.after, ...upgrades.in(attempt.result)];
    const verification = await this.search.judge(before, after, replacements, outcome.changes);
    return { ...outcome, verification, after };
  }

  /** Whether every pod that upgrades alone have gets the pull secret. */
  private giveSecrets(install: readonly Manifest[], before: readonly Manifest[], after: readonly Manifest[]): boolean {
    const { pullSecret, linkedAccounts } = this.options;
    if (pullSecret === undefined) return true;
    const pods = podPullSecrets(before, after, pullSecret, linkedAccounts);
    return pods.slice(podsOf(install).length).every(({ via }) => via !== "none");
  }
}
