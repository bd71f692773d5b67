import type { JsonPath } from "../../json";
import type { Goal, RenderedTexts } from "../find/goals";
import { decide, leaderOf } from "./handleDecision";
import { findMarkers, markerEdit, siteName, siteText, type Edit, type Handle } from "./markers";
import type { TrialRenderer } from "./trialRender";

/** Renders with these edits and these guards switched off. */
export type EditedRender = (edits: ReadonlyMap<Handle, Edit>, guards: readonly JsonPath[]) => Promise<RenderedTexts>;

/** The edits that yield the targets, and what they do not reach. */
export interface Solution {
  readonly edits: ReadonlyMap<Handle, Edit>;
  readonly unsolved: readonly Goal[];
  /** The goals that each edited handle leads. */
  readonly led: ReadonlyMap<Handle, readonly Goal[]>;
}

/** The handles to try for what is not solved yet. */
export type HandleFinder = (unsolved: readonly Goal[]) => readonly Handle[];

/**
 * One step of the search.
 *
 * - `handles`: the handles that lead references on their own;
 * - `behind`: handles of what stands behind those that several references share and that no single text serves
 *   (`docker.io` before `nginx` and `a/b`, where the mirror has `hub/library/nginx` and `hub/a/b`). The shared ones get
 *   the beginning of the targets, these the rest.
 */
export type Phase = { readonly handles: HandleFinder } | { readonly behind: HandleFinder };

/** How often a phase is tried again without the handles that turned out to be in each other's way. */
const TRIES = 4;

/** What is known of handles from searches before. */
export interface Knowledge {
  /** Handles, or whatever else, to leave alone. */
  readonly banned?: ReadonlySet<unknown>;
  /** Handles whose text the chart refuses when it holds a path: they may still take a host alone. */
  readonly hostsAlone?: ReadonlySet<Handle>;
}

/**
 * Finds the edits that turn every reference into its target, by rendering with a marker in each handle and reading
 * which marker leads which reference: that handle owns it.
 *
 * A handle is taken only when one edit serves every reference that it leads and the handles taken so far stay true to
 * theirs. Each phase is rendered on top of what was taken before.
 */
export async function solveOverrides(
  goals: readonly Goal[],
  phases: readonly Phase[],
  trials: TrialRenderer,
  render: EditedRender,
  { banned = new Set(), hostsAlone = new Set() }: Knowledge = {},
): Promise<Solution> {
  const first = await search(goals, phases, trials, render, { banned, hostsAlone });
  const hiding = first.hiding();
  if (hiding.length === 0) return first;
  // A global registry moved containers alone, and what one value would have moved together with them is left.
  const second = await search(goals, phases, trials, render, { banned: new Set([...banned, ...hiding]), hostsAlone });
  return second.unsolved.length < first.unsolved.length ? second : first;
}

async function search(
  goals: readonly Goal[],
  phases: readonly Phase[],
  trials: TrialRenderer,
  render: EditedRender,
  knowledge: Required<Knowledge>,
): Promise<OverrideSearch> {
  const search = new OverrideSearch(goals, trials, render, knowledge);
  // A host that may not hold a path is known to lead: only what stands behind it is to be found.
  const shared = knowledge.hostsAlone.size > 0 ? phases.filter((phase) => "behind" in phase) : [];
  for (const phase of [...shared, ...phases]) {
    if (search.unsolved.length === 0) break;
    if ("handles" in phase) await search.lead(phase.handles);
    else await search.share(phase.behind);
  }
  return search;
}

/** What a handle that several references share leads. */
interface SharedLeader {
  readonly goals: readonly Goal[];
  /** What the chart puts behind it, for each goal. */
  readonly behind: readonly string[];
}

class OverrideSearch implements Solution {
  edits = new Map<Handle, Edit>();
  led = new Map<Handle, readonly Goal[]>();
  unsolved: readonly Goal[];
  /** Handles that lead references, but that no single text serves. */
  private readonly divided: Set<Handle>;
  /** Handles that turned out to be of no use. */
  private out: Set<unknown>;
  private readonly banned: ReadonlySet<unknown>;
  private readonly hostsAlone: Set<Handle>;
  /** For each goal, the taken handle that stands before one which leads it together with others. */
  private readonly hidden = new Map<Goal, Set<Handle>>();

  constructor(
    private readonly goals: readonly Goal[],
    private readonly trials: TrialRenderer,
    private readonly render: EditedRender,
    { banned, hostsAlone }: Required<Knowledge>,
  ) {
    this.unsolved = goals;
    this.banned = banned;
    this.hostsAlone = new Set(hostsAlone);
    this.divided = new Set([...hostsAlone].filter((handle) => !banned.has(handle)));
    this.out = new Set(banned);
  }

  /**
   * The taken handles without which what is not solved might be: each is an empty registry before what a value names that leads
   * unsolved references too.
   */
  hiding(): readonly Handle[] {
    const found = this.unsolved.flatMap((goal) => [...(this.hidden.get(goal) ?? [])]);
    return [...new Set(found)].filter((handle) => this.edits.has(handle));
  }

  /** Looks for handles that serve all the references that they lead. */
  async lead(find: HandleFinder): Promise<void> {
    for (let attempt = 0; attempt < TRIES && this.unsolved.length > 0; attempt++) {
      const marked = find(this.unsolved).filter(
        (handle) => !this.out.has(handle) && !this.hostsAlone.has(handle) && !this.overlaps(handle),
      );
      if (marked.length === 0) break;
      const { texts, live } = await this.mark(marked);
      const decision = decide(this.goals, texts, live, new Set(this.unsolved));
      for (const handle of decision.divided) this.noteHidden(decision.led.get(handle) ?? [], texts);
      for (const [handle, edit] of decision.edits) this.take(handle, edit, decision.led.get(handle) ?? []);
      this.unsolved = decision.unsolved;
      for (const handle of decision.rejected) this.out.add(handle);
      for (const handle of decision.divided) this.divided.add(handle);
      if (decision.rejected.size === 0) break;
    }
  }

  /** Looks for handles that together with others behind them serve their references. */
  async share(behind: HandleFinder): Promise<void> {
    // Where the rest cannot be told apart behind a longer beginning, it may be behind the host alone.
    for (const prefixOf of [sharedPrefix, sharedHost]) {
      const before = new Set(this.edits.keys());
      const { out } = this;
      for (const [handle, { goals, behind: rests }] of await this.sharedLeaders()) {
        const prefix = this.hostsAlone.has(handle) ? sharedHost(goals) : prefixOf(goals);
        const edit = sharedEdit(handle, prefix, rests);
        if (edit) this.take(handle, edit, goals);
      }
      if ([...this.edits.keys()].every((handle) => before.has(handle))) return;
      this.out = new Set(out);
      await this.lead(behind);
      // What was of no use behind one beginning may be behind another.
      this.out = out;
      this.dropUnfinished(before);
    }
  }

  /** The divided handles that lead nothing but references that are not solved yet, and what the chart puts behind each. */
  private async sharedLeaders(): Promise<ReadonlyMap<Handle, SharedLeader>> {
    const unsolved = new Set(this.unsolved);
    let marked = [...this.divided].filter((handle) => !this.banned.has(handle) && !this.overlaps(handle));
    while (marked.length > 0 && unsolved.size > 0) {
      const { texts, live } = await this.mark(marked);
      const handles = new Map(live.map((handle) => [handle.id, handle]));
      const leaders = new Map<Handle, SharedLeader>();
      for (const goal of this.goals) {
        const leader = leaderOf(goal, texts.get(goal), handles);
        if (leader?.before !== "") continue;
        const { goals, behind } = leaders.get(leader.handle) ?? { goals: [], behind: [] };
        leaders.set(leader.handle, { goals: [...goals, goal], behind: [...behind, leader.behind] });
      }
      // A global value that would move solved references again hides the values that it wins over.
      const hiding = new Set(
        [...leaders].flatMap(([handle, { goals }]) => (goals.every((g) => unsolved.has(g)) ? [] : [handle])),
      );
      if (hiding.size === 0) return leaders;
      marked = marked.filter((handle) => !hiding.has(handle));
    }
    return new Map();
  }

  /** Takes back every edit since `before` that belongs to a reference that did not become its target. */
  private dropUnfinished(before: ReadonlySet<Handle>): void {
    const unmet = new Set(this.unsolved);
    for (let changed = true; changed;) {
      changed = false;
      for (const [handle, goals] of this.led) {
        if (before.has(handle) || !this.edits.has(handle) || !goals.some((goal) => unmet.has(goal))) continue;
        this.edits.delete(handle);
        for (const goal of goals) unmet.add(goal);
        changed = true;
      }
    }
    for (const handle of [...this.led.keys()]) if (!this.edits.has(handle)) this.led.delete(handle);
    this.unsolved = this.goals.filter((goal) => unmet.has(goal));
  }

  /**
   * Renders with a marker in each of these handles, as far as the chart lets them pass. What was taken before is on trial
   * again: a chart may let a host pass and refuse the path behind it.
   */
  private async mark(marked: readonly Handle[]): Promise<{ texts: RenderedTexts; live: readonly Handle[] }> {
    const { edits } = this;
    const { result: texts, live } = await this.trials.probe([...edits.keys(), ...marked], (some, guards) =>
      this.render(new Map(some.map((handle) => [handle, edits.get(handle) ?? markerEdit(handle)])), guards),
    );
    const passed = new Set(live);
    for (const handle of edits.keys()) if (!passed.has(handle)) this.giveUp(handle);
    return { texts, live: live.filter((handle) => !edits.has(handle)) };
  }

  /** Takes back an edit that the chart refuses. Of a text that may not hold a path the host is left to try. */
  private giveUp(handle: Handle): void {
    const goals = this.led.get(handle) ?? [];
    this.edits.delete(handle);
    this.led.delete(handle);
    this.out.add(handle);
    this.unsolved = this.goals.filter((goal) => this.unsolved.includes(goal) || goals.includes(goal));
    if (this.hostsAlone.has(handle)) this.divided.delete(handle);
    else this.divided.add(handle);
    this.hostsAlone.add(handle);
  }

  /** Remembers which empty registries stand before a handle that leads some references alone. */
  private noteHidden(goals: readonly Goal[], texts: RenderedTexts): void {
    const before = (goal: Goal): boolean => (findMarkers(texts.get(goal) ?? "")[0]?.start ?? 0) > 0;
    const hiding = [...this.led].flatMap(([handle, led]) =>
      handle.form === "bare" && goals.some((goal) => before(goal) && led.includes(goal)) ? [handle] : [],
    );
    for (const goal of goals)
      if (!before(goal)) this.hidden.set(goal, new Set([...(this.hidden.get(goal) ?? []), ...hiding]));
  }

  private take(handle: Handle, edit: Edit, goals: readonly Goal[]): void {
    this.edits.set(handle, edit);
    this.led.set(handle, goals);
  }

  /** Whether a piece of the handle's text is taken by another one, or by itself. */
  private overlaps(handle: Handle): boolean {
    const place = siteName(handle.site);
    for (const [other, edit] of this.edits)
      if (siteName(other.site) === place && handle.start <= edit.end && other.start <= handle.end) return true;
    return false;
  }
}

/** What all the targets stand below. */
function sharedPrefix(goals: readonly Goal[]): string {
  const prefixes = new Set(goals.map(({ prefix }) => prefix));
  return prefixes.size === 1 ? ([...prefixes][0] as string) : sharedHost(goals);
}

function sharedHost([goal]: readonly Goal[]): string {
  const target = goal?.target ?? "";
  return target.slice(0, target.indexOf("/"));
}

/** Puts the beginning of targets into a handle, in place of it and of the path behind it in the same text. */
function sharedEdit(handle: Handle, prefix: string, behind: readonly string[]): Edit | undefined {
  switch (handle.form) {
    case "bare":
      return { text: prefix, end: handle.end };
    case "prefix":
      return { text: `${prefix}/`, end: handle.end };
    case "host": {
      const own = siteText(handle.site).slice(handle.end);
      // Only a text that is nothing but the beginning of references has a path that they share.
      const path = behind.every((text) => text.startsWith(own)) ? own.slice(0, own.lastIndexOf("/") + 1) : "";
      const whole = behind.every((text) => text.startsWith(`${own}/`)) ? own : path.replace(/\/$/, "");
      return { text: prefix, end: handle.end + whole.length };
    }
    case "whole":
      return undefined;
  }
}
