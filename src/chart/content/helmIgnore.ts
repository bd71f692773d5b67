import { matchesPattern, type PatternItem } from "../../image/wildcard";

/** Whether Helm leaves a file or folder of a chart out; the path is relative to the chart, with forward slashes. */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean;

interface Rule {
  /** Characters of its pattern that may be tried at every place of a name; those behind no star are tried at one. */
  readonly tries: number;
  readonly byName: boolean;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  readonly matches: (path: string) => boolean;
}

/**
 * Reads a `.helmignore` file. Helm's rules are not git's: the first rule that matches decides, a `!` rule ignores all that
 * it does not match, and `**` is not known. What Helm would not ignore must not be ignored here: links that are not looked
 * at would be followed by Helm. So spaces and characters are those of Go.
 *
 * @param comparing is told how many characters a question may take to compare, before it is answered
 * @see {@link https://helm.sh/docs/chart_template_guide/helm_ignore_file/}
 */
export function parseHelmIgnore(text: string, comparing: (characters: number) => void = () => undefined): IgnoreRules {
  const rules = [...text.replace(/^\uFEFF/, "").split(/\r?\n/), "templates/.?*"].flatMap((line) =>
    parseRule(trimmed(line)),
  );
  const triesOf = (some: readonly Rule[]): number => some.reduce((sum, { tries }) => sum + tries, 0);
  const [ofNames, ofPaths] = [triesOf(rules.filter(({ byName }) => byName)), triesOf(rules.filter((r) => !r.byName))];
  return (path, isFolder) => {
    const nameLength = path.length - path.lastIndexOf("/") - 1;
    comparing(rules.length + ofNames * nameLength + ofPaths * path.length);
    for (const { negated, foldersOnly, matches } of rules) {
      if (negated) {
        if ((foldersOnly && !isFolder) || !matches(path)) return true;
      } else if ((!foldersOnly || isFolder) && matches(path)) return true;
    }
    return false;
  };
}

/** Go's `strings.TrimSpace`: the byte order mark is none of its spaces, and the next line (U+0085) is. */
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function trimmed(line: string): string {
  let [start, end] = [0, line.length];
  while (start < end && SPACE.test(line[start] as string)) start++;
  while (start < end && SPACE.test(line[end - 1] as string)) end--;
  return line.slice(start, end);
}

function parseRule(line: string): Rule[] {
  if (line === "" || line.startsWith("#")) return [];
  const negated = line.startsWith("!");
  const rule = negated ? line.slice(1) : line;
  const foldersOnly = rule.endsWith("/");
  const pattern = foldersOnly ? rule.slice(0, -1) : rule;
  const items = globItems(pattern.replace(/^\//, ""));
  const byName = !pattern.includes("/");
  return [
    {
      tries: items.includes("*") ? items.length : 1,
      byName,
      negated,
      foldersOnly,
      matches: (path) =>
        matchesPattern(items, characters(byName ? path.slice(path.lastIndexOf("/") + 1) : path), isInSegment),
    },
  ];
}

/**
 * Go's `filepath.Match`: `*` and `?` stop at slashes, `[...]` is a class, a backslash takes the next character as it is.
 * What is no class of Go's stands for itself.
 *
 * @see {@link https://pkg.go.dev/path/filepath#Match}
 */
function globItems(glob: string): PatternItem[] {
  return [...glob.matchAll(/\\(.)|\[(?:\\.|[^\\\]])*\]?|[^]/gsu)].flatMap(([part, escaped]): PatternItem[] => {
    if (escaped !== undefined) return [exactly(escaped)];
    if (part === "*") return ["*"];
    if (part === "?") return [isInSegment];
    const oneOf = part.length > 1 ? classOf(part) : undefined;
    return oneOf ? [oneOf] : Array.from(part, exactly);
  });
}

/** A text by whole characters, as Go counts them; the text itself where UTF-16 counts the same. */
const characters = (text: string): string | string[] => (/[\ud800-\udbff]/.test(text) ? Array.from(text) : text);

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;

const isInSegment = (character: string): boolean => character !== "/";

const exactly = (wanted: string) => (character: string) => character === wanted;

/** `[a-z\]]` and `[^a]`; undefined for a range that ends before it begins, or has no end. */
function classOf(part: string): ((character: string) => boolean) | undefined {
  const [, negation = "", inside = ""] = /^\[(\^?)([^]*)\]$/.exec(part) ?? [];
  const ranges: [from: string, to: string][] = [];
  for (const [whole, from = "", to = from] of inside.matchAll(/\\?([^])(?:-\\?([^]))?/gu)) {
    if (whole.startsWith("-") || codeOf(to) < codeOf(from)) return undefined;
    ranges.push([from, to]);
  }
  if (ranges.length === 0) return undefined;
  return (character) =>
    ranges.some(([from, to]) => codeOf(from) <= codeOf(character) && codeOf(character) <= codeOf(to)) ===
    (negation === "");
}
