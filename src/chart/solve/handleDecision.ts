import type { Goal, RenderedTexts } from "../find/goals";
import { displaced, findMarkers, siteText, withoutMarkers, type Edit, type Handle } from "./markers";

/** What one render with markers says. */
export interface Decision {
  /** The edits to make. */
  readonly edits: ReadonlyMap<Handle, Edit>;
  /** The goals that each handle leads. */
  readonly led: ReadonlyMap<Handle, readonly Goal[]>;
  /** Handles that serve nothing or stand in the way of others. */
  readonly rejected: ReadonlySet<Handle>;
  /** Those of them that lead goals, but that no single text serves. */
  readonly divided: ReadonlySet<Handle>;
  readonly unsolved: readonly Goal[];
}

/**
 * Reads one render with markers: which handle leads which reference, what it must be replaced by, and who conflicts.
 *
 * A handle leads a reference when its marker is the first one there and nothing that is not right yet stands before it.
 * Before it stands nothing, or, where a handle further in front has been edited already, the beginning of the target.
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
  const needed = new Map<Handle, Map<string, Edit | undefined>>();
  const leaders = new Map<Goal, Leader>();
  for (const goal of goals) {
    const leader = leaderOf(goal, texts.get(goal), handles);
    if (!leader) continue;
    leaders.set(goal, leader);
    led.set(leader.handle, [...(led.get(leader.handle) ?? []), goal]);
  }
  const rejected = new Set<Handle>();
  const unclear = new Set<Handle>();
  for (const [goal, { handle }] of leaders) {
    const hiding = emptyBehindEmpty(texts.get(goal) ?? "", handles).filter((inner) => !led.has(inner));
    for (const inner of hiding) rejected.add(inner);
    if (hiding.length > 0) unclear.add(handle);
  }
  for (const [goal, { handle, before, behind }] of leaders) {
    if (unclear.has(handle)) continue;
    const edit = editFor(handle, goal.target.slice(before.length), behind);
    needed.set(handle, (needed.get(handle) ?? new Map<string, Edit | undefined>()).set(JSON.stringify(edit), edit));
  }

  const taken = new Map<Handle, Edit>();
  const divided = new Set<Handle>();
  for (const [handle, edits] of needed) {
    if (!led.get(handle)?.some((goal) => wanted.has(goal))) continue;
    const [edit] = edits.values();
    if (edits.size === 1 && edit && keeps(handle, edit)) continue;
    if (edits.size === 1 && edit) taken.set(handle, edit);
    else divided.add(handle);
  }
  for (const handle of divided) rejected.add(handle);

  // What was solved before stays so where nothing that is taken now stands in it.
  const isMet = (goal: Goal): boolean => {
    const text = texts.get(goal);
    if (!wanted.has(goal) && !takenIn(text ?? "", handles, taken).length) return true;
    return text !== undefined && predict(withoutHidden(goal, text, handles, taken), handles, taken) === goal.target;
  };
  // What is taken must also be right together: a marker inside of a reference may lead another one.
  for (let changed = true; changed;) {
    changed = false;
    for (const goal of goals) {
      if (isMet(goal)) continue;
      const inside = takenIn(texts.get(goal) ?? "", handles, taken);
      // Of a registry that was empty and a repository, the repository is what people set.
      const victim = inside.find(isEmptyPlace) ?? inside.at(-1);
      if (!victim) continue;
      taken.delete(victim);
      rejected.add(victim);
      changed = true;
    }
  }
  return { edits: taken, led, rejected, divided, unsolved: goals.filter((goal) => !isMet(goal)) };
}

/** Where in the text of a goal its leading marker stands. */
export interface Leader {
  readonly handle: Handle;
  /** The beginning of the target that stands there already. */
  readonly before: string;
  /** What the chart puts behind the marker. */
  readonly behind: string;
}

/** The handle that leads a goal in a render with markers. */
export function leaderOf(
  goal: Goal,
  text: string | undefined,
  handles: ReadonlyMap<number, Handle>,
): Leader | undefined {
  const first = text === undefined ? undefined : findMarkers(text)[0];
  const handle = first && handles.get(first.id);
  if (!handle || text === undefined) return undefined;
  const before = text.slice(0, first.start);
  if (!goal.target.startsWith(before)) return undefined;
  return {
    handle,
    before,
    behind: hiddenBehind(goal, text, handles) ?? withoutMarkers(text.slice(first.end), handles),
  };
}

/**
 * What stands behind a leading host or path where a marker further in stands for something empty: without it the chart
 * puts something of its own there (`{{ default .Values.organization .Values.global.registry }}`), which only the reference as it is
 * shows. Undefined where the marked text tells as much.
 */
function hiddenBehind(goal: Goal, text: string, handles: ReadonlyMap<number, Handle>): string | undefined {
  const [first, ...inside] = findMarkers(text);
  const handle = first?.start === 0 ? handles.get(first.id) : undefined;
  if (!handle || isEmptyPlace(handle)) return undefined;
  if (!inside.some(({ id }) => isEmptyPlace(handles.get(id)))) return undefined;
  const { text: original, separator } = displaced(handle);
  const { reference } = goal.found;
  return reference.startsWith(original) ? separator + reference.slice(original.length) : undefined;
}

/** A marked text in which markers of empty places that are not taken make room for what they hid. */
function withoutHidden(
  goal: Goal,
  text: string,
  handles: ReadonlyMap<number, Handle>,
  taken: ReadonlyMap<Handle, Edit>,
): string {
  const [first, ...inside] = findMarkers(text);
  const isTaken = ({ id }: { readonly id: number }): boolean => {
    const handle = handles.get(id);
    return handle !== undefined && taken.has(handle);
  };
  if (!first || !isTaken(first) || inside.some(isTaken)) return text;
  const behind = hiddenBehind(goal, text, handles);
  return behind === undefined ? text : text.slice(0, first.end) + behind;
}

/**
 * The empty places behind one that leads: of two pieces that the chart fills in by itself nobody can tell which is which, so the
 * render has to be made again without those that lead nothing.
 */
function emptyBehindEmpty(text: string, handles: ReadonlyMap<number, Handle>): readonly Handle[] {
  const [first, ...inside] = findMarkers(text);
  if (!first || !isEmptyPlace(handles.get(first.id))) return [];
  return inside.flatMap(({ id }) => {
    const handle = handles.get(id);
    return handle && isEmptyPlace(handle) ? [handle] : [];
  });
}

/** Whether nothing stands in the place of a handle: a registry or a repository that is empty or absent. */
function isEmptyPlace(handle: Handle | undefined): boolean {
  return handle?.form === "bare" || handle?.form === "whole";
}

/**
 * The edit with which a handle and what the chart puts behind it become `wanted`; undefined when there is none.
 *
 * Where the mirror drops a part of the path, the edit takes that part along, as far as it stands in the handle's site.
 */
function editFor(handle: Handle, wanted: string, behind: string): Edit | undefined {
  const { separator } = displaced(handle);
  if (wanted.endsWith(behind)) {
    const text = wanted.slice(0, wanted.length - behind.length);
    return text === "" ? undefined : { text: text + separator, end: handle.end };
  }
  if (isEmptyPlace(handle) || !behind.startsWith(separator)) return undefined;
  const path = behind.slice(separator.length);
  if (wanted === path) return { text: "", end: handle.end };
  const own = siteText(handle.site).slice(handle.end);
  const boundaries = [...path.matchAll(/\//g)].flatMap(({ index }) => [index, index + 1]);
  const cut = boundaries.find((at) => at > 0 && wanted.endsWith(path.slice(at)) && own.startsWith(path.slice(0, at)));
  if (cut === undefined) return undefined;
  const text = wanted.slice(0, wanted.length - (path.length - cut));
  return text === "" && cut === own.length ? undefined : { text, end: handle.end + cut };
}

/** Whether an edit changes nothing: all that is missing stands further in front. */
function keeps(handle: Handle, edit: Edit): boolean {
  return edit.end === handle.end && edit.text === displaced(handle).text;
}

/** The handles whose marker stands in a text and that are taken. */
function takenIn(
  text: string,
  handles: ReadonlyMap<number, Handle>,
  taken: ReadonlyMap<Handle, Edit>,
): readonly Handle[] {
  return findMarkers(text).flatMap(({ id }) => {
    const handle = handles.get(id);
    return handle && taken.has(handle) ? [handle] : [];
  });
}

/** The text that a reference becomes with these edits and no other marker; undefined when that cannot be told. */
function predict(
  text: string,
  handles: ReadonlyMap<number, Handle>,
  taken: ReadonlyMap<Handle, Edit>,
): string | undefined {
  let result = "";
  let at = 0;
  for (const hit of findMarkers(text)) {
    const handle = handles.get(hit.id);
    const edit = handle && taken.get(handle);
    if (!edit) continue;
    const replaced = displaced(handle).separator + siteText(handle.site).slice(handle.end, edit.end);
    if (!text.startsWith(replaced, hit.end)) return undefined;
    result += withoutMarkers(text.slice(at, hit.start), handles) + edit.text;
    at = hit.end + replaced.length;
  }
  return result + withoutMarkers(text.slice(at), handles);
}
