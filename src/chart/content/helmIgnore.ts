import { matchesPattern, type PatternItem } from "../../image/wildcard";

/** Whether Helm leaves a file or folder of a chart out; the path is relative to the chart, with forward slashes. */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean;

interface Rule {
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  readonly matches: (path: string) => boolean;
}

/**
 * Reads a `.helmignore` file. Helm's rules are not git's: the first rule that matches decides, a `!` rule ignores all that
 * it does not match, and `**` is not known.
 *
 * @see {@link https://helm.sh/docs/chart_template_guide/helm_ignore_file/}
 */
export function parseHelmIgnore(text: string): IgnoreRules {
  const rules = [...text.replace(/^\uFEFF/, "").split(/\r?\n/), "templates/.?*"].flatMap((line) =>
    parseRule(line.trim()),
  );
  return (path, isFolder) => {
    for (const { negated, foldersOnly, matches } of rules) {
      if (negated) {
        if ((foldersOnly && !isFolder) || !matches(path)) return true;
      } else if ((!foldersOnly || isFolder) && matches(path)) return true;
    }
    return false;
  };
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
      negated,
      foldersOnly,
      matches: (path) => matchesPattern(items, byName ? path.slice(path.lastIndexOf("/") + 1) : path, isInSegment),
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
  return [...glob.matchAll(/\\(.)|\[(?:\\.|[^\\\]])*\]?|[^]/gs)].flatMap(([part, escaped]): PatternItem[] => {
    if (escaped !== undefined) return [exactly(escaped)];
    if (part === "*") return ["*"];
    if (part === "?") return [isInSegment];
    const oneOf = part.length > 1 ? classOf(part) : undefined;
    return oneOf ? [oneOf] : part.split("").map(exactly);
  });
}

const isInSegment = (character: string): boolean => character !== "/";

const exactly = (wanted: string) => (character: string) => character === wanted;

/** `[a-z\]]` and `[^a]`; undefined for a range that ends before it begins, or has no end. */
function classOf(part: string): ((character: string) => boolean) | undefined {
  const [, negation = "", inside = ""] = /^\[(\^?)([^]*)\]$/.exec(part) ?? [];
  const ranges: [from: string, to: string][] = [];
  for (const [whole, from = "", to = from] of inside.matchAll(/\\?([^])(?:-\\?([^]))?/g)) {
    if (whole.startsWith("-") || to < from) return undefined;
    ranges.push([from, to]);
  }
  if (ranges.length === 0) return undefined;
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) === (negation === "");
}
