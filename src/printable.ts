/** Characters of a message that are shown; what a registry, Helm or a chart wrote beyond them is only counted. */
export const LONGEST = 16_000;

/**
 * What terminals obey or hide: control characters but tab and line feed, separators of lines, and what changes the
 * direction of text or has no width ({@link https://trojansource.codes}).
 */
const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex -- these are the ones
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * What build machines take for commands: `::error::` at the beginning of a line (GitHub), `##[error]`, `##vso[…]` and
 * `##teamcity[…]` anywhere.
 *
 * @see {@link https://docs.github.com/actions/reference/workflow-commands-for-github-actions}
 * @see {@link https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands}
 */
const COMMAND = /^([^\S\r\n\u2028\u2029]*):(?=:)|#(?=#[a-z]*\[)/gim;

/**
 * A text that a terminal and the log of a build machine only show: what they would obey is written as `\u001b`, which JSON
 * reads as it was. Lines stay lines. A text that went through stays as it is.
 *
 * @example
 * ```ts
 * printable("\u001b[31mred\n::error::no"); // "\\u001b[31mred\n\\u003a:error::no"
 * ```
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped).replace(COMMAND, (found, indent = "") => indent + escaped(found.slice(-1)));
}

/** A {@link printable} text in one line: a cell of a table, a name inside a sentence. */
export function printableLine(text: string): string {
  return printable(text.replaceAll("\n", escaped));
}

/** A text for a message: one that is very long is cut, and says so. */
export function shortened(text: string, longest = LONGEST): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length - longest} more characters)`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
