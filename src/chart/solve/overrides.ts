import type { JsonPath } from "../../json";
import type { RequiredReplacement, RenderedTexts } from "../find/requiredReplacements";
import { decide, controllerOf } from "./editDecision";
import { findMarkers, markedText, markerEdit, locationName, textAt, type Edit, type EditPoint } from "./markers";
import { untilSpent } from "../render/renderBudget";
import { SearchAllowance, type TrialRenderer } from "./trialRender";

/** Renders with these edits and these guards switched off. */
export type EditedRender = (edits: ReadonlyMap<EditPoint, Edit>, guards: readonly JsonPath[]) => Promise<RenderedTexts>;

/** The edits that yield the targets, and what they do not reach. */
export interface Solution {
  readonly edits: ReadonlyMap<EditPoint, Edit>;
  readonly unsolved: readonly RequiredReplacement[];
  /** The required replacements that each edited edit point controls. */
  readonly controlled: ReadonlyMap<EditPoint, readonly RequiredReplacement[]>;
}

/** The edit points to try for what is not solved yet. */
export type EditPointFinder = (unsolved: readonly RequiredReplacement[]) => readonly EditPoint[];

/**
 * One step of the search.
 *
 * - `points`: the edit points that control references on their own;
 * - `behind`: edit points of what stands behind those that several references share and that no single text serves
 *   (`docker.io` before `nginx` and `a/b`, where the mirror has `hub/library/nginx` and `hub/a/b`). The shared ones get
 *   the beginning of the targets, these the rest.
 */
export type Phase = ({ readonly points: EditPointFinder } | { readonly behind: EditPointFinder }) & {
  /** How many renders it may take to find out what makes others fail, where that is not told; as many as a search has unless told. */
  readonly searches?: number;
};

/** How often a phase is tried again without the edit points that turned out to be in each other's way. */
const TRIES = 4;

/** What earlier searches have found out about edit points. */
export interface Knowledge {
  /** Edit points, or whatever else, to leave alone. */
  readonly banned?: ReadonlySet<unknown>;
  /** Edit points whose text the chart refuses when it holds a path: they may still take a host alone. */
  readonly hostsAlone?: ReadonlySet<EditPoint>;
}

/**
 * Finds the edits that turn every reference into its target, by rendering with a marker in each edit point and reading
 * which marker controls which reference: that edit point owns it.
 *
 * An edit point is taken only when one edit serves every reference that it controls and the edit points taken so far stay true to
 * theirs. Each phase is rendered on top of what was taken before.
 */
export async function solveOverrides(
  replacements: readonly RequiredReplacement[],
  phases: readonly Phase[],
  trials: TrialRenderer,
  render: EditedRender,
  { banned = new Set(), hostsAlone = new Set() }: Knowledge = {},
): Promise<Solution> {
  const first = await search(replacements, phases, trials, render, { banned, hostsAlone });
  const hiding = first.hiding();
  if (hiding.length === 0) return first;
  // A global registry moved containers alone, and what one value would have moved together with them is left.
  const second = await search(replacements, phases, trials, render, {
    banned: new Set([...banned, ...hiding]),
    hostsAlone,
  });
  return second.unsolved.length < first.unsolved.length ? second : first;
}

async function search(
  replacements: readonly RequiredReplacement[],
  phases: readonly Phase[],
  trials: TrialRenderer,
  render: EditedRender,
  knowledge: Required<Knowledge>,
): Promise<OverrideSearch> {
  const search = new OverrideSearch(replacements, trials, render, knowledge);
  // A host that may not hold a path is known to control: only what stands behind it is to be found.
  const shared = knowledge.hostsAlone.size > 0 ? phases.filter((phase) => "behind" in phase) : [];
  for (const phase of [...shared, ...phases]) {
    if (search.unsolved.length === 0) break;
    search.allowance = new SearchAllowance(phase.searches);
    const isLast = await untilSpent(
      async () => {
        if ("points" in phase) await search.takeControlling(phase.points);
        else await search.share(phase.behind);
        return false;
      },
      () => true,
    );
    if (isLast) break;
  }
  return search;
}

/** What an edit point that several references share controls. */
interface Controlled {
  readonly replacements: RequiredReplacement[];
  /** What the chart puts behind it, for each required replacement. */
  readonly behind: string[];
}

class OverrideSearch implements Solution {
  edits = new Map<EditPoint, Edit>();
  controlled = new Map<EditPoint, readonly RequiredReplacement[]>();
  unsolved: readonly RequiredReplacement[];
  allowance = new SearchAllowance();
  /** Edit points that control references, but that no single text serves. */
  private readonly conflicting: Set<EditPoint>;
  /** Edit points that turned out to be of no use. */
  private out: Set<unknown>;
  private readonly banned: ReadonlySet<unknown>;
  private readonly hostsAlone: Set<EditPoint>;
  /** For each required replacement, the taken edit point that stands before one which controls it together with others. */
  private readonly hidden = new Map<RequiredReplacement, Set<EditPoint>>();

  constructor(
    private readonly replacements: readonly RequiredReplacement[],
    private readonly trials: TrialRenderer,
    private readonly render: EditedRender,
    { banned, hostsAlone }: Required<Knowledge>,
  ) {
    this.unsolved = replacements;
    this.banned = banned;
    this.hostsAlone = new Set(hostsAlone);
    this.conflicting = new Set([...hostsAlone].filter((point) => !banned.has(point)));
    this.out = new Set(banned);
  }

  /**
   * The taken edit points without which what is not solved might be: each is an empty registry before what a value names that controls
   * unsolved references too.
   */
  hiding(): readonly EditPoint[] {
    const found = this.unsolved.flatMap((replacement) => [...(this.hidden.get(replacement) ?? [])]);
    return [...new Set(found)].filter((point) => this.edits.has(point));
  }

  /** Looks for edit points that serve all the references that they control. */
  async takeControlling(find: EditPointFinder): Promise<void> {
    for (let attempt = 0; attempt < TRIES && this.unsolved.length > 0; attempt++) {
      const overlaps = this.overlapping();
      const marked = find(this.unsolved).filter(
        (point) => !this.out.has(point) && !this.hostsAlone.has(point) && !overlaps(point),
      );
      if (marked.length === 0) break;
      const { texts, live } = await this.mark(marked);
      const decision = decide(this.replacements, texts, live, new Set(this.unsolved));
      for (const point of decision.conflicting) this.noteHidden(decision.controlled.get(point) ?? [], texts);
      for (const [point, edit] of decision.edits) this.take(point, edit, decision.controlled.get(point) ?? []);
      this.unsolved = decision.unsolved;
      for (const point of decision.rejected) this.out.add(point);
      for (const point of decision.conflicting) this.conflicting.add(point);
      if (decision.rejected.size === 0) break;
    }
  }

  /** Looks for edit points that together with others behind them serve their references. */
  async share(behind: EditPointFinder): Promise<void> {
    // Where the rest cannot be told apart behind a longer beginning, it may be behind the host alone.
    for (const prefixOf of [sharedPrefix, sharedHost]) {
      const before = new Set(this.edits.keys());
      const { out } = this;
      for (const [point, { replacements, behind: rests }] of await this.sharedControllers()) {
        const prefix = this.hostsAlone.has(point) ? sharedHost(replacements) : prefixOf(replacements);
        const edit = sharedEdit(point, prefix, rests);
        if (edit) this.take(point, edit, replacements);
      }
      if ([...this.edits.keys()].every((point) => before.has(point))) return;
      this.out = new Set(out);
      try {
        await this.takeControlling(behind);
      } finally {
        // What was of no use behind one beginning may be behind another.
        this.out = out;
        this.dropUnfinished(before);
      }
    }
  }

  /** The conflicting edit points that control nothing but references that are not solved yet, and what the chart puts behind each. */
  private async sharedControllers(): Promise<ReadonlyMap<EditPoint, Controlled>> {
    const unsolved = new Set(this.unsolved);
    const overlaps = this.overlapping();
    let marked = [...this.conflicting].filter((point) => !this.banned.has(point) && !overlaps(point));
    while (marked.length > 0 && unsolved.size > 0) {
      const { texts, live } = await this.mark(marked);
      const points = new Map(live.map((point) => [point.id, point]));
      const controllers = new Map<EditPoint, Controlled>();
      for (const replacement of this.replacements) {
        const text = texts.get(replacement);
        const controller = text === undefined ? undefined : controllerOf(replacement, markedText(text), points);
        if (controller?.before !== "") continue;
        const shared: Controlled = controllers.get(controller.point) ?? { replacements: [], behind: [] };
        controllers.set(controller.point, shared);
        shared.replacements.push(replacement);
        shared.behind.push(controller.behind);
      }
      // A global value that would move solved references again hides the values that it wins over.
      const hiding = new Set(
        [...controllers].flatMap(([point, { replacements }]) =>
          replacements.every((g) => unsolved.has(g)) ? [] : [point],
        ),
      );
      if (hiding.size === 0) return controllers;
      marked = marked.filter((point) => !hiding.has(point));
    }
    return new Map();
  }

  /** Takes back every edit since `before` that belongs to a reference that did not become its target. */
  private dropUnfinished(before: ReadonlySet<EditPoint>): void {
    const unmet = new Set(this.unsolved);
    for (let changed = true; changed;) {
      changed = false;
      for (const [point, replacements] of this.controlled) {
        if (before.has(point) || !this.edits.has(point) || !replacements.some((replacement) => unmet.has(replacement)))
          continue;
        this.edits.delete(point);
        for (const replacement of replacements) unmet.add(replacement);
        changed = true;
      }
    }
    for (const point of [...this.controlled.keys()]) if (!this.edits.has(point)) this.controlled.delete(point);
    this.unsolved = this.replacements.filter((replacement) => unmet.has(replacement));
  }

  /**
   * Renders with a marker in each of these edit points, as far as the chart lets them pass. What was taken before is on trial
   * again: a chart may let a host pass and refuse the path behind it.
   */
  private async mark(marked: readonly EditPoint[]): Promise<{ texts: RenderedTexts; live: readonly EditPoint[] }> {
    const { edits } = this;
    const { result: texts, live } = await this.trials.probe(
      [...edits.keys(), ...marked],
      (some, guards) =>
        this.render(new Map(some.map((point) => [point, edits.get(point) ?? markerEdit(point)])), guards),
      this.allowance,
    );
    const passed = new Set(live);
    for (const point of edits.keys()) if (!passed.has(point)) this.giveUp(point);
    return { texts, live: live.filter((point) => !edits.has(point)) };
  }

  /** Takes back an edit that the chart refuses. Of a text that may not hold a path the host is left to try. */
  private giveUp(point: EditPoint): void {
    const replacements = this.controlled.get(point) ?? [];
    this.edits.delete(point);
    this.controlled.delete(point);
    this.out.add(point);
    this.unsolved = this.replacements.filter(
      (replacement) => this.unsolved.includes(replacement) || replacements.includes(replacement),
    );
    if (this.hostsAlone.has(point)) this.conflicting.delete(point);
    else this.conflicting.add(point);
    this.hostsAlone.add(point);
  }

  /** Remembers which empty registries stand before an edit point that controls some references alone. */
  private noteHidden(replacements: readonly RequiredReplacement[], texts: RenderedTexts): void {
    const before = (replacement: RequiredReplacement): boolean =>
      (findMarkers(texts.get(replacement) ?? "")[0]?.start ?? 0) > 0;
    const hiding = [...this.controlled].flatMap(([point, controlled]) =>
      point.form === "bare" &&
      replacements.some((replacement) => before(replacement) && controlled.includes(replacement))
        ? [point]
        : [],
    );
    for (const replacement of replacements)
      if (!before(replacement))
        this.hidden.set(replacement, new Set([...(this.hidden.get(replacement) ?? []), ...hiding]));
  }

  private take(point: EditPoint, edit: Edit, replacements: readonly RequiredReplacement[]): void {
    this.edits.set(point, edit);
    this.controlled.set(point, replacements);
  }

  /** Tells whether a piece of an edit point's text is taken by another one, or by itself. */
  private overlapping(): (point: EditPoint) => boolean {
    const taken = new Map<string, (readonly [start: number, end: number])[]>();
    for (const [{ location, start }, { end }] of this.edits) {
      const place = locationName(location);
      const pieces = taken.get(place);
      if (pieces) pieces.push([start, end]);
      else taken.set(place, [[start, end]]);
    }
    return (point) =>
      (taken.get(locationName(point.location)) ?? []).some(([start, end]) => point.start <= end && start <= point.end);
  }
}

/** What all the targets stand below. */
function sharedPrefix(replacements: readonly RequiredReplacement[]): string {
  const prefixes = new Set(replacements.map(({ prefix }) => prefix));
  return prefixes.size === 1 ? ([...prefixes][0] as string) : sharedHost(replacements);
}

function sharedHost([replacement]: readonly RequiredReplacement[]): string {
  const target = replacement?.target ?? "";
  return target.slice(0, target.indexOf("/"));
}

/** Puts the beginning of targets into an edit point, in place of it and of the path behind it in the same text. */
function sharedEdit(point: EditPoint, prefix: string, behind: readonly string[]): Edit | undefined {
  switch (point.form) {
    case "bare":
      return { text: prefix, end: point.end };
    case "prefix":
      return { text: `${prefix}/`, end: point.end };
    case "host": {
      const own = textAt(point.location).slice(point.end);
      // Only a text that is nothing but the beginning of references has a path that they share.
      const path = behind.every((text) => text.startsWith(own)) ? own.slice(0, own.lastIndexOf("/") + 1) : "";
      const whole = behind.every((text) => text.startsWith(`${own}/`)) ? own : path.replace(/\/$/, "");
      return { text: prefix, end: point.end + whole.length };
    }
    case "whole":
      return undefined;
  }
}
