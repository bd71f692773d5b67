import yaml from "js-yaml";
import type { Json } from "../../json";
import { sizeOfTree, sizeOfYaml, YamlBudget } from "./yamlBudget";

/**
 * YAML as Helm reads it: sigs.k8s.io/yaml, which resolves plain scalars by the rules of go-yaml v2 (`yes`, `on` and `y` are
 * booleans, `0777` is octal, `1_000` a number, `1e3` a float), keeps dates as text and lets a repeated key win.
 * js-yaml follows YAML 1.2, so that the same file would give other values.
 *
 * @see {@link https://github.com/yaml/go-yaml/blob/v2.4.0/resolve.go}
 */
const SCHEMA = yaml.FAILSAFE_SCHEMA.extend({
  implicit: [
    scalar("null", (text) => (NULLS.has(text) ? { value: null } : undefined)),
    scalar("bool", (text) => (BOOLS.has(text) ? { value: BOOLS.get(text) as boolean } : undefined)),
    scalar("int", integer),
    scalar("float", float),
    new yaml.Type("tag:yaml.org,2002:merge", { kind: "scalar", resolve: (text: unknown) => text === "<<" }),
  ],
  explicit: [
    new yaml.Type("tag:yaml.org,2002:binary", {
      kind: "scalar",
      construct: (text: string) => Buffer.from(text, "base64").toString("utf8"),
    }),
    new yaml.Type("tag:yaml.org,2002:timestamp", { kind: "scalar" }),
  ],
});

/** What a plain scalar begins with where texts are read as they are written. */
const PLAIN = "\0";

const AS_WRITTEN = yaml.FAILSAFE_SCHEMA.extend({
  implicit: [new yaml.Type("plain", { kind: "scalar", construct: (text: string | null) => PLAIN + (text ?? "") })],
  explicit: ["!", "tag:"].flatMap((prefix) => [
    new yaml.Type(prefix, {
      kind: "scalar",
      multi: true,
      construct: (text: string | null, tag?: string) => `${tag ?? prefix} ${text ?? ""}`,
    }),
    ...(["mapping", "sequence"] as const).map(
      (kind) => new yaml.Type(prefix, { kind, multi: true, construct: (value: unknown) => value }),
    ),
  ]),
});

const NULLS = new Set(["", "~", "null", "Null", "NULL"]);
const BOOLS = new Map<string, boolean>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((t) => [t, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((t) => [t, false] as const),
]);
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** A text that is no YAML: why, and where. The lines themselves, which may hold passwords, are not told. */
export class InvalidYamlError extends Error {
  override readonly name = "InvalidYamlError";
  /** @param error js-yaml's, or a reason of our own, which repeats nothing of the text */
  constructor(error: yaml.YAMLException | string) {
    if (typeof error === "string") {
      super(error);
      return;
    }
    const { reason, mark } = error;
    // A password that starts with one of YAML's marks is the name of an alias or of a tag.
    const why = reason.replace(/(alias|characters:|malformed:|handle|!<(?=[^?])|directive) ?[^]*$/, "$1 …");
    super(mark ? `${why} (line ${mark.line + 1}, column ${mark.column + 1})` : why);
  }
}

/**
 * Reads the first document of a YAML text, as Helm does, which does not look at what comes behind. An empty one is `null`.
 * What aliases share is copied, so that a part can be changed without the others.
 *
 * @param budget of what the document may hold, its aliases written out
 * @throws {InvalidYamlError} {YamlTooLargeError}
 */
export function parseHelmYaml(text: string, budget = new YamlBudget()): Json {
  const before = longIntegers;
  const content = read(text, budget, (options) => (yaml.load(firstDocument(text), options) ?? null) as Parsed);
  return longIntegers === before ? (content as Json) : withLongIntegers(content, Number);
}

/** Reads every document of a YAML stream; empty ones are `null`. @throws {InvalidYamlError} {YamlTooLargeError} */
export function parseHelmYamlDocuments(text: string, budget = new YamlBudget()): Json[] {
  return readDocuments(text, budget, Number);
}

/** @param as what becomes of integers that no double holds */
function readDocuments(text: string, budget: YamlBudget, as: (integer: bigint) => Json): Json[] {
  const before = longIntegers;
  const documents = read(text, budget, (options) =>
    yaml.loadAll(text, null, options).map((document) => (document ?? null) as Parsed),
  );
  return (longIntegers === before ? documents : withLongIntegers(documents, as)) as Json[];
}

/** What an integer begins with that is kept as its digits. */
const DIGITS = "\0";

/**
 * Reads what templates render: integers of 64 bits that no double holds stay what they are, since Kubernetes takes them as such. They
 * come as a text that {@link integerText} reads, and that nothing else is equal to.
 *
 * @throws {InvalidYamlError} {YamlTooLargeError}
 */
export function parseRenderedYaml(text: string, budget: YamlBudget): Json[] {
  return readDocuments(text, budget, (integer) => `${DIGITS}${integer}`);
}

/** The digits of an integer that {@link parseRenderedYaml} has kept; other texts as they are. */
export function integerText(text: string): string {
  return text.startsWith(DIGITS) ? text.slice(DIGITS.length) : text;
}

/** Comments, blank lines and directives, and the marker behind them that begins a document rather than ends one. */
const DOCUMENT_START = /^\uFEFF?(?:[ \t]*(?:#.*)?\r?\n|%.*\n)*---(?=[ \t\r\n]|$)/;
/** At the beginning of a line these end a document wherever they stand, even in a block of text (YAML 1.2, 9.1.2). */
const DOCUMENT_END = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/m;

function firstDocument(text: string): string {
  const start = DOCUMENT_START.exec(text)?.[0].length ?? 0;
  const length = text.slice(start).search(DOCUMENT_END);
  return length < 0 ? text : text.slice(0, start + length);
}

/**
 * The document without shared parts: js-yaml makes an alias the very object of its anchor, so that a value set in one place
 * would show in the other.
 */
function byValue<T extends Parsed>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  const copy = Array.isArray(value)
    ? value.map(byValue)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, byValue(item)]));
  return copy as T;
}

/**
 * Reads every document of a YAML stream, each scalar as it is written: `0x10` stays a text, one without quotes is another than
 * one with them, and a tag stays before it. What some program makes of a text may be another thing than what Helm would.
 *
 * @throws {InvalidYamlError} {YamlTooLargeError}
 */
export function parseYamlAsWritten(text: string): Json[] {
  const budget = new YamlBudget(Math.max(10_000, 4 * text.length));
  return read(text, budget, (options) =>
    (yaml.loadAll(text, null, { ...options, schema: AS_WRITTEN }) as Json[]).map(withPlainKeys),
  );
}

/** A text of {@link parseYamlAsWritten} that was written as a plain scalar, without quotes; undefined for others. */
export function plainScalar(written: string): string | undefined {
  return written.startsWith(PLAIN) ? written.slice(PLAIN.length) : undefined;
}

/** Keys are their texts: two of one text would be one to Helm. */
function withPlainKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(withPlainKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key.replace(PLAIN, ""), withPlainKeys(item)] as const);
  return Object.fromEntries(entries);
}

/** How often the parser may begin with one node: it tries whether a scalar is the key of a map. */
const PARSER_STARTS = 2;

function read<T extends Parsed>(text: string, budget: YamlBudget, parse: (options: yaml.LoadOptions) => T): T {
  let begun = 0;
  const listener = (event: yaml.EventType): void => {
    if (event === "open") budget.check(++begun / PARSER_STARTS);
  };
  try {
    const content = parse({ schema: SCHEMA, json: true, listener });
    const mayShare = text.includes("&") && text.includes("*");
    budget.take(mayShare ? sizeOfYaml(content as Json) : sizeOfTree(content as Json));
    return mayShare ? byValue(content) : content;
  } catch (error) {
    throw error instanceof yaml.YAMLException ? new InvalidYamlError(error) : error;
  }
}

/** What the parser gives: integers that no double holds are BigInts, which keys of maps become the digits of. */
type Parsed = Json | bigint | readonly Parsed[] | { readonly [key: string]: Parsed };

/** How often the parser has made a BigInt: nearly no text has any. */
let longIntegers = 0;

/** The same with something else in the place of BigInts. */
function withLongIntegers(value: Parsed, as: (integer: bigint) => Json): Json {
  if (typeof value === "bigint") return as(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withLongIntegers(item as Parsed, as));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withLongIntegers(item, as)]));
}

type Resolved = { readonly value: null | boolean | number | bigint | string } | undefined;

function scalar(name: string, resolve: (text: string) => Resolved): yaml.Type {
  return new yaml.Type(`tag:yaml.org,2002:${name}`, {
    kind: "scalar",
    // An empty scalar arrives as null.
    resolve: (text: string | null) => resolve(text ?? "") !== undefined,
    construct: (text: string | null) => resolve(text ?? "")?.value,
  });
}

function integer(text: string): Resolved {
  const parts = integerParts(text);
  if (!parts) return undefined;
  const { negative, digits } = parts;
  const nearest = Number(digits);
  // Numbers beyond 64 bits are floats to Go. Exact digits of a number without end would take time without end.
  if (Number.isSafeInteger(nearest) || nearest > 2 ** 64) return { value: negative ? 0 - nearest : nearest };
  const value = BigInt(digits);
  if (value > (negative ? 1n << 63n : (1n << 64n) - 1n)) return { value: negative ? -nearest : nearest };
  longIntegers++;
  return { value: negative ? -value : value };
}

function integerParts(text: string): { readonly negative: boolean; readonly digits: string } | undefined {
  if (!startsNumber(text)) return undefined;
  const plain = text.replaceAll("_", "");
  if (!INTEGER.test(plain)) return undefined;
  const digits = plain.replace(/^[-+]/, "");
  return { negative: plain.startsWith("-"), digits: /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits };
}

function float(text: string): Resolved {
  if (!startsNumber(text)) return undefined;
  const plain = text.replaceAll("_", "");
  if (!FLOAT.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? { value } : undefined;
}

/** Most scalars are words: a look at the first character spares them two regular expressions. */
function startsNumber(text: string): boolean {
  const first = text.charCodeAt(0);
  return (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
}
