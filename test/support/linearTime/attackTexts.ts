import { RegExpParser, type AST } from "@eslint-community/regexpp";

/** A text that may cost an expression more than it is long: `repeated` stands between the others as often as wanted. */
export interface AttackText {
  readonly before: string;
  readonly repeated: string;
  readonly after: string;
}

/** What ends a match that was begun: nothing, and what hardly any expression takes. */
const ENDS = ["", "\u0000"];

/**
 * Texts made of an expression's own parts. For each of its repetitions: what comes before it, then what is repeated, so that
 * repetitions may share it out in many ways; and both over and over, so that each begins a search that fails late.
 */
export function attackTexts(source: string, flags: string): AttackText[] {
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode: /[uv]/.test(flags) });
  const texts = new Map<string, AttackText>();
  const found = (before: string, repeated: string): void => {
    for (const after of ENDS)
      if (repeated !== "") texts.set(JSON.stringify([before, repeated, after]), { before, repeated, after });
  };
  collect(pattern.alternatives, "", (before, repeated) => {
    for (const unit of repeated) {
      found(before, unit);
      found("", before + unit);
    }
    found("", before);
  });
  return [...texts.values()];
}

type Repetition = (before: string, repeated: ReadonlySet<string>) => void;

/** Walks through an expression and tells of its repetitions; returns a text that its first alternative takes. */
function collect(alternatives: readonly AST.Alternative[], before: string, tell: Repetition): string {
  const [first = ""] = alternatives.map(({ elements }) => {
    let text = "";
    for (const element of elements) text += sample(element, before + text, tell);
    return text;
  });
  return first;
}

function sample(element: AST.Element, before: string, tell: Repetition): string {
  switch (element.type) {
    case "Character":
    case "CharacterSet":
    case "CharacterClass":
      return members(element)[0] ?? "";
    case "Group":
    case "CapturingGroup":
      return collect(element.alternatives, before, tell);
    case "Assertion":
      if ("alternatives" in element) collect(element.alternatives, before, tell);
      return "";
    case "Quantifier": {
      const text = sample(element.element, before, tell);
      if (element.max > 100) tell(before, new Set([text, ...charactersOf(element.element)]));
      return text.repeat(Math.max(1, Math.min(element.min, 64)));
    }
    case "ExpressionCharacterClass":
    case "Backreference":
      return "";
  }
}

function charactersOf(element: AST.Element): string[] {
  const { type } = element;
  return type === "Character" || type === "CharacterSet" || type === "CharacterClass" ? members(element) : [];
}

/** Some of the characters that an item takes. */
function members(
  element: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ClassRangesCharacterClassElement,
): string[] {
  switch (element.type) {
    case "Character":
      return [String.fromCodePoint(element.value)];
    case "CharacterClassRange":
      return [String.fromCodePoint(element.min.value)];
    case "CharacterSet":
      if (element.kind === "any") return ["x", "/"];
      return element.kind === "property"
        ? []
        : ({ digit: "0", space: " ", word: "a" }[element.kind] ?? "x").split("").map((c) => (element.negate ? "!" : c));
    case "CharacterClass": {
      const taken = new RegExp(element.raw);
      const named = element.elements.flatMap((item) => members(item as AST.ClassRangesCharacterClassElement));
      return element.negate ? [..."x/ :.{("].filter((character) => taken.test(character)) : named.slice(0, 6);
    }
    default:
      return [];
  }
}
