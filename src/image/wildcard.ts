/**
 * A pattern of which `*` stands for any characters, as a regular expression for the whole text.
 *
 * @example
 * ```ts
 * wildcard("quay.io/shop/*").test("quay.io/shop/web:1"); // true
 * ```
 */
export function wildcard(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"));
  return new RegExp(inOrder(parts, "."));
}

/**
 * Source of a regular expression for the whole text: the parts in their order, and any number of `between` from one to the
 * next. Its time grows with the text times the pattern, however many parts there are: a part stays where it fits first,
 * since the look-ahead is left as a whole (`(?=(x))\1` is what other dialects write as the atomic group `(?>x)`).
 *
 * @param parts sources without groups, each of which fits texts of one length alone
 * @param between a source that fits single characters
 */
export function inOrder(parts: readonly string[], between: string): string {
  const last = parts.length - 1;
  const sources = parts.map((part, i) => {
    if (i === 0) return part;
    return i === last ? `${between}*${part}` : `(?=(${between}*?${part}))\\${i}`;
  });
  return `^${sources.join("")}$`;
}
