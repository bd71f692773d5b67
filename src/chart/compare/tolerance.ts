import type { Json, JsonPath } from "../../json";
import { alignItems } from "../render/alignment";
import { leafDifferences, type Difference } from "./differences";
import { decodedText } from "../render/textDocuments";
import { documentDifferences } from "./documentDifferences";
import { isMap, valueAt } from "../content/valuePaths";

/**
 * The differences that are allowed besides images, each with its reason. The list is closed: any other difference fails the verification.
 */
export const TOLERATED = {
  /** The same render differs there from time to time: random names, certificates, clocks. */
  unstable: "the chart renders something else there every time",
  /** A hash of other rendered content, which has to follow it. */
  checksum: "a hash of content that changed",
  /** The chart shows a value that the plan sets: a dumped values file, an environment variable with the registry. */
  shown: "the chart shows a value that the plan sets",
  /** A pull secret that the plan adds. */
  pullSecret: "the pull secret of the plan",
} as const;

/** Name of a tolerated kind of difference. */
export type Tolerance = keyof typeof TOLERATED;

/** What the plan put into the render: the texts that may show up in it. */
export interface PlannedTexts {
  /** Texts that only the plan brings: the mirror's addresses, the secret's name. Any text that holds one shows it. */
  readonly texts: readonly string[];
  /** Texts of values that the plan replaces: a word in which one became the other shows it. */
  readonly edited?: readonly { readonly before: string; readonly after: string }[];
  /** Name of the pull secret. */
  readonly pullSecret?: string;
  /** Values other than texts that the plan sets, such as a guard: key and value as a dump shows them. */
  readonly settings: readonly { readonly key: string; readonly value: Json }[];
}

/** Which tolerance a difference falls under; undefined when it is one too many. */
export function toleranceOf(
  difference: Pick<Difference, "path" | "before" | "after">,
  planned: PlannedTexts,
): Tolerance | undefined {
  const { path, before, after } = difference;
  if (planned.pullSecret !== undefined && bringsPullSecret(path, after, planned.pullSecret)) return "pullSecret";
  if (shows(before, after, planned, path)) return "shown";
  if (isChecksum(before, path) && isChecksum(after, path)) return "checksum";
  if (endsInHash(before, after, path)) return "checksum";
  return undefined;
}

// MD5, SHA-1, SHA-256 and SHA-512 in hexadecimal are hashes wherever they stand.
const HASH = /^(?:(?:sha\d+|md5)[:-])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/;
// Cut short, as base64 or as a number (adler32) they are told by their place.
const SHORT_HASH = /^(?:[0-9a-f]{5,128}|[0-9]{6,10}|[A-Za-z0-9+/]{27,88}={0,2})$/;

function isChecksum(value: Json | undefined, path: Difference["path"]): boolean {
  if (typeof value !== "string") return false;
  return HASH.test(value) || (path.includes("annotations") && SHORT_HASH.test(value));
}

// Cut short as names have it: in hexadecimal with a digit in it, which words lack, or as a number.
const HASH_IN_NAME = /^(.*[-._])((?=[a-f]*\d)[0-9a-f]{6,64}|\d{8,10})$/;

/** A job that must run anew, or a ConfigMap that never changes, has the hash of its content behind its name. */
function endsInHash(before: Json | undefined, after: Json | undefined, path: Difference["path"]): boolean {
  if (typeof before !== "string" || typeof after !== "string" || !/name$/i.test(String(path.at(-1)))) return false;
  const [, was, hash = ""] = HASH_IN_NAME.exec(before) ?? [];
  const [, is, next = ""] = HASH_IN_NAME.exec(after) ?? [];
  return was !== undefined && was === is && (hash.length === next.length || /^\d+$/.test(hash + next));
}

/** Names and labels tell objects from one another: a value of the plan in them makes another object. */
function identifies(path: Difference["path"]): boolean {
  return (
    path.some((key) => key === "labels" || key === "matchLabels" || key === "selector") ||
    (path.at(-1) === "name" && path.at(-2) === "metadata")
  );
}

function bringsPullSecret(path: Difference["path"], after: Json | undefined, name: string): boolean {
  const inList = path.some((key) => typeof key === "string" && /pull_?-?secrets?/i.test(key));
  return inList && JSON.stringify(after ?? null).includes(JSON.stringify(name));
}

function shows(
  before: Json | undefined,
  after: Json | undefined,
  planned: PlannedTexts,
  path: Difference["path"],
): boolean {
  if (after === undefined || identifies(path)) return false;
  if (typeof after === "object" && after !== null) {
    // A part that came with the value: everything in it shows the plan.
    if (before !== undefined && before !== null && typeof before === "object") return false;
    // An item of a list, such as an environment variable, has a name beside its value.
    if (typeof path.at(-1) === "number")
      return [...deepLeaves(after)].some((leaf) => shows(undefined, leaf.value, planned, [...path, ...leaf.path]));
    const leaves = leafDifferences(emptyLike(after), after);
    return (
      leaves.length > 0 &&
      leaves.every(
        (leaf) =>
          shows(undefined, leaf.after, planned, [...path, ...leaf.path]) || isBesideRegistry(after, leaf, planned),
      )
    );
  }
  if (typeof after !== "string" || (before !== undefined && before !== null && typeof before !== "string"))
    return planned.settings.some(({ key, value }) => path.at(-1) === key && value === after);
  return showsText(before ?? "", after, planned);
}

/** What a reference is made of besides its registry. */
const PART_OF_REFERENCE =
  /^(?:namespace|path|repository|repo|name|image|tag|version|digest|pullPolicy|imagePullPolicy)$/;

/** Some operators are told where all their images stand as soon as the registry is not the usual one: `{ registry, namespace }`. */
function isBesideRegistry(
  root: Json,
  { path, after }: Pick<Difference, "path" | "after">,
  planned: PlannedTexts,
): boolean {
  const holder = valueAt(root, path.slice(0, -1));
  if (!isMap(holder) || typeof holder.registry !== "string" || !brings(holder.registry, planned)) return false;
  // With a host of its own it would not stand in the mirror.
  return PART_OF_REFERENCE.test(String(path.at(-1))) && typeof after !== "object" && !holdsHost(String(after));
}

/** Whether a host may stand before a slash in it. */
function holdsHost(text: string): boolean {
  return /[.:]/.test(text.slice(0, Math.max(0, text.lastIndexOf("/"))));
}

function showsText(before: string, after: string, planned: PlannedTexts): boolean {
  if (sameButPlanned(before, after, planned)) return true;
  const changes = documentDifferences(before, after);
  if (changes) return changes.length > 0 && changes.every((change) => toleranceOf(change, planned) !== undefined);
  const [was, is] = [decodedText(before), decodedText(after)];
  return was !== undefined && is !== undefined && showsText(was, is, planned);
}

/**
 * Whether every word that changed brings a text of the plan, and the words around them stayed; between lines that stayed,
 * lines may have come that bring one.
 */
function sameButPlanned(before: string, after: string, planned: PlannedTexts): boolean {
  const was = before.split("\n");
  const is = after.split("\n");
  if (!is.some((line) => brings(line, planned)) && !was.some((line) => holdsEdited(line, planned))) return false;
  const pairs = alignItems(was, is);
  const kept = new Set(pairs);
  return (
    was.every((line, i) =>
      pairs[i] === -1 ? line.trim() === "" : sameLine(line, is[pairs[i] as number] as string, planned),
    ) && is.every((line, i) => kept.has(i) || brings(line, planned) || SECRET_LIST.test(line.trim()))
  );
}

/** The line above the items of a list of pull secrets. */
const SECRET_LIST = /^["']?imagePullSecrets["']?:\s*\[?$/;

function sameLine(before: string, after: string, planned: PlannedTexts): boolean {
  if (before === after) return true;
  const was = words(before);
  const is = words(after);
  if (was.length <= 1 && was.every(isJoint)) {
    const brought = is.filter((word) => !isJoint(word));
    return brought.length > 0 && brought.every((word) => brings(word, planned));
  }
  return (
    was.length === is.length &&
    was.every((word, i) => {
      const now = is[i] as string;
      if (word === now) return true;
      if (isJoint(word) || isJoint(now)) return i > 0 && isSpace(word) && isSpace(now);
      return brings(now, planned) || isEdited(word, now, planned) || isHash(now);
    })
  );
}

function isHash(word: string | undefined): boolean {
  return word !== undefined && HASH.test(word);
}

function brings(word: string, planned: PlannedTexts): boolean {
  return planned.texts.some((text) => word.includes(text));
}

function holdsEdited(line: string, { edited = [] }: PlannedTexts): boolean {
  return edited.some(({ before }) => before !== "" && line.includes(before));
}

/** Whether a word is the same but for a value in it that the plan replaces. */
function isEdited(before: string, after: string, { edited = [] }: PlannedTexts): boolean {
  return edited.some((edit) => edit.before !== "" && before.replace(edit.before, () => edit.after) === after);
}

const JOINT = /([\s"'`,;|()<>{}[\]]+)/;

/** The words of a line, and between them what joins them: quotes make a text of a number, braces a map of nothing. */
function words(line: string): string[] {
  return line.split(JOINT).filter((word) => word !== "");
}

function isJoint(word: string): boolean {
  return JOINT.test(word);
}

/** Columns move with what stands in them. */
function isSpace(word: string): boolean {
  return word.trim() === "";
}

function* deepLeaves(value: Json, path: JsonPath = []): Generator<{ readonly path: JsonPath; readonly value: Json }> {
  if (typeof value !== "object" || value === null) yield { path, value };
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* deepLeaves(item, [...path, i]);
  else for (const [key, item] of Object.entries(value)) yield* deepLeaves(item, [...path, key]);
}

function emptyLike(value: Json): Json {
  return Array.isArray(value) ? [] : {};
}
