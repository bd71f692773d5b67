import type { Json, JsonObject } from "../../json";
import { setOwnValue } from "../../ownKeys";
import { isMap } from "../content/valuePaths";

/** Where these stand, a text of YAML need not be what is written: escapes, tags, anchors and aliases. */
const MARKS = /[\\!&*]/;
/** Characters that YAML reads as themselves within a text. */
const RUN = /[\w./:@-]*/y;
const RUNS = /[\w./:@-]+/g;
const BEGINNING = /^[A-Za-z0-9]/;
const END = /[A-Za-z0-9]$/;
/** More words than that are looked for no faster than a document is read. */
const MOST_WORDS = 10;

/** A word of one text, and what stands in its place in another. */
interface ChangedWord {
  readonly before: string;
  readonly after: string;
  /** How often it does. */
  written: number;
  /** In how many places of what was read before it was found. */
  read: number;
}

/**
 * What a YAML text holds that is one read before but for words such as references of images: most documents of a render with other
 * values are. All but the changed texts, and what they stand in, is shared with what was read before.
 *
 * @param documents what `before` holds
 * @returns undefined where another thing than a text might have changed, which only reading it all shows
 */
export function withChangedWords(before: string, documents: readonly Json[], after: string): Json[] | undefined {
  const words = changedWords(before, after);
  if (!words || MARKS.test(before)) return undefined;
  const result = documents.map((document) => inValue(document, words));
  // Without escapes and aliases nothing that was read comes from another place than where it is written, and but once. A word
  // that was read in texts as often as it is written stands in no comment, in no key, nor in anything else.
  const isAll = words.every((word) => word.read === word.written && timesIn(before, word.before) === word.written);
  return isAll ? result : undefined;
}

function inValue(value: Json, words: readonly ChangedWord[]): Json {
  // Each word has a slash.
  if (typeof value === "string") return value.includes("/") ? inText(value, words) : value;
  if (Array.isArray(value)) return inList(value, words);
  return isMap(value) ? inMap(value, words) : value;
}

function inMap(map: JsonObject, words: readonly ChangedWord[]): JsonObject {
  let copy: JsonObject | undefined;
  for (const [key, item] of Object.entries(map)) {
    const now = inValue(item, words);
    if (now !== item) setOwnValue((copy ??= { ...map }), key, now);
  }
  return copy ?? map;
}

function inList(list: Json[], words: readonly ChangedWord[]): Json[] {
  let copy: Json[] | undefined;
  for (const [i, item] of list.entries()) {
    const now = inValue(item, words);
    if (now !== item) (copy ??= [...list])[i] = now;
  }
  return copy ?? list;
}

function inText(text: string, words: readonly ChangedWord[]): string {
  if (!words.some((word) => text.includes(word.before))) return text;
  return text.replace(RUNS, (run) => {
    const word = words.find((one) => one.before === run);
    if (!word) return run;
    word.read++;
    return word.after;
  });
}

/** The words that differ between two texts; undefined where anything else does, or one word has become two. */
function changedWords(before: string, after: string): ChangedWord[] | undefined {
  const words = new Map<string, ChangedWord>();
  let at = 0;
  let now = 0;
  // Where the last word ends.
  let since = 0;
  for (;;) {
    while (at < before.length && before.charCodeAt(at) === after.charCodeAt(now)) {
      at++;
      now++;
    }
    if (at === before.length && now === after.length) return [...words.values()];
    // Both words begin where what stands before the difference begins.
    let same = 0;
    while (same < at - since && isOfRun(before.charCodeAt(at - same - 1))) same++;
    const was = runAt(before, at - same);
    const is = runAt(after, now - same);
    if (was.length + is.length === 2 * same || !isWord(was) || !isWord(is)) return undefined;
    const word = words.get(was) ?? { before: was, after: is, written: 0, read: 0 };
    if (word.after !== is) return undefined;
    word.written++;
    words.set(was, word);
    if (words.size > MOST_WORDS) return undefined;
    at += was.length - same;
    now += is.length - same;
    since = at;
  }
}

/** Whether a run can only be a text or a piece of one: with a slash it is no number, and by its ends no mark of a list or a key. */
const isWord = (run: string): boolean => run.includes("/") && BEGINNING.test(run) && END.test(run);

/** Whether a character is one of {@link RUN}. */
function isOfRun(code: number): boolean {
  // From `-` to `:`, from `@` to `Z`, `_`, from `a` to `z`.
  return (code >= 45 && code <= 58) || (code >= 64 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
}

function runAt(text: string, at: number): string {
  RUN.lastIndex = at;
  return RUN.exec(text)?.[0] ?? "";
}

function timesIn(text: string, word: string): number {
  let times = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) times++;
  return times;
}
