import { MirrorError } from "../../error";
import type { Json, JsonObject } from "../../json";
import { childOf, setChild } from "../../ownKeys";

/** A `--set` argument that breaks Helm's grammar. `code` is `INVALID_SET`. */
export class InvalidSetError extends MirrorError {
  override readonly name = "InvalidSetError";
  constructor(
    readonly argument: string,
    reason: string,
  ) {
    super(
      "INVALID_SET",
      `reading --set ${JSON.stringify(argument)}: ${reason}`,
      "Write it as Helm does: a.b=1,list[0].name=x,names={a,b}",
    );
  }
}

/** Lists in `--set` are filled up to the index that is named; Helm has the same bound. */
const MAX_INDEX = 65536;

/**
 * Applies one `--set` argument to values, in Helm's own grammar
 * ({@link https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set}).
 *
 * @returns new values; the given ones stay as they are
 * @throws {InvalidSetError}
 * @example `applySet({}, "image.tag=1.2,ports[0]=80")` is `{ image: { tag: "1.2" }, ports: [80] }`: integers, booleans and
 * `null` are typed as in Helm, everything else is text.
 */
export function applySet(values: JsonObject, argument: string): JsonObject {
  const result = structuredClone(values);
  const reader = new Reader(argument);
  while (!reader.atEnd()) {
    const path = reader.path();
    place(result, path, reader.value(), argument);
    reader.skipComma();
  }
  return result;
}

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  skipComma(): void {
    if (this.text[this.at] === ",") this.at += 1;
  }

  path(): (string | number)[] {
    const path: (string | number)[] = [];
    for (;;) {
      const key = this.until(".[=,");
      if (key !== "") path.push(key);
      else if (path.length === 0 || this.text[this.at - 1] === ".")
        throw new InvalidSetError(this.text, "a key is empty");
      while (this.text[this.at] === "[") path.push(this.index());
      const next = this.text[this.at];
      if (next === ".") this.at += 1;
      else if (next === "=") {
        this.at += 1;
        return path;
      } else throw new InvalidSetError(this.text, `key ${JSON.stringify(path.join("."))} has no value`);
    }
  }

  value(): Json {
    if (this.text[this.at] !== "{") return typed(...this.rawUntil(","));
    this.at += 1;
    const items: Json[] = [];
    for (;;) {
      const [item, escaped] = this.rawUntil(",}");
      const end = this.text[this.at];
      if (end === undefined) throw new InvalidSetError(this.text, "a list is not closed with }");
      if (item !== "" || end === "," || items.length > 0) items.push(typed(item, escaped));
      this.at += 1;
      if (end === "}") return items;
    }
  }

  private index(): number {
    const close = this.text.indexOf("]", this.at);
    const digits = close < 0 ? "" : this.text.slice(this.at + 1, close);
    if (!/^\d+$/.test(digits) || Number(digits) > MAX_INDEX)
      throw new InvalidSetError(this.text, `${JSON.stringify(digits)} is not a list index`);
    this.at = close + 1;
    return Number(digits);
  }

  private until(stops: string): string {
    return this.rawUntil(stops)[0];
  }

  /** Reads up to one of the stops; a backslash takes the next character as it is. */
  private rawUntil(stops: string): [text: string, escaped: boolean] {
    let result = "";
    let escaped = false;
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] as string;
      if (char === "\\") {
        escaped = true;
        this.at += 1;
        result += this.text[this.at] ?? "";
      } else if (stops.includes(char)) break;
      else result += char;
    }
    return [result, escaped];
  }
}

/** Helm's typing: a number with a leading zero or a fraction stays text. */
function typed(text: string, escaped: boolean): Json {
  if (escaped) return text;
  if (text === "true") return true;
  if (text === "false") return false;
  if (text === "null") return null;
  if (text === "0" || (/^-?[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text)))) return Number(text);
  return text;
}

function place(values: JsonObject, path: readonly (string | number)[], value: Json, argument: string): void {
  let here: JsonObject | Json[] = values;
  path.forEach((key, i) => {
    if (typeof key === "number" ? !Array.isArray(here) : Array.isArray(here))
      throw new InvalidSetError(argument, `${JSON.stringify(path.slice(0, i).join("."))} is of another kind`);
    if (Array.isArray(here)) while (here.length < Number(key)) here.push(null);
    if (i === path.length - 1) {
      setChild(here, key, value);
      return;
    }
    let next = childOf(here, key);
    if (typeof next !== "object" || next === null)
      setChild(here, key, (next = typeof path[i + 1] === "number" ? [] : {}));
    here = next;
  });
}
