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

/** Go's `filepath.Match`: `*` and `?` stop at slashes, `[...]` is a class, a backslash takes the next character as it is. */
function globExpression(glob: string): RegExp {
  const source = glob.replace(/\\(.)|\[\^?[^\]]*\]|[*?]|[.+^${}()|[\]\\]/g, (part, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped.replace(/[^\w]/g, "\\$&");
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.length > 1 ? part : `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
