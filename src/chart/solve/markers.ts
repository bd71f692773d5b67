import type { Json, JsonPath } from "../../json";
import { formatValuePath } from "../content/valuePaths";

/** Something that a render can carry on trial: a marker in a value, a name in a list of pull secrets. */
export interface Trial {
  /** Unique in one analysis; the marker carries it, so that an error can name it. */
  readonly id: number;
  /** The value that carries it; an error can name that too. */
  readonly valuePath?: JsonPath;
}

/**
 * A place whose text may decide where images come from, with the piece of that text that stands for the host.
 *
 * A place is a value of the chart or a file of it; one text (a long string, a template) can hold several.
 */
export interface Handle extends Trial {
  readonly site: ValueSite | FileSite;
  /** The piece of the site's text that is replaced; empty where something is put before, or where nothing stands. */
  readonly start: number;
  readonly end: number;
  readonly form: HandleForm;
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
export type HandleForm = "host" | "prefix" | "bare" | "whole";

/** A place worth marking; {@link HandleCatalogue} makes it a handle. */
export type Candidate = Omit<Handle, keyof Trial>;

export interface ValueSite {
  readonly kind: "value";
  readonly path: JsonPath;
  /** The coalesced value; undefined when nothing stands there. */
  readonly previous: Json | undefined;
}

export interface FileSite {
  readonly kind: "file";
  readonly file: string;
  readonly text: string;
}

/** Gives every place its number, the same whenever it is asked for again. */
export class HandleCatalogue {
  readonly #handles = new Map<string, Handle>();

  handleOf(candidate: Candidate): Handle {
    const place = placeOf(candidate);
    let handle = this.#handles.get(place);
    if (!handle) {
      const { site } = candidate;
      handle = { ...candidate, id: this.#handles.size + 1, ...(site.kind === "value" && { valuePath: site.path }) };
      this.#handles.set(place, handle);
    }
    return handle;
  }
}

/** Names the site of a handle. */
export function siteName(site: ValueSite | FileSite): string {
  return site.kind === "value" ? formatValuePath(site.path) : site.file;
}

function placeOf({ site, start, form }: Candidate): string {
  return JSON.stringify([site.kind, siteName(site), start, form]);
}

/** A marker found in rendered text. */
export interface MarkerHit {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

// The domain is reserved (RFC 6761), so no chart can hold such a host of its own.
const MARKER = /mk(\d+)\.mk\.test(\/absent)?/g;

/** The text that stands for a handle in a render with markers. */
export function markerOf(handle: Pick<Handle, "id" | "form">): string {
  return `mk${handle.id}.mk.test${handle.form === "whole" ? "/absent" : ""}`;
}

/** Every marker of a text, in order. */
export function findMarkers(text: string): MarkerHit[] {
  if (!text.includes(".mk.test")) return [];
  return [...text.matchAll(MARKER)].map((m) => ({ id: Number(m[1]), start: m.index, end: m.index + m[0].length }));
}

/** The text before any replacement: of a value that is no text, the empty one. */
export function siteText(site: ValueSite | FileSite): string {
  return site.kind === "file" ? site.text : typeof site.previous === "string" ? site.previous : "";
}

/** What stood in the place of the handle's marker, with the separator that came with the marker: what a reader undoes. */
export function displaced(handle: Handle): { text: string; separator: string } {
  return {
    text: siteText(handle.site).slice(handle.start, handle.end),
    separator: handle.form === "prefix" ? "/" : "",
  };
}

/**
 * A text that takes the place of a piece of a handle's site. The piece begins where the handle does and may be longer
 * than the handle: a mirror can stand for a host together with some of the path behind it.
 */
export interface Edit {
  readonly text: string;
  /** End of the piece in the site's text. */
  readonly end: number;
}

/** Puts the handle's marker in its place. */
export function markerEdit(handle: Handle): Edit {
  return { text: markerOf(handle) + displaced(handle).separator, end: handle.end };
}

/** The text of one site with the edits of some of its handles. */
export function composeSite(site: ValueSite | FileSite, edits: Iterable<readonly [Handle, Edit]>): string {
  const text = siteText(site);
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
export function withoutMarkers(text: string, handles: ReadonlyMap<number, Handle>, keep?: ReadonlySet<number>): string {
  let result = "";
  let at = 0;
  for (const hit of findMarkers(text)) {
    const handle = handles.get(hit.id);
    if (!handle || keep?.has(hit.id)) continue;
    const { text: original, separator } = displaced(handle);
    result += text.slice(at, hit.start) + original;
    at = hit.end;
    // An empty registry brings no slash of its own, a chart that writes one only for a registry takes it away again.
    if (separator ? text.startsWith(separator, at) : original === "" && text[at] === "/") at += 1;
  }
  return result + text.slice(at);
}
