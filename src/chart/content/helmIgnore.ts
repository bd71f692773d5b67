import { inOrder } from "../../image/wildcard";

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
  const glob = globExpression(pattern.replace(/^\//, ""));
  const byName = !pattern.includes("/");
  return [
    { negated, foldersOnly, matches: (path) => glob.test(byName ? path.slice(path.lastIndexOf("/") + 1) : path) },
  ];
}

/**
 * Go's `filepath.Match`: `*` and `?` stop at slashes, `[...]` is a class, a backslash takes the next character as it is.
 * What is no class of Go's stands for itself.
 *
 * @see {@link https://pkg.go.dev/path/filepath#Match}
 */
function globExpression(glob: string): RegExp {
  const parts = [""];
  for (const [part, escaped] of glob.matchAll(/\\(.)|\[(?:\\.|[^\\\]])*\]?|[^]/gs)) {
    if (part === "*") parts.push("");
    else parts.push((parts.pop() as string) + one(part, escaped));
  }
  return new RegExp(inOrder(parts, "[^/]"), "s");
}

/** Source for what one item of a glob stands for. */
function one(part: string, escaped: string | undefined): string {
  if (escaped !== undefined) return literal(escaped);
  if (part === "?") return "[^/]";
  return (part.length > 1 && classSource(part)) || [...part].map(literal).join("");
}

/** `[a-z\]]` and `[^a]`; undefined for a range that ends before it begins, or has no end. */
function classSource(part: string): string | undefined {
  const [, negation = "", inside = ""] = /^\[(\^?)([^]*)\]$/.exec(part) ?? [];
  let source = "";
  for (const [, from = "", to] of inside.matchAll(/\\?([^])(?:-\\?([^]))?/g)) {
    if (from === "-" || (to !== undefined && to < from)) return undefined;
    source += literal(from) + (to === undefined ? "" : `-${literal(to)}`);
  }
  return source === "" ? undefined : `[${negation}${source}]`;
}

function literal(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/-]/, "\\$&");
}
