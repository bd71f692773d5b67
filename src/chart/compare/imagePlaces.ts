import type { Json, JsonObject, JsonPath } from "../../json";
import { alignObjects, translatePath } from "../render/alignment";
import type { FoundImage, Span, SplitFields } from "../find/foundImage";
import type { Manifest } from "../render/kubernetesManifest";
import { composeSplit, fieldText } from "../find/splitImages";
import { spokenText } from "../render/spokenText";
import { documentsIn } from "../render/textDocuments";
import { valueAt } from "../content/valuePaths";

/**
 * Reads what another render of the same chart has at the places of images.
 *
 * @param found images of `before`
 * @returns the reference at each place, in the order of `found`; undefined where the place is gone
 */
export function readImages(
  found: readonly FoundImage[],
  before: readonly Manifest[],
  after: readonly Manifest[],
): (string | undefined)[] {
  const pairs = alignObjects(
    before.map(({ object }) => object),
    after.map(({ object }) => object),
  );
  const texts = new Map<string, WordReader>();
  const documents = new TextDocuments();
  return found.map((image) => {
    const old = before[image.manifest]?.object;
    const now = after[pairs[image.manifest] ?? -1]?.object;
    if (!old || !now) return undefined;
    // Documents that did not change are the very same object.
    if (old === now) return image.reference;
    if (image.fields) return readFields(image, image.fields, old, now, documents);
    // One text may hold thousands.
    const key = `${image.manifest}\n${image.encoded === true}\n${JSON.stringify(image.location.path)}`;
    const reader = texts.get(key) ?? wordReader(image, old, now);
    texts.set(key, reader);
    return reader(image);
  });
}

/** Reads the images of one text. */
type WordReader = (image: FoundImage) => string | undefined;

function wordReader(first: FoundImage, old: JsonObject, now: JsonObject): WordReader {
  const { path } = first.location;
  const place = translatePath(old, now, path);
  const text = place && textOf(first, now, place);
  if (text === undefined) return () => undefined;
  const oldText = textOf(first, old, path) ?? "";
  let words: readonly Word[] | undefined;
  let map: ((word: number) => string | undefined) | undefined;
  return (image) => {
    const pieces = image.pieces ?? (image.span ? [image.span] : []);
    if (pieces.length === 0) return text.trim();
    if (oldText === text) return image.reference;
    const was = (words ??= wordsIn(oldText));
    const is = (map ??= alignWords(was, wordsIn(text)));
    const parts = pieces.map((piece) => readSpan(was, piece, is));
    return parts.includes(undefined) ? undefined : parts.join("");
  };
}

/** The documents in the texts of objects, each read once for all that stands in it. */
class TextDocuments {
  readonly #known = new Map<JsonObject, Map<string, Json[] | undefined>>();

  at(image: FoundImage, object: JsonObject, place: JsonPath | undefined): Json[] | undefined {
    const known = this.#known.get(object) ?? new Map<string, Json[] | undefined>();
    this.#known.set(object, known);
    const key = JSON.stringify(place);
    if (!known.has(key)) known.set(key, documentsIn((place && textOf(image, object, place)) ?? ""));
    return known.get(key);
  }
}

function readFields(
  image: FoundImage,
  fields: SplitFields,
  old: JsonObject,
  now: JsonObject,
  documents: TextDocuments,
): string | undefined {
  const place = image.inText && translatePath(old, now, image.location.path);
  const holder = image.inText ? documents.at(image, now, place) : now;
  const read = (path: JsonPath): string => {
    const there = image.inText ? path : translatePath(old, now, path);
    return fieldText(holder && there && valueAt(holder, there));
  };
  const { repository, lookedFor } = fields;
  const wasLookedFor = (field: JsonPath): string => {
    const was = image.inText ? documents.at(image, old, image.location.path) : old;
    return fieldText(was && valueAt(was, field));
  };
  const isThere = read(repository) !== "" || (lookedFor && read(lookedFor) === wasLookedFor(lookedFor));
  return isThere ? composeSplit(fields, read) : undefined;
}

interface Word {
  readonly start: number;
  readonly text: string;
}

/** A reference never holds one of the characters that end a word here. */
function wordsIn(text: string): Word[] {
  return [...text.matchAll(/[^\s"'`,;=|()<>{}[\]\\]+/g)].map((match) => ({ start: match.index, text: match[0] }));
}

function readSpan(words: readonly Word[], span: Span, map: (word: number) => string | undefined): string | undefined {
  const index = lastFrom(words, span.start);
  const word = words[index];
  if (!word || word.start + word.text.length < span.end) return undefined;
  const now = map(index);
  if (now === undefined) return undefined;
  const lead = word.text.slice(0, span.start - word.start);
  const trail = word.text.slice(span.end - word.start);
  if (!now.startsWith(lead) || !now.endsWith(trail) || now.length < lead.length + trail.length) return undefined;
  return now.slice(lead.length, now.length - trail.length);
}

/** The last word that begins no later than a place. */
function lastFrom(words: readonly Word[], place: number): number {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words[middle] as Word).start <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Pairs the words of two texts along their longest common subsequence; of very long ones, one by one. */
function alignWords(before: readonly Word[], after: readonly Word[]): (word: number) => string | undefined {
  let head = 0;
  while (head < before.length && head < after.length && before[head]?.text === after[head]?.text) head++;
  let tail = 0;
  const rest = Math.min(before.length, after.length) - head;
  while (tail < rest && before.at(-1 - tail)?.text === after.at(-1 - tail)?.text) tail++;
  const size = (before.length - head - tail) * (after.length - head - tail);
  if (size > MAX_COMPARISONS) return (word) => (before.length === after.length ? after[word]?.text : undefined);
  const pairs = pairMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return (word) => {
    if (word < head) return after[word]?.text;
    if (word >= before.length - tail) return after[after.length - (before.length - word)]?.text;
    const pair = pairs[word - head];
    return pair === undefined ? undefined : after[pair + head]?.text;
  };
}

/** Beyond this many comparisons it would take too long to tell what became of a word. */
const MAX_COMPARISONS = 4_000_000;

function pairMiddle(before: readonly Word[], after: readonly Word[]): (number | undefined)[] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        before[i]?.text === after[j]?.text
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
  const pairs: (number | undefined)[] = before.map(() => undefined);
  let [i, j] = [0, 0];
  let [lastI, lastJ] = [0, 0];
  // Between two pairs of equal words the changed ones stand in the same order. One for one is clear; of more, only those
  // are taken that end alike, as a reference does whose host changes: words may have come between them.
  const closeGap = (): void => {
    if (i - lastI === 1 && j - lastJ === 1) {
      pairs[lastI] = lastJ;
      return;
    }
    let next = lastJ;
    for (let old = lastI; old < i; old++)
      for (let now = next; now < j; now++) {
        if (lastSegment(before[old]?.text ?? "") !== lastSegment(after[now]?.text ?? "")) continue;
        pairs[old] = now;
        next = now + 1;
        break;
      }
  };
  while (i < before.length && j < after.length) {
    if (before[i]?.text === after[j]?.text) {
      closeGap();
      pairs[i] = j;
      [lastI, lastJ] = [++i, ++j];
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  [i, j] = [before.length, after.length];
  closeGap();
  return pairs;
}

function lastSegment(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

function textOf({ encoded }: FoundImage, object: JsonObject, place: JsonPath): string | undefined {
  const value = valueAt(object, place);
  if (typeof value !== "string") return undefined;
  return encoded ? spokenText(object, place, value)?.text : value;
}
