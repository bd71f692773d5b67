import type { JsonObject, JsonPath } from "../../json";
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
  const maps = new Map<string, (word: number) => string | undefined>();
  return found.map((image) => {
    const old = before[image.manifest]?.object;
    const now = after[pairs[image.manifest] ?? -1]?.object;
    if (!old || !now) return undefined;
    // Documents that did not change are the very same object.
    if (old === now) return image.reference;
    if (image.fields) return readFields(image, image.fields, old, now);
    const place = translatePath(old, now, image.location.path);
    const text = place && textOf(image, now, place);
    const pieces = image.pieces ?? (image.span ? [image.span] : []);
    if (text === undefined || pieces.length === 0) return text?.trim();
    const oldText = textOf(image, old, image.location.path) ?? "";
    if (oldText === text) return image.reference;
    const key = `${image.manifest}\n${JSON.stringify(image.location.path)}`;
    const map = maps.get(key) ?? alignWords(wordsIn(oldText), wordsIn(text));
    maps.set(key, map);
    const parts = pieces.map((piece) => readSpan(oldText, piece, map));
    return parts.includes(undefined) ? undefined : parts.join("");
  });
}

function readFields(image: FoundImage, fields: SplitFields, old: JsonObject, now: JsonObject): string | undefined {
  const place = image.inText && translatePath(old, now, image.location.path);
  const holder = image.inText ? documentsIn((place && textOf(image, now, place)) ?? "") : now;
  const read = (path: JsonPath): string => {
    const there = image.inText ? path : translatePath(old, now, path);
    return fieldText(holder && there && valueAt(holder, there));
  };
  const { repository, lookedFor } = fields;
  const isThere = read(repository) !== "" || (lookedFor && read(lookedFor) === lookedForIn(image, lookedFor, old));
  return isThere ? composeSplit(fields, read) : undefined;
}

function lookedForIn(image: FoundImage, field: JsonPath, object: JsonObject): string {
  const holder = image.inText ? documentsIn(textOf(image, object, image.location.path) ?? "") : object;
  return fieldText(holder && valueAt(holder, field));
}

interface Word {
  readonly start: number;
  readonly text: string;
}

/** A reference never holds one of the characters that end a word here. */
function wordsIn(text: string): Word[] {
  return [...text.matchAll(/[^\s"'`,;=|()<>{}[\]\\]+/g)].map((match) => ({ start: match.index, text: match[0] }));
}

function readSpan(text: string, span: Span, map: (word: number) => string | undefined): string | undefined {
  const words = wordsIn(text);
  const index = words.findIndex(({ start, text: word }) => start <= span.start && span.end <= start + word.length);
  const word = words[index];
  const now = map(index);
  if (!word || now === undefined) return undefined;
  const lead = word.text.slice(0, span.start - word.start);
  const trail = word.text.slice(span.end - word.start);
  if (!now.startsWith(lead) || !now.endsWith(trail) || now.length < lead.length + trail.length) return undefined;
  return now.slice(lead.length, now.length - trail.length);
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
