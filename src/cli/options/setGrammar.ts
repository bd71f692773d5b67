import { parseJson, type Json } from "../../json";
import { InvalidSetError, type SetOption } from "./setOption";

/** Deeper names Helm refuses. */
const MAX_NESTED_NAME_LEVEL = 30;

/** One `KEY=VALUE` of an argument. */
export interface Assignment {
  /** Keys and list indexes; an empty key is one that Helm walks through and does not set. */
  readonly path: readonly (string | number)[];
  /** Absent where the argument ends behind an index or a dot. */
  readonly value?: SetValue;
  /** The argument ends without a value, or with an empty one. Helm has quirks there. */
  readonly atEnd: boolean;
  /** Which of the argument's assignments it is, from 1. */
  readonly number: number;
}

/** A value as it is written, one text or the texts of a list; with `--set-json` the value itself. */
export type SetValue = { readonly text: string } | { readonly texts: readonly string[] } | { readonly json: Json };

/**
 * Takes an argument apart by Helm's own grammar
 * ({@link https://github.com/helm/helm/blob/v3.19.5/pkg/strvals/parser.go}).
 *
 * @throws {InvalidSetError}
 */
export function assignmentsOf(option: SetOption, argument: string): Assignment[] {
  const reader = new Reader(option, argument);
  const assignments: Assignment[] = [];
  while (!reader.atEnd()) assignments.push(reader.assignment());
  return assignments;
}

class Reader {
  private at = 0;
  private number = 0;
  private readonly chars: readonly string[];
  private readonly escapes: boolean;

  constructor(
    private readonly option: SetOption,
    private readonly argument: string,
  ) {
    this.chars = [...argument];
    this.escapes = option !== "--set-literal";
  }

  atEnd(): boolean {
    return this.at >= this.chars.length;
  }

  assignment(): Assignment {
    this.number += 1;
    const { path, open } = this.path();
    const { number } = this;
    if (open) return { path, atEnd: true, number };
    if (this.option === "--set-json") return { path, value: { json: this.json() }, atEnd: false, number };
    if (this.option === "--set-literal") return { path, value: { text: this.rest() }, atEnd: false, number };
    if (this.atEnd()) return { path, value: { text: "" }, atEnd: true, number };
    return {
      path,
      value: this.peek() === "{" ? { texts: this.list() } : { text: this.until(",") },
      atEnd: false,
      number,
    };
  }

  /** @returns `open` when the argument ends before the value */
  private path(): { path: (string | number)[]; open: boolean } {
    const path: (string | number)[] = [];
    const ends = this.escapes ? "=[,." : "=[.";
    let level = 0;
    for (;;) {
      const index = typeof path.at(-1) === "number" && this.chars[this.at - 1] === "]";
      const key = this.until(index ? "[.=" : ends, false);
      const end = this.chars[this.at];
      if (index && key !== "") throw this.error("something stands behind the ] of an index");
      if (!index && end === undefined && key !== "") throw this.error("a key has no value");
      if (!index && end === ",") throw this.error("a key has no value");
      // The argument may end behind an index, or behind a dot.
      if (end === undefined) return { path: index ? path : [...path, ""], open: true };
      this.at += 1;
      if (!index) path.push(key);
      if (end === "=") return { path, open: false };
      if (end === "[") path.push(this.index());
      else if ((level += index ? 0 : 1) > MAX_NESTED_NAME_LEVEL)
        throw this.error(`its name has more than ${MAX_NESTED_NAME_LEVEL} levels`);
    }
  }

  private index(): number {
    const text = this.until("]", false);
    if (this.atEnd()) throw this.error("an index is not closed with ]");
    this.at += 1;
    if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
      throw this.error("a list index is no whole number");
    if (Number(text) < 0) throw this.error("a list index is negative");
    // No negative zero.
    return Number(text) + 0;
  }

  private list(): string[] {
    this.at += 1;
    const items: string[] = [];
    for (;;) {
      items.push(this.until(",}", false));
      const end = this.chars[this.at];
      if (end === undefined) throw this.error("a list is not closed with }");
      this.at += 1;
      if (end === "}") break;
    }
    if (this.peek() === ",") this.at += 1;
    return items;
  }

  /** The JSON value that comes next, and the comma behind it. */
  private json(): Json {
    if (this.blanksAndComma()) return null;
    const rest = this.chars.slice(this.at).join("");
    const length = jsonLength(rest);
    let value: Json;
    try {
      value = parseJson(rest.slice(0, length)) as Json;
    } catch {
      // The parser's own message repeats the text.
      throw this.error("the value is no JSON");
    }
    if (!isFinite(value)) throw this.error("the value is no JSON");
    this.at += [...rest.slice(0, length)].length;
    this.blanksAndComma();
    return value;
  }

  /** Whether nothing comes before the next assignment. */
  private blanksAndComma(): boolean {
    while (/^\s$/u.test(this.peek() ?? "")) this.at += 1;
    if (this.peek() === ",") this.at += 1;
    else return this.atEnd();
    return true;
  }

  private rest(): string {
    const text = this.chars.slice(this.at).join("");
    this.at = this.chars.length;
    return text;
  }

  /** Reads up to one of the characters; a backslash takes the next one as it is. */
  private until(ends: string, takesEnd = true): string {
    let text = "";
    for (; !this.atEnd(); this.at++) {
      const char = this.chars[this.at] as string;
      if (char === "\\" && this.escapes) text += this.chars[++this.at] ?? "";
      else if (ends.includes(char)) {
        if (takesEnd) this.at += 1;
        return text;
      } else text += char;
    }
    return text;
  }

  private peek(): string | undefined {
    return this.chars[this.at];
  }

  private error(reason: string): InvalidSetError {
    return new InvalidSetError(this.option, this.argument, this.number, reason);
  }
}

/** A number, or a word. What goes on like a number is none. */
const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+|(?!\.))(?:[eE][+-]?\d+|(?![eE]))|true|false|null)/;

/** A number that is too great for JSON's readers is an error to Go. */
function isFinite(value: Json): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isFinite);
}

/** How long the JSON value at the beginning of a text is, as far as brackets and quotes tell. */
function jsonLength(text: string): number {
  if (!/^["[{]/.test(text)) return SCALAR.exec(text)?.[0].length ?? 0;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (quoted) {
      if (char === "\\") i += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if ("[{".includes(char)) depth += 1;
    else if ("]}".includes(char)) depth -= 1;
    if (depth <= 0 && !quoted) return i + 1;
  }
  return text.length;
}
