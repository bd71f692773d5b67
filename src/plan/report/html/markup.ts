import { printable } from "../../../printable";

/** A piece of HTML. Only {@link markup} makes one, so that a text never becomes markup without being escaped. */
export class Markup {
  private constructor(readonly source: string) {}

  /** Markup that this package wrote itself: a style, a script. Never what strangers wrote. */
  static ofOurs(source: string): Markup {
    return new Markup(source);
  }
}

/** What stands between the parts of a template: texts are escaped, markup and lists of it are not. */
type Content = string | number | Markup | readonly Markup[] | undefined;

/**
 * Markup from a template literal. Every text is escaped for elements and for attributes in double quotes alike, which is
 * the only way attributes are written here.
 *
 * @example
 * ```ts
 * markup`<td title="${path}">${name}</td>`;
 * ```
 */
export function markup(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return Markup.ofOurs(parts.reduce((text, part, index) => text + written(contents[index - 1]) + part));
}

function written(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Markup) return content.source;
  if (typeof content === "object") return content.map(({ source }) => source).join("");
  return escaped(String(content));
}

const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** What neither a parser of HTML nor a reader's eye takes for anything but a text. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? "");
}
