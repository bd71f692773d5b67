import type { RequiredReplacement, RenderedTexts } from "../find/requiredReplacements";
import { displaced, markedText, textAt, withoutMarkers, type Edit, type EditPoint, type MarkedText } from "./markers";

/** What a render with markers shows: the edits to make, and the edit points that are of no use. */
export interface EditDecision {
  /** The edits to make. */
  readonly edits: ReadonlyMap<EditPoint, Edit>;
  /** The required replacements that each edit point controls. */
  readonly controlled: ReadonlyMap<EditPoint, readonly RequiredReplacement[]>;
  /** Edit points that serve nothing or stand in the way of others. */
  readonly rejected: ReadonlySet<EditPoint>;
  /** Those of them that control required replacements, but that no single text serves. */
  readonly conflicting: ReadonlySet<EditPoint>;
  readonly unsolved: readonly RequiredReplacement[];
}

/**
 * Reads one render with markers: which edit point controls which reference, what it must be replaced by, and who conflicts.
 *
 * An edit point controls a reference when its marker is the first one there and nothing that is not right yet stands before it.
 * Before it stands nothing, or, where an edit point further in front has been edited already, the beginning of the target.
 *
 * @param wanted the required replacements that are not solved yet: an edit point that serves none of them is not needed
 */
export function decide(
  replacements: readonly RequiredReplacement[],
  texts: RenderedTexts,
  marked: readonly EditPoint[],
  wanted: ReadonlySet<RequiredReplacement> = new Set(replacements),
): EditDecision {
  const points = new Map(marked.map((point) => [point.id, point]));
  const read = new Map<RequiredReplacement, MarkedText>();
  for (const [replacement, text] of texts) read.set(replacement, markedText(text));
  const controlled = new Map<EditPoint, RequiredReplacement[]>();
  const needed = new Map<EditPoint, { readonly edit: Edit | undefined; readonly isOne: boolean }>();
  const controllers = new Map<RequiredReplacement, Controller>();
  for (const replacement of replacements) {
    const controller = controllerOf(replacement, read.get(replacement), points);
    if (!controller) continue;
    controllers.set(replacement, controller);
    const others = controlled.get(controller.point);
    if (others) others.push(replacement);
    else controlled.set(controller.point, [replacement]);
  }
  const rejected = new Set<EditPoint>();
  const unclear = new Set<EditPoint>();
  for (const [replacement, { point }] of controllers) {
    const hiding = emptyBehindEmpty(read.get(replacement), points).filter((inner) => !controlled.has(inner));
    for (const inner of hiding) rejected.add(inner);
    if (hiding.length > 0) unclear.add(point);
  }
  for (const [replacement, { point, before, behind }] of controllers) {
    if (unclear.has(point)) continue;
    const edit = editFor(point, replacement.target.slice(before.length), behind);
    const other = needed.get(point);
    if (!other) needed.set(point, { edit, isOne: true });
    else if (!isSameEdit(other.edit, edit)) needed.set(point, { edit, isOne: false });
  }

  const taken = new Map<EditPoint, Edit>();
  const conflicting = new Set<EditPoint>();
  for (const [point, { edit, isOne }] of needed) {
    if (!controlled.get(point)?.some((replacement) => wanted.has(replacement))) continue;
    if (isOne && edit && keeps(point, edit)) continue;
    if (isOne && edit) taken.set(point, edit);
    else conflicting.add(point);
  }
  for (const point of conflicting) rejected.add(point);

  // What was solved before stays so where nothing that is taken now stands in it.
  const isMet = (replacement: RequiredReplacement): boolean => {
    const text = read.get(replacement);
    if (!wanted.has(replacement) && !takenIn(text, points, taken).length) return true;
    return (
      text !== undefined &&
      predict(withoutHidden(replacement, text, points, taken), points, taken) === replacement.target
    );
  };
  // What is taken must also be right together: a marker inside of a reference may control another one.
  let unsolved: RequiredReplacement[] = [];
  for (let changed = true; changed;) {
    changed = false;
    unsolved = [];
    for (const replacement of replacements) {
      if (isMet(replacement)) continue;
      unsolved.push(replacement);
      const inside = takenIn(read.get(replacement), points, taken);
      // Of a registry that was empty and a repository, the repository is what people set.
      const victim = inside.find(isEmptyPlace) ?? inside.at(-1);
      if (!victim) continue;
      taken.delete(victim);
      rejected.add(victim);
      changed = true;
    }
  }
  return {
    edits: taken,
    controlled,
    rejected,
    conflicting,
    // As the last time has it, in which nothing changed any more.
    unsolved,
  };
}

/** Where in the text of a required replacement its controlling marker stands. */
export interface Controller {
  readonly point: EditPoint;
  /** The beginning of the target that stands there already. */
  readonly before: string;
  /** What the chart puts behind the marker. */
  readonly behind: string;
}

/** The edit point that controls a required replacement in a render with markers. */
export function controllerOf(
  replacement: RequiredReplacement,
  marked: MarkedText | undefined,
  points: ReadonlyMap<number, EditPoint>,
): Controller | undefined {
  const first = marked?.hits[0];
  const point = first && points.get(first.id);
  if (!point) return undefined;
  const { text } = marked;
  const before = text.slice(0, first.start);
  if (!replacement.target.startsWith(before)) return undefined;
  return {
    point,
    before,
    behind: hiddenBehind(replacement, marked, points) ?? withoutMarkers(text.slice(first.end), points),
  };
}

/**
 * What stands behind a controlling host or path where a marker further in stands for something empty: without it the chart
 * puts something of its own there (`{{ default .Values.organization .Values.global.registry }}`), which only the reference as it is
 * shows. Undefined where the marked text tells as much.
 */
function hiddenBehind(
  replacement: RequiredReplacement,
  { hits }: MarkedText,
  points: ReadonlyMap<number, EditPoint>,
): string | undefined {
  const [first, ...inside] = hits;
  const point = first?.start === 0 ? points.get(first.id) : undefined;
  if (!point || isEmptyPlace(point)) return undefined;
  if (!inside.some(({ id }) => isEmptyPlace(points.get(id)))) return undefined;
  const { text: original, separator } = displaced(point);
  const { reference } = replacement.found;
  return reference.startsWith(original) ? separator + reference.slice(original.length) : undefined;
}

/** A marked text in which markers of empty places that are not taken make room for what they hid. */
function withoutHidden(
  replacement: RequiredReplacement,
  marked: MarkedText,
  points: ReadonlyMap<number, EditPoint>,
  taken: ReadonlyMap<EditPoint, Edit>,
): MarkedText {
  const [first, ...inside] = marked.hits;
  const isTaken = ({ id }: { readonly id: number }): boolean => {
    const point = points.get(id);
    return point !== undefined && taken.has(point);
  };
  if (!first || !isTaken(first) || inside.some(isTaken)) return marked;
  const behind = hiddenBehind(replacement, marked, points);
  return behind === undefined ? marked : markedText(marked.text.slice(0, first.end) + behind);
}

/**
 * The empty places behind one that controls: of two pieces that the chart fills in by itself nobody can tell which is which, so the
 * render has to be made again without those that control nothing.
 */
function emptyBehindEmpty(
  marked: MarkedText | undefined,
  points: ReadonlyMap<number, EditPoint>,
): readonly EditPoint[] {
  const [first, ...inside] = marked?.hits ?? [];
  if (!first || !isEmptyPlace(points.get(first.id))) return [];
  return inside.flatMap(({ id }) => {
    const point = points.get(id);
    return point && isEmptyPlace(point) ? [point] : [];
  });
}

/** Whether nothing stands in the place of an edit point: a registry or a repository that is empty or absent. */
function isEmptyPlace(point: EditPoint | undefined): boolean {
  return point?.form === "bare" || point?.form === "whole";
}

/**
 * The edit with which an edit point and what the chart puts behind it become `wanted`; undefined when there is none.
 *
 * Where the mirror drops a part of the path, the edit takes that part along, as far as it stands in the edit point's location.
 */
function editFor(point: EditPoint, wanted: string, behind: string): Edit | undefined {
  const { separator } = displaced(point);
  if (wanted.endsWith(behind)) {
    const text = wanted.slice(0, wanted.length - behind.length);
    return text === "" ? undefined : { text: text + separator, end: point.end };
  }
  if (isEmptyPlace(point) || !behind.startsWith(separator)) return undefined;
  const path = behind.slice(separator.length);
  if (wanted === path) return { text: "", end: point.end };
  const own = textAt(point.location).slice(point.end);
  const boundaries = [...path.matchAll(/\//g)].flatMap(({ index }) => [index, index + 1]);
  const cut = boundaries.find((at) => at > 0 && wanted.endsWith(path.slice(at)) && own.startsWith(path.slice(0, at)));
  if (cut === undefined) return undefined;
  const text = wanted.slice(0, wanted.length - (path.length - cut));
  return text === "" && cut === own.length ? undefined : { text, end: point.end + cut };
}

const isSameEdit = (one: Edit | undefined, other: Edit | undefined): boolean =>
  one?.text === other?.text && one?.end === other?.end;

/** Whether an edit changes nothing: all that is missing stands further in front. */
function keeps(point: EditPoint, edit: Edit): boolean {
  return edit.end === point.end && edit.text === displaced(point).text;
}

/** The edit points whose marker stands in a text and that are taken. */
function takenIn(
  marked: MarkedText | undefined,
  points: ReadonlyMap<number, EditPoint>,
  taken: ReadonlyMap<EditPoint, Edit>,
): readonly EditPoint[] {
  return (marked?.hits ?? []).flatMap(({ id }) => {
    const point = points.get(id);
    return point && taken.has(point) ? [point] : [];
  });
}

/** The text that a reference becomes with these edits and no other marker; undefined when that cannot be told. */
function predict(
  { text, hits }: MarkedText,
  points: ReadonlyMap<number, EditPoint>,
  taken: ReadonlyMap<EditPoint, Edit>,
): string | undefined {
  let result = "";
  let at = 0;
  for (const hit of hits) {
    const point = points.get(hit.id);
    const edit = point && taken.get(point);
    if (!edit) continue;
    const replaced = displaced(point).separator + textAt(point.location).slice(point.end, edit.end);
    if (!text.startsWith(replaced, hit.end)) return undefined;
    result += withoutMarkers(text.slice(at, hit.start), points) + edit.text;
    at = hit.end + replaced.length;
  }
  return result + withoutMarkers(text.slice(at), points);
}
