import type { JsonPath } from "../../json";

/** A template, with the place of its chart's values: `[]` for the chart itself, `["redis"]` for a sub-chart. */
export interface TemplateText {
  readonly scope: JsonPath;
  readonly text: string;
}

const KEY = String.raw`[A-Za-z_][\w]*`;
// `.Values.a.b`, `$.Values.a.b`, `.context.Values.a.b`, and, nil-safe, `(.Values.a).b` or `((.Values.a).b).c`.
const VALUES = new RegExp(String.raw`\.Values((?:\)*\.${KEY})+)`, "g");
// `.global.a` of a context that was handed on: `.global.imageRegistry`, `.context.global.a`.
const GLOBAL = new RegExp(String.raw`(?<![\w$])[.$](?:${KEY}\.)?global((?:\)*\.${KEY})+)`, "g");
// `index .Values "a" "b"`, for keys with dashes.
const INDEX = /index\s+[.$]+(?:Values)((?:\.[A-Za-z_]\w*)*)((?:\s+"[^"]+")+)/g;
// `get .Values.a "b"`, `dig "a" "b" DEFAULT .Values`, `hasKey .Values.a "b"`, `pluck "b" .Values.a`.
const GET = /(?:get|hasKey)\s+\(?[.$]+Values((?:\.[A-Za-z_]\w*)*)\)?\s+"([^"]+)"/g;

/**
 * Every path of the values that templates name, as far as it stands there in one piece.
 *
 * What comes through `with`, `range` or arguments of named templates is not seen; globals are, since charts call them
 * by name wherever they are handed.
 */
export function templateMentions(templates: readonly TemplateText[]): JsonPath[] {
  const found = new Map<string, JsonPath>();
  const add = (scope: JsonPath, path: readonly string[]): void => {
    if (path.length === 0) return;
    const full = path[0] === "global" ? path : [...scope, ...path];
    found.set(JSON.stringify(full), full);
  };
  for (const { scope, text } of templates) {
    for (const m of text.matchAll(VALUES)) add(scope, dotted(m[1]));
    for (const m of text.matchAll(GLOBAL)) add(scope, ["global", ...dotted(m[1])]);
    for (const m of text.matchAll(INDEX)) add(scope, [...dotted(m[1]), ...quoted(m[2])]);
    for (const m of text.matchAll(GET)) add(scope, [...dotted(m[1]), m[2] as string]);
  }
  return [...found.values()];
}

function dotted(text = ""): string[] {
  return text
    .split(".")
    .map((key) => key.split(")", 1)[0] as string)
    .filter((key) => key !== "");
}

function quoted(text = ""): string[] {
  return [...text.matchAll(/"([^"]+)"/g)].map((m) => m[1] as string);
}

// A line that sets an image, or that holds a reference as a default for a value.
const IMAGE_LINE = /image|["'](?:[\w-]+\.)+[a-z]{2,}(?::\d+)?\/[\w./-]/i;

/** The paths that are named on lines about an image, whatever the paths themselves are called. */
export function imageLineMentions(templates: readonly TemplateText[]): JsonPath[] {
  return templateMentions(
    templates
      .filter(({ text }) => text.includes(".Values"))
      .flatMap(({ scope, text }) =>
        text
          .split("\n")
          .flatMap((line) => (line.includes(".Values") && IMAGE_LINE.test(line) ? [{ scope, text: line }] : [])),
      ),
  );
}

// Functions of Sprig and Helm whose result differs from call to call.
const CHANCE =
  /\b(?:rand(?:Alpha|AlphaNum|Ascii|Numeric|Bytes|Int)|gen(?:CA|SelfSignedCert|SignedCert|PrivateKey)(?:WithKey)?|uuidv4|now|htpasswd|bcrypt|derivePassword|encryptAES|shuffle)\b/;

/** Whether a chart calls functions whose results no two renders share: random numbers, keys, the clock. */
export function rendersByChance(templates: readonly TemplateText[]): boolean {
  return templates.some(({ text }) =>
    text.split("}").some((piece) => {
      const action = piece.indexOf("{{");
      return action >= 0 && CHANCE.test(piece.slice(action + "{{".length));
    }),
  );
}
