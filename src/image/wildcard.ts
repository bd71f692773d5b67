/** What one place of a pattern takes: `*` any number of characters, a function one character. */
export type PatternItem = "*" | ((character: string) => boolean);

/**
 * Whether a pattern takes a whole text. Its time grows with the text times the pattern, however many stars there are: what
 * stands between two stars stays where it fits first, since no other place leaves more to the rest.
 *
 * @param text as a list where its characters are not those of UTF-16
 * @param crosses whether a star takes a character: those of paths stop at slashes
 */
export function matchesPattern(
  items: readonly PatternItem[],
  text: string | readonly string[],
  crosses: (character: string) => boolean = () => true,
): boolean {
  let item = 0;
  let star = -1;
  let behindStar = 0;
  for (let at = 0; at < text.length;) {
    const next = items[item];
    if (next === "*") {
      star = item++;
      behindStar = at;
    } else if (next?.(text[at] as string)) {
      item++;
      at++;
    } else if (star >= 0 && crosses(text[behindStar] as string)) {
      item = star + 1;
      at = ++behindStar;
    } else return false;
  }
  return items.slice(item).every((left) => left === "*");
}

/**
 * Whether a pattern takes a whole text; `*` stands for any characters.
 *
 * @example
 * ```ts
 * matchesWildcard("quay.io/shop/*", "quay.io/shop/web:1"); // true
 * ```
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const items = pattern.split("").map((wanted): PatternItem => (wanted === "*" ? "*" : (given) => given === wanted));
  return matchesPattern(items, text);
}
