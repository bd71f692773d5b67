import { tryParseReference } from "../../image/reference";
import type { JsonObject } from "../../json";
import type { ResolvedPlan } from "../../plan/resolvedPlan";
import { changedValues, type Changes } from "../describe/changes";
import type { Chart } from "../content/chart";
import { templateTexts } from "../content/chartFiles";
import { enabledChart, settableValues } from "../content/chartValues";
import {
  digestKeyCandidates,
  tagCandidates,
  wholeCandidates,
  type DigestCandidate,
  type DigestSpace,
} from "./digestCandidates";
import { readImages } from "../compare/imagePlaces";
import { findImages } from "../find/imageReferences";
import { listedReferences } from "../find/listedImages";
import type { Manifest } from "../render/kubernetesManifest";
import { EditPointCatalogue, type Edit, type EditPoint } from "../solve/markers";
import { patchedFiles } from "../content/patch";
import { describePins, editsOf, type Pin, type Taken } from "./pinDescription";
import type { RelocateOptions } from "../describe/relocateOptions";
import type { RenderedFor } from "../render/render";
import { RenderBudget, untilSpent } from "../render/renderBudget";
import { templateMentions } from "../content/templateMentions";
import { TrialRenderer } from "../solve/trialRender";
import { renderUpgrade, UpgradeObjects } from "../compare/upgradeRender";
import { mergeValues } from "../content/valuePaths";
import { doesHarm, verify } from "../compare/verification";

/** What digests are written into: a chart whose images are on their way into the mirror. */
export interface PinOptions extends Pick<RelocateOptions, "chart" | "values" | "render" | "renderPatched"> {
  /** Images whose digest is not known stay as they are. */
  readonly plan: ResolvedPlan;
}

/** Renders that are kept for the proof: the pinned chart, and twice the chart as it was where something differs. */
const PROOF = 3;

/** How often one kind of places is tried again without those that were in each other's way. */
const TRIES = 3;

/**
 * Writes digests into the values where the chart takes them, so that nodes pull exactly the images that were planned.
 *
 * As with hosts, nothing is guessed by the name of a key: each place gets a digest of its own on trial, the chart is
 * rendered, and what the references have become tells which place decides which of them. The pinned chart is rendered
 * once more; nothing but digests may have changed in it. Images for which the chart has no place are a warning.
 *
 * @returns the plan with these values; the target of a pinned image is `repository:tag@digest`
 * @throws {RenderError} when the chart does not render with the plan's values
 */
export async function pinDigests(options: PinOptions): Promise<ResolvedPlan> {
  return new DigestPins(options).plan();
}

/** A candidate on trial: what stands for its digest tells it apart. */
interface DigestTrial {
  readonly id: number;
  readonly valuePath?: readonly (string | number)[];
  readonly point: EditPoint;
  readonly text: DigestCandidate["text"];
}

class DigestPins {
  private readonly budget = new RenderBudget();
  /** The user's values with those that move the images. */
  private readonly values: JsonObject;
  private readonly coalesced: JsonObject;
  private readonly space: DigestSpace;
  private readonly trials: TrialRenderer;
  private readonly catalogue = new EditPointCatalogue();
  private readonly taken: Taken[] = [];
  private patched: Promise<RelocateOptions["render"]> | undefined;
  /** What upgrades alone have. */
  private upgrades: UpgradeObjects | undefined;

  constructor(private readonly options: PinOptions) {
    const { plan } = options;
    this.values = mergeValues(options.values, plan.values);
    const chart: Chart = enabledChart(options.chart, this.values);
    this.coalesced = settableValues(chart, this.values);
    const templates = templateTexts(chart);
    const mentioned = templateMentions(templates);
    const { appVersion } = chart.metadata;
    this.space = { values: this.coalesced, mentioned, templates, appVersion };
    this.trials = new TrialRenderer(this.coalesced, mentioned);
  }

  async plan(): Promise<ResolvedPlan> {
    const nothing = { edits: new Map() };
    const install = await this.render(nothing);
    const { manifests } = await renderUpgrade(this.space.templates, this.values, () =>
      this.renderFor("upgrade", nothing),
    );
    const upgrades = manifests && new UpgradeObjects(install, manifests);
    // What the plan has proved need not be rendered again where there is no image to pin.
    if (upgrades && this.pinsOf(upgrades.manifests).length > 0) this.upgrades = upgrades;
    const base = [...install, ...(this.upgrades?.manifests ?? [])];
    const pins = this.pinsOf(base);
    if (pins.length === 0) return this.options.plan;
    for (const find of [wholeCandidates, digestKeyCandidates, tagCandidates])
      await untilSpent(
        () => this.budget.keeping(PROOF, () => this.search(base, pins, (unsolved) => find(this.space, unsolved))),
        () => undefined,
      );
    const taken = await this.harmless(base, pins);
    const guards = taken.length > 0 ? this.trials.guards : [];
    return describePins({
      plan: this.options.plan,
      values: this.coalesced,
      pins,
      taken,
      guards,
      renders: this.budget.count,
    });
  }

  private pinsOf(base: readonly Manifest[]): Pin[] {
    const { plan } = this.options;
    const images = new Map(plan.images.map((image) => [image.target, image]));
    return findImages(base, { values: this.coalesced, listed: listedReferences(this.options.chart) }).flatMap(
      (found) => {
        const image = images.get(found.reference);
        const digest = image?.targetDigest ?? image?.digest;
        const parsed = tryParseReference(found.reference);
        // A digest of the source's is in the target already.
        if (!image || digest === undefined || !parsed || parsed.digest !== undefined) return [];
        return [{ image, found, target: image.target, digest, tag: parsed.tag }];
      },
    );
  }

  /** Takes the places that decide the digest of references, and of nothing that has another digest. */
  private async search(
    base: readonly Manifest[],
    pins: readonly Pin[],
    find: (unsolved: readonly Pin[]) => readonly DigestCandidate[],
  ): Promise<void> {
    const out = new Set<EditPoint>();
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const solved = new Set(this.taken.flatMap((taken) => taken.pins));
      const unsolved = pins.filter((pin) => !solved.has(pin));
      if (unsolved.length === 0) return;
      const trials = find(unsolved)
        .map(({ place, text }): DigestTrial => {
          const point = this.catalogue.pointOf(place);
          return { id: point.id, valuePath: point.valuePath, point, text };
        })
        .filter(({ point }) => !out.has(point) && !this.taken.some((taken) => taken.point === point));
      if (trials.length === 0) return;
      const { result: texts, live } = await this.trials.probe(trials, async (some, guards) => {
        const edits = some.map(({ point, text }) => [point, editOf(point, text(markerDigest(point.id)))] as const);
        const after = await this.render({ edits: new Map([...editsOf(this.taken), ...edits]), guards });
        return this.read(pins, base, after);
      });
      const rejected = new Set<EditPoint>();
      for (const trial of live) {
        const controlled = pins.filter((_, i) => texts[i]?.includes(markerHex(trial.id)));
        // What controls nothing may be hidden by what is rejected.
        if (controlled.length === 0) continue;
        const text = controlled.every((pin) => unsolved.includes(pin)) && this.textFor(trial, controlled, pins, texts);
        if (text === false) rejected.add(trial.point);
        else this.taken.push({ point: trial.point, edit: editOf(trial.point, text), pins: controlled });
      }
      if (rejected.size === 0) return;
      for (const point of rejected) out.add(point);
    }
  }

  /** What is written into a place for the references that it controls; false where no one text serves them. */
  private textFor(
    { id, text }: DigestTrial,
    controlled: readonly Pin[],
    pins: readonly Pin[],
    texts: readonly (string | undefined)[],
  ): string | false {
    const digest = controlled[0]?.digest as string;
    if (controlled.some((pin) => pin.digest !== digest)) return false;
    const marker = markerDigest(id);
    const rendered = controlled.map((pin) => texts[pins.indexOf(pin)] as string);
    // Some charts write `sha256:` themselves, and want what stands behind it.
    const prefixed = rendered.every((reference) => reference.includes(`sha256:${marker}`));
    const written = prefixed ? `sha256:${marker}` : marker;
    const fits = controlled.every((pin, i) => isPinned(pin, (rendered[i] as string).replace(written, pin.digest)));
    return fits && text(prefixed ? digest.slice("sha256:".length) : digest);
  }

  /** What was taken, without what changes more of the chart than digests, or makes it fail. */
  private async harmless(base: readonly Manifest[], pins: readonly Pin[]): Promise<readonly Taken[]> {
    // What no render is left for is not proved.
    const doesHarm = (some: readonly Taken[]): Promise<boolean> =>
      untilSpent(
        () => this.doesHarm(base, pins, some),
        () => true,
      );
    if (this.taken.length === 0 || !(await doesHarm(this.taken))) return this.taken;
    const kept: Taken[] = [];
    for (const taken of this.taken) if (!(await doesHarm([...kept, taken]))) kept.push(taken);
    return kept;
  }

  private async doesHarm(base: readonly Manifest[], pins: readonly Pin[], some: readonly Taken[]): Promise<boolean> {
    const attempt = await this.trials.attempt([], (_, guards) => this.render({ edits: editsOf(some), guards }));
    if ("error" in attempt) return true;
    const after = attempt.result;
    const texts = this.read(pins, base, after);
    const pinned = new Set(some.flatMap((taken) => taken.pins));
    if (pins.some((pin, i) => !(pinned.has(pin) ? isPinned(pin, texts[i]) : texts[i] === pin.target))) return true;
    const digests = pins.map(({ digest }) => digest);
    const verification = await verify({
      replacements: [],
      texts: new Map(),
      before: base,
      after,
      planned: {
        texts: [...digests, ...digests.map((digest) => digest.slice("sha256:".length))],
        settings: this.trials.guards.map((guard) => ({ key: String(guard.at(-1)), value: true })),
      },
      again: () => this.render({ edits: new Map() }),
    });
    return doesHarm(verification);
  }

  private read(pins: readonly Pin[], base: readonly Manifest[], after: readonly Manifest[]): (string | undefined)[] {
    return readImages(
      pins.map(({ found }) => found),
      base,
      after,
    );
  }

  private async render(changes: Changes): Promise<readonly Manifest[]> {
    const install = await this.renderFor("install", changes);
    const { upgrades } = this;
    return upgrades ? [...install, ...upgrades.in(await this.renderFor("upgrade", changes))] : install;
  }

  private async renderFor(what: RenderedFor, changes: Changes): Promise<readonly Manifest[]> {
    this.budget.take();
    const { chart, plan, render, renderPatched } = this.options;
    const values = changedValues(this.values, this.coalesced, changes);
    if (plan.patches.length === 0 || !renderPatched) return render(values, what);
    this.patched ??= renderPatched(patchedFiles(chart, plan.patches));
    return (await this.patched)(values, what);
  }
}

/** Whether a text is the pinned reference, with its tag or without. */
function isPinned({ target, tag, digest }: Pin, text: string | undefined): boolean {
  const repository = tag === undefined ? target : target.slice(0, -tag.length - 1);
  return text === `${target}@${digest}` || text === `${repository}@${digest}`;
}

function editOf(point: EditPoint, text: string): Edit {
  return { text, end: point.end };
}

// As long as a digest, and never one: nobody finds an image for it.
const MARK = "d19e57";

function markerHex(id: number): string {
  return `${MARK}${id.toString(16).padStart(64 - MARK.length, "0")}`;
}

/** The digest that stands for a place in a render on trial. */
function markerDigest(id: number): string {
  return `sha256:${markerHex(id)}`;
}
