import type { Json, JsonPath } from "../../json";
import { formatValuePath } from "../content/valuePaths";

/** Something that a render can carry on trial: a marker in a value, a name in a list of pull secrets. */
export interface Trial {
  /** Unique in one analysis; the marker carries it, so that an error can name it. */
  readonly id: number;
  /** The value that carries it; an error can name that too. */
  readonly valuePath?: JsonPath;
  /** The location of the file that carries it, where nothing but this file can go wrong by it. */
  readonly file?: string;
}

/**
 * A place whose text may decide where images come from, with the piece of that text that stands for the host.
 *
 * A place is a value of the chart or a file of it; one text (a long string, a template) can hold several.
 */
export interface EditPoint extends Trial {
  readonly location: ValueLocation | FileLocation;
  /** The piece of the location's text that is replaced; empty where something is put before, or where nothing stands. */
  readonly start: number;
  readonly end: number;
  readonly form: EditForm;
}

/**
 * How the replacement goes into the text.
 *
 * - `host`: it takes the place of a host, the path behind stays;
 * - `prefix`: it is put before a path that has no host, with a slash;
 * - `bare`: it is the whole text of an empty or absent registry;
 * - `whole`: it is the whole text of an empty or absent repository or image; its marker looks like an image, since
 *   charts split such texts at slashes.
 */
export type EditForm = "host" | "prefix" | "bare" | "whole";

/** A place worth marking; {@link EditPointCatalogue} makes it an edit point. */
export type Candidate = Omit<EditPoint, keyof Trial>;

export interface ValueLocation {
  readonly kind: "value";
  readonly path: JsonPath;
  /** The coalesced value; undefined when nothing stands there. */
  readonly previous: Json | undefined;
}

export interface FileLocation {
  readonly kind: "file";
  readonly file: string;
  readonly text: string;
}

/** Gives every place its number, the same whenever it is asked for again. */
export class EditPointCatalogue {
  readonly #points = new Map<string, EditPoint>();

  pointOf(candidate: Candidate): EditPoint {
    const place = placeOf(candidate);
    let point = this.#points.get(place);
    if (!point) {
      const { location } = candidate;
      point = {
        ...candidate,
        id: this.#points.size + 1,
        valuePath: location.kind === "value" ? location.path : undefined,
      };
      this.#points.set(place, point);
    }
    return point;
  }
}

/** Names the location of an edit point. */
export function locationName(location: ValueLocation | FileLocation): string {
  return location.kind === "value" ? formatValuePath(location.path) : location.file;
}

function placeOf({ location, start, form }: Candidate): string {
  return JSON.stringify([location.kind, locationName(location), start, form]);
}

/** A marker found in rendered text. */
export interface MarkerHit {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

// The domain is reserved (RFC 6761), so no chart can hold such a host of its own.
const MARKER = /mk(\d+)\.mk\.test(\/absent)?/g;

/** The text that stands for an edit point in a render with markers. */
export function markerOf(point: Pick<EditPoint, "id" | "form">): string {
  return `mk${point.id}.mk.test${point.form === "whole" ? "/absent" : ""}`;
}

/** Every marker of a text, in order. */
export function findMarkers(text: string): MarkerHit[] {
  if (!text.includes(".mk.test")) return [];
  return [...text.matchAll(MARKER)].map((m) => ({ id: Number(m[1]), start: m.index, end: m.index + m[0].length }));
}

/** A text and the markers in it, in order. */
export interface MarkedText {
  readonly text: string;
  readonly hits: readonly MarkerHit[];
}

/** Looks for the markers of a text. */
export function markedText(text: string): MarkedText {
  return { text, hits: findMarkers(text) };
}

/** The text before any replacement: of a value that is no text, the empty one. */
export function textAt(location: ValueLocation | FileLocation): string {
  return location.kind === "file" ? location.text : typeof location.previous === "string" ? location.previous : "";
}

/** What stood in the place of the edit point's marker, with the separator that came with the marker: what a reader undoes. */
export function displaced(point: EditPoint): { text: string; separator: string } {
  return {
    text: textAt(point.location).slice(point.start, point.end),
    separator: point.form === "prefix" ? "/" : "",
  };
}

/**
 * A text that takes the place of a piece of an edit point's location. The piece begins where the edit point does and may be longer
 * than the edit point: a mirror can stand for a host together with some of the path behind it.
 */
export interface Edit {
  readonly text: string;
  /** End of the piece in the location's text. */
  readonly end: number;
}

/** Puts the edit point's marker in its place. */
export function markerEdit(point: EditPoint): Edit {
  return { text: markerOf(point) + displaced(point).separator, end: point.end };
}

/** The text of one location with the edits of some of its edit points. */
export function composeText(
  location: ValueLocation | FileLocation,
  edits: Iterable<readonly [EditPoint, Edit]>,
): string {
  const text = textAt(location);
  const parts = [...edits].sort(([a], [b]) => a.start - b.start);
  let result = "";
  let at = 0;
  for (const [{ start }, edit] of parts) {
    result += text.slice(at, start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** Puts back what stood in the place of every marker, save those to keep. */
export function withoutMarkers(
  text: string,
  points: ReadonlyMap<number, EditPoint>,
  keep?: ReadonlySet<number>,
): string {
  let result = "";
  let at = 0;
  for (const hit of findMarkers(text)) {
    const point = points.get(hit.id);
    if (!point || keep?.has(hit.id)) continue;
    const { text: original, separator } = displaced(point);
    result += text.slice(at, hit.start) + original;
    at = hit.end;
    // An empty registry brings no slash of its own, a chart that writes one only for a registry takes it away again.
    if (separator ? text.startsWith(separator, at) : original === "" && text[at] === "/") at += 1;
  }
  return result + text.slice(at);
}
