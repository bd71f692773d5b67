import type { JsonPath } from "../json";
import type { Goal } from "./goals";
import type { TrialRenderer } from "./trialRender";
import { findMarkers, markerOf, siteName, withoutMarkers, type Handle } from "./markers";

/** What stands at the place of each goal in another render; nothing where the place is gone. */
export type RenderedTexts = ReadonlyMap<Goal, string>;

/** Renders with these replacements in their handles and these guards switched off. */
export type ReplacedRender = (
  replacements: ReadonlyMap<Handle, string>,
  guards: readonly JsonPath[],
) => Promise<RenderedTexts>;

/** The replacements that yield the targets, and what they do not reach. */
export interface Solution {
  readonly replacements: ReadonlyMap<Handle, string>;
  readonly unsolved: readonly Goal[];
  /** What the last render showed of each handle: the goals that it leads. */
  readonly led: ReadonlyMap<Handle, readonly Goal[]>;
}

/** One step of the search: the handles to try for what is not solved yet. */
export type Phase = (unsolved: readonly Goal[]) => readonly Handle[];

/** How often a phase is tried again without the handles that turned out to be in each other's way. */
const TRIES = 4;

/**
 * Finds the replacements that turn every reference into its target, by rendering with a marker in each handle and reading
 * which marker leads which reference: that handle owns it.
 *
 * A handle is taken only when one replacement serves every reference that it leads and the handles taken so far stay
 * true to theirs. Each phase is rendered on top of what was taken before.
 */
export async function solveOverrides(
  goals: readonly Goal[],
  phases: readonly Phase[],
  trials: TrialRenderer,
  render: ReplacedRender,
  banned: ReadonlySet<unknown> = new Set(),
): Promise<Solution> {
  const replacements = new Map<Handle, string>();
  const led = new Map<Handle, Goal[]>();
  const out = new Set<unknown>(banned);
  let unsolved = goals;
  for (const phase of phases) {
    if (unsolved.length === 0) break;
    for (let attempt = 0; attempt < TRIES && unsolved.length > 0; attempt++) {
      const marked = phase(unsolved).filter((handle) => !out.has(handle) && !overlaps(handle, replacements));
      if (marked.length === 0) break;
      const { result, live } = await trials.probe(marked, (some, guards) =>
        render(new Map([...replacements, ...some.map((handle) => [handle, markerOf(handle)] as const)]), guards),
      );
      const decision = decide(goals, result, live, new Set(unsolved));
      for (const [handle, replacement] of decision.replacements) {
        replacements.set(handle, replacement);
        led.set(handle, decision.led.get(handle) ?? []);
      }
      unsolved = decision.unsolved;
      for (const handle of decision.rejected) out.add(handle);
      if (decision.rejected.size === 0) break;
    }
  }
  return { replacements, unsolved, led };
}

/** Whether a piece of the handle's text is taken by another one, or by itself. */
function overlaps(handle: Handle, taken: ReadonlyMap<Handle, string>): boolean {
  const place = siteName(handle.site);
  for (const other of taken.keys())
    if (siteName(other.site) === place && handle.start <= other.end && other.start <= handle.end) return true;
  return false;
}

interface Decision {
  readonly replacements: ReadonlyMap<Handle, string>;
  readonly led: ReadonlyMap<Handle, Goal[]>;
  readonly rejected: ReadonlySet<Handle>;
  readonly unsolved: Goal[];
}

/**
 * Reads one render with markers: which handle leads which reference, what it must be replaced by, and who conflicts.
 *
 * @param wanted the goals that are not solved yet: a handle that serves none of them is not needed
 */
export function decide(
  goals: readonly Goal[],
  texts: RenderedTexts,
  marked: readonly Handle[],
  wanted: ReadonlySet<Goal> = new Set(goals),
): Decision {
  const handles = new Map(marked.map((handle) => [handle.id, handle]));
  const led = new Map<Handle, Goal[]>();
  const needed = new Map<Handle, Set<string | undefined>>();
  for (const goal of goals) {
    const text = texts.get(goal);
    const first = text === undefined ? undefined : findMarkers(text)[0];
    const handle = first?.start === 0 ? handles.get(first.id) : undefined;
    if (!handle || text === undefined || !first) continue;
    const rest = withoutMarkers(text.slice(first.end), handles);
    append(led, handle, goal);
    const replacement = goal.target.endsWith(rest) ? goal.target.slice(0, goal.target.length - rest.length) : undefined;
    const set = needed.get(handle) ?? new Set();
    needed.set(handle, set.add(replacement));
  }

  const rejected = new Set<Handle>();
  const taken = new Map<Handle, string>();
  for (const [handle, replacements] of needed) {
    if (!led.get(handle)?.some((goal) => wanted.has(goal))) continue;
    const [replacement] = replacements;
    if (replacements.size === 1 && replacement) taken.set(handle, replacement);
    else rejected.add(handle);
  }

  // What was solved before stays so where nothing that is taken now stands in it.
  const isMet = (goal: Goal): boolean => {
    const text = texts.get(goal);
    if (!wanted.has(goal) && !takenIn(text ?? "", handles, taken).length) return true;
    return text !== undefined && predict(text, handles, taken) === goal.target;
  };
  // What is taken must also be right together: a marker inside of a reference may lead another one.
  for (let changed = true; changed;) {
    changed = false;
    for (const goal of goals) {
      if (isMet(goal)) continue;
      const inside = takenIn(texts.get(goal) ?? "", handles, taken);
      // Of a registry that was empty and a repository, the repository is what people set.
      const victim = inside.find((handle) => handle.form === "bare" || handle.form === "whole") ?? inside.at(-1);
      if (!victim) continue;
      taken.delete(victim);
      rejected.add(victim);
      changed = true;
    }
  }
  return { replacements: taken, led, rejected, unsolved: goals.filter((goal) => !isMet(goal)) };
}

/** The handles whose marker stands in a text and that are taken. */
function takenIn(
  text: string,
  handles: ReadonlyMap<number, Handle>,
  taken: ReadonlyMap<Handle, string>,
): readonly Handle[] {
  return findMarkers(text).flatMap(({ id }) => {
    const handle = handles.get(id);
    return handle && taken.has(handle) ? [handle] : [];
  });
}

/** The text that a reference becomes with these replacements and no other marker. */
function predict(text: string, handles: ReadonlyMap<number, Handle>, taken: ReadonlyMap<Handle, string>): string {
  let result = "";
  let at = 0;
  for (const hit of findMarkers(text)) {
    const replacement = taken.get(handles.get(hit.id) as Handle);
    if (replacement === undefined) continue;
    result += withoutMarkers(text.slice(at, hit.start), handles) + replacement;
    at = hit.end;
  }
  return result + withoutMarkers(text.slice(at), handles);
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
