import type { Span } from "./foundImage";
import { imageTokens, keyBefore, withoutComments, type ImageToken } from "./imageTokens";

/** A reference that a shell puts together where its variables are not set. */
export interface ShellReference {
  readonly token: ImageToken;
  /** What it is made of, in order: one after the other they are the token's text. */
  readonly pieces: readonly Span[];
}

/** How deep defaults may stand in defaults; scripts have two. */
const MOST_DEPTH = 10;

/**
 * References of which a part is a shell's default: `${REGISTRY:-quay.io}/a/b:1`, `${IMAGE:-a/b}:${TAG:-1}`. One that stands whole in
 * a default is a token of its own.
 */
export function shellReferences(written: string): ShellReference[] {
  if (!written.includes("${")) return [];
  const text = withoutComments(written);
  return [...text.matchAll(/[^\s"'`,;()|&<>]+/g)].flatMap(({ 0: word, index }) => {
    if (!word.includes("${")) return [];
    const { expanded, places } = expand(word);
    return imageTokens(expanded).flatMap((token) => {
      const pieces = piecesOf(places.slice(token.start, token.end), index);
      if (pieces.length < 2) return [];
      const key = token.key ?? keyBefore(text.slice(Math.max(0, index - 100), index));
      return [{ token: key === undefined ? token : { ...token, key }, pieces }];
    });
  });
}

/** A word with the defaults in place of the variables that have one, and where each character stood. */
function expand(word: string): { readonly expanded: string; readonly places: readonly number[] } {
  const places: number[] = [];
  const open: boolean[] = [];
  const beginning = /\$\{[A-Za-z_]\w{0,63}:?[-=]/y;
  for (let at = 0; at < word.length;) {
    beginning.lastIndex = at;
    const [start] = beginning.exec(word) ?? [];
    if (start !== undefined && open.length < MOST_DEPTH) {
      open.push(true);
      at += start.length;
      continue;
    }
    // Braces of variables without a default stay.
    if (word[at] === "{") open.push(false);
    const closes = word[at] === "}" && open.pop() === true;
    if (!closes) places.push(at);
    at += 1;
  }
  return { expanded: places.map((place) => word[place]).join(""), places };
}

function piecesOf(places: readonly number[], offset: number): Span[] {
  const pieces: { start: number; end: number }[] = [];
  for (const place of places) {
    const last = pieces.at(-1);
    if (last && last.end === offset + place) last.end += 1;
    else pieces.push({ start: offset + place, end: offset + place + 1 });
  }
  return pieces;
}
