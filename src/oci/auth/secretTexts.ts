/** Texts that must not be told, and how they are taken out of what others wrote. */
export class SecretTexts {
  /** Bytes, as {@link bytesOf} writes them. */
  readonly #forms = new Set<string>();

  add(secret: string): void {
    if (!secret) return;
    for (const form of formsOf(secret)) this.#forms.add(bytesOf(form));
  }

  /**
   * Puts `***` in the place of secrets. A registry may repeat a request in the form that it came in, quote it in JSON, or write
   * it into an address, where any character may be escaped, and be so more than once.
   */
  scrub(text: string): string {
    if (this.#forms.size === 0) return text;
    const found: Span[] = [];
    let view: View | undefined = plainView(text);
    for (let times = 0; view && times <= MOST_ESCAPES; times++) {
      for (const form of this.#forms) collect(form, view, found);
      view = unescaped(view);
    }
    return withoutSpans(text, found);
  }
}

/** How often an address is escaped in another one, at most. */
const MOST_ESCAPES = 3;

/** A part of a text: where it begins, and where it has ended. */
type Span = readonly [start: number, end: number];

/** The bytes of a text, a character for each, and what part of the text each stands for. */
interface View {
  readonly bytes: string;
  readonly spans: readonly Span[];
}

/** Shorter ones are found in what has nothing to do with them. */
const SHORTEST_FORM = 6;

function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const encoded = Buffer.from(secret).toString("base64");
  const unlike = [
    // Hosts are in small letters.
    secret.toLowerCase(),
    ...[encoded, secret].map((text) => text.replace(/={1,2}$/, "")),
    ...[encoded, secret].map((text) =>
      text
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replace(/={1,2}$/, ""),
    ),
  ];
  const ascii = json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [secret, json, ascii, ...unlike.filter((form) => form.length >= SHORTEST_FORM)];
}

// A form has a plus sign where a space was.
const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1").replaceAll("+", " ");

function plainView(text: string): View {
  const spans: Span[] = [];
  let at = 0;
  for (const character of text) {
    const span: Span = [at, (at += character.length)];
    for (let bytes = Buffer.byteLength(character); bytes > 0; bytes--) spans.push(span);
  }
  return { bytes: bytesOf(text), spans };
}

/** What escapes stand for; undefined where there are none. */
function unescaped({ bytes, spans }: View): View | undefined {
  if (!ESCAPE.test(bytes)) return undefined;
  const plain: Span[] = [];
  let at = 0;
  const text = bytes.replace(EACH, (part: string) => {
    const [start = 0] = spans[at] ?? [];
    const [, end = 0] = spans[at + part.length - 1] ?? [];
    plain.push([start, end]);
    at += part.length;
    return part.length === 1 ? part : String.fromCharCode(parseInt(part.slice(1), 16));
  });
  return { bytes: text.replaceAll("+", " "), spans: plain };
}

const ESCAPE = /%[0-9a-f]{2}/i;
const EACH = /%[0-9a-f]{2}|[^]/gi;

function collect(form: string, { bytes, spans }: View, found: Span[]): void {
  for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + form.length)) {
    const [start = 0] = spans[at] ?? [];
    const [, end = 0] = spans[at + form.length - 1] ?? [];
    found.push([start, end]);
  }
}

function withoutSpans(text: string, found: readonly Span[]): string {
  let clean = "";
  let done = 0;
  // The longest first of those that begin together.
  for (const [start, end] of [...found].sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (end <= done) continue;
    // What overlaps with the one before it is in its place already.
    clean += start < done ? "" : `${text.slice(done, start)}***`;
    done = end;
  }
  return clean + text.slice(done);
}
