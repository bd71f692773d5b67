import { printable } from "../../printable";

/**
 * A text as Markdown that shows exactly it: no markup, no mention of a person, no link to an issue, and in one line, as
 * cells of tables need it ({@link https://github.github.com/gfm/#backslash-escapes}).
 */
export function plainText(text: string): string {
  const escaped = printable(text.replaceAll("\r\n", "\n"))
    .replace(/[\\`*_{}[\]()#+!|~>-]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "&#64;")
    // Addresses become links without any markup, too (https://github.github.com/gfm/#autolinks-extension-).
    .replaceAll("://", ":&#47;&#47;")
    .replace(/\bwww\./gi, "www&#46;");
  return escaped
    .split("\n")
    .map((line) => line.trim())
    .filter((line, i, lines) => line !== "" || i === 0 || i === lines.length - 1)
    .join("<br>");
}

/**
 * A text as a code span inside a table: the fence is longer than any run of backticks inside, and bars are escaped, which
 * tables of GitHub and GitLab undo also in code ({@link https://github.github.com/gfm/#example-200}).
 */
export function code(text: string): string {
  const line = printable(text.replace(/\s+/g, " "));
  if (line.trim() === "") return "";
  let longest = 0;
  for (const [run] of line.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  const padding = longest > 0 || line.startsWith(" ") || line.endsWith(" ") ? " " : "";
  return `${fence}${padding}${line.replaceAll("|", "\\|")}${padding}${fence}`;
}

/** A table of cells that are Markdown already. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return line(headings) + line(headings.map(() => "---")) + rows.map(line).join("");
}

/** What is folded until somebody clicks on its title, which is Markdown, too. */
export function folded(title: string, content: string): string {
  // The blank lines make Markdown of what stands between the tags.
  return `<details><summary>${title}</summary>\n\n${content}\n</details>\n`;
}
