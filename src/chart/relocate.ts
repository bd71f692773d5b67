import { formatReference } from "../image/reference";
import type { Json, JsonObject, JsonPath } from "../json";
import { mirrorPrefix, type MirrorAddress } from "../plan/layout";
import type { Finding, PlannedImage, RelocationPlan, ValueOverride } from "../plan/relocationPlan";
import type { Chart } from "./chart";
import { templateTexts } from "./chartFiles";
import { settableValues } from "./chartValues";
import { goalsOf, type Goal, type TargetNaming } from "./goals";
import { readImages } from "./imagePlaces";
import { findImages } from "./imageReferences";
import type { Manifest } from "./manifest";
import { composeSite, HandleCatalogue, siteName, type Handle, type ValueSite } from "./markers";
import { guessedCandidates, obviousCandidates, segmentCandidates } from "./overrideCandidates";
import { solveOverrides, type Phase, type RenderedTexts, type Solution } from "./overrides";
import type { Render } from "./render";
import { templateMentions } from "./templateMentions";
import { TrialRenderer } from "./trialRender";
import { formatValuePath, settablePath, valueAt, withValues } from "./valuePaths";
import { verify, type Verification } from "./verification";

/** What a relocation starts from. */
export interface RelocateOptions {
  readonly chart: Chart;
  /** The user's values: they win over the chart's and are never changed, except where they name images. */
  readonly values: JsonObject;
  readonly render: Render;
  readonly mirror: MirrorAddress;
  /** Where an image goes: `targetReference` of `plan/layout` with the mirror and its layout. */
  readonly target: TargetNaming;
  /** Images that no analysis of the chart can see, such as defaults compiled into an operator. */
  readonly extraImages?: readonly string[];
  /** References that are no images or may stay outside: exact texts, `*` for any characters. */
  readonly ignoreImages?: readonly string[];
  /** Asks the registry of a doubtful finding whether it has such an image. */
  readonly confirm?: (reference: string) => Promise<boolean>;
}

/** How often the solver starts again without handles that turned out to change more than images. */
const ROUNDS = 4;

/**
 * Finds every image of a chart and the values that move all of them into the mirror, and proves by rendering that they do.
 *
 * What no value reaches is an `escape` among the findings of the plan.
 *
 * @throws {RenderError} when the chart does not render with the user's own values
 */
export async function relocateChart(options: RelocateOptions): Promise<RelocationPlan> {
  return new Relocation(options).plan();
}

class Relocation {
  private renders = 0;
  private readonly values: JsonObject;
  private readonly mentioned: readonly JsonPath[];
  private readonly catalogue = new HandleCatalogue();
  private readonly trials: TrialRenderer;

  constructor(private readonly options: RelocateOptions) {
    this.values = settableValues(options.chart, options.values);
    this.mentioned = templateMentions(templateTexts(options.chart));
    this.trials = new TrialRenderer(this.values, this.mentioned);
  }

  async plan(): Promise<RelocationPlan> {
    const before = await this.render(this.options.values);
    const found = findImages(before, { values: this.values });
    const { goals, findings } = await goalsOf(found, this.options);
    const { solution, outcome } = await this.solve(before, goals);
    const overrides = this.overridesOf(solution);
    const escapes = outcome.unmet.map(({ goal, text }) => escape(goal, text));
    const { name, version, appVersion } = this.options.chart.metadata;
    return {
      chart: { name, version, ...(appVersion !== undefined && { appVersion }) },
      images: plannedImages(goals, outcome),
      overrides,
      values: withValues({}, this.values, this.entriesOf(solution.replacements, this.trials.guards)),
      patches: [],
      pods: [],
      findings: [...escapes, ...findings],
      renders: this.renders,
    };
  }

  /** Solves, verifies, and starts again without the handles that did harm, until nothing but images changes. */
  private async solve(
    before: readonly Manifest[],
    goals: readonly Goal[],
  ): Promise<{ solution: Solution; outcome: Verification }> {
    const banned = new Set<Handle>();
    const rendered = async (replacements: ReadonlyMap<Handle, string>, guards: readonly JsonPath[]) =>
      this.render(withValues(this.options.values, this.values, this.entriesOf(replacements, guards)));
    const texts = (after: readonly Manifest[]): RenderedTexts => {
      const read = readImages(
        goals.map((goal) => goal.found),
        before,
        after,
      );
      return new Map(goals.flatMap((goal, i) => (read[i] === undefined ? [] : [[goal, read[i]]])));
    };
    const judge = async (after: readonly Manifest[]): Promise<Verification> =>
      verify({
        goals,
        texts: texts(after),
        before,
        after,
        planned: {
          texts: [mirrorPrefix(this.options.mirror)],
          settings: this.trials.guards.map((guard) => ({ key: String(guard.at(-1)), value: true })),
        },
        again: () => this.render(this.options.values),
      });

    for (let round = 0; ; round++) {
      const solution: Solution =
        round < ROUNDS
          ? await solveOverrides(goals, this.phases(), this.trials, async (r, g) => texts(await rendered(r, g)), banned)
          : { replacements: new Map(), unsolved: goals, led: new Map() };
      if (solution.replacements.size === 0) return { solution, outcome: await judge(before) };
      const { result, live } = await this.trials.probe([...solution.replacements.keys()], async (handles, guards) =>
        rendered(pick(solution.replacements, handles), guards),
      );
      const outcome = await judge(result);
      const harmful = new Set([...solution.replacements.keys()].filter((handle) => !live.includes(handle)));
      for (const { goal, text } of outcome.unmet)
        if (text !== goal.found.reference)
          for (const handle of live) if (solution.led.get(handle)?.includes(goal)) harmful.add(handle);
      if (harmful.size === 0 && outcome.unexpected.length > 0)
        for (const handle of await this.culprits(solution.replacements, async (replacements) => {
          const attempt = await this.trials.attempt([], async (_, guards) => rendered(replacements, guards));
          return "error" in attempt || (await judge(attempt.result)).unexpected.length > 0;
        }))
          harmful.add(handle);
      if (harmful.size === 0) return { solution, outcome };
      for (const handle of harmful) banned.add(handle);
    }
  }

  /** Finds by halving which replacements change more than images. */
  private async culprits(
    replacements: ReadonlyMap<Handle, string>,
    harms: (some: ReadonlyMap<Handle, string>) => Promise<boolean>,
  ): Promise<Handle[]> {
    let suspects = [...replacements.keys()];
    while (suspects.length > 1) {
      const half = suspects.slice(0, Math.ceil(suspects.length / 2));
      if (await harms(pick(replacements, half))) suspects = half;
      else {
        const rest = suspects.slice(half.length);
        // Only both halves together do harm: neither can be told to be innocent.
        if (!(await harms(pick(replacements, rest)))) return suspects;
        suspects = rest;
      }
    }
    return suspects;
  }

  private phases(): Phase[] {
    const space = { values: this.values, mentioned: this.mentioned };
    return [obviousCandidates, guessedCandidates, segmentCandidates].map(
      (candidates): Phase =>
        (unsolved) =>
          candidates(space, unsolved).map((candidate) => this.catalogue.handleOf(candidate)),
    );
  }

  private async render(values: JsonObject): Promise<readonly Manifest[]> {
    this.renders += 1;
    return this.options.render(values);
  }

  private entriesOf(
    replacements: ReadonlyMap<Handle, string>,
    guards: readonly JsonPath[],
  ): (readonly [JsonPath, Json])[] {
    const bySite = new Map<string, [Handle, string][]>();
    for (const [handle, replacement] of replacements) {
      const name = siteName(handle.site);
      bySite.set(name, [...(bySite.get(name) ?? []), [handle, replacement]]);
    }
    const entries: (readonly [JsonPath, Json])[] = [...bySite.values()].map((parts) => {
      const site = (parts[0] as [Handle, string])[0].site as ValueSite;
      return [site.path, composeSite(site, parts)];
    });
    return [...entries, ...guards.map((guard) => [guard, true] as const)];
  }

  /** The overrides as the user would set them: lists are set whole. */
  private overridesOf(solution: Solution): ValueOverride[] {
    const entries = this.entriesOf(solution.replacements, this.trials.guards);
    const nested = withValues({}, this.values, entries);
    const overrides = new Map<string, ValueOverride>();
    for (const [path] of entries) {
      const settable = settablePath(path);
      const previous = valueAt(this.values, settable);
      const served = new Set<Goal>();
      for (const [handle, goals] of solution.led)
        if (
          handle.site.kind === "value" &&
          formatValuePath(settablePath(handle.site.path)) === formatValuePath(settable)
        )
          for (const goal of goals) served.add(goal);
      const images = new Set([...served].map((goal) => goal.found.reference)).size;
      overrides.set(formatValuePath(settable), {
        path: settable,
        value: valueAt(nested, settable) as Json,
        ...(previous !== undefined && { previous }),
        reason:
          images === 0
            ? "guard of the chart against other registries"
            : `moves ${images} image${images === 1 ? "" : "s"}`,
      });
    }
    return [...overrides.values()].sort((a, b) => compare(formatValuePath(a.path), formatValuePath(b.path)));
  }
}

function plannedImages(goals: readonly Goal[], outcome: Verification): PlannedImage[] {
  const unmet = new Set(outcome.unmet.map(({ goal }) => goal));
  const images = new Map<string, { source: string; target: string; locations: Goal["found"]["location"][] }>();
  for (const goal of goals) {
    if (unmet.has(goal)) continue;
    const source = formatReference(goal.source);
    const key = `${source} ${goal.target}`;
    const image = images.get(key) ?? { source, target: goal.target, locations: [] };
    image.locations.push(goal.found.location);
    images.set(key, image);
  }
  return [...images.values()].sort((a, b) => compare(a.source, b.source) || compare(a.target, b.target));
}

function escape(goal: Goal, text: string | undefined): Finding {
  const { reference, location } = goal.found;
  const where = `${location.kind} ${location.name}, ${formatValuePath(location.path)}`;
  const now = text === undefined || text === reference ? "" : ` (as ${text})`;
  return {
    severity: "escape",
    code: "IMAGE_ESCAPES",
    message: `${reference} would still be pulled from outside the mirror${now}: no value reaches it in ${where}`,
    image: reference,
    location,
  };
}

function pick<K, V>(map: ReadonlyMap<K, V>, keys: Iterable<K>): Map<K, V> {
  return new Map([...keys].flatMap((key) => (map.has(key) ? [[key, map.get(key) as V] as const] : [])));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
