/** Compares texts for `sort`, the same on every machine and in every language: by UTF-16 code units, as `sort` does by itself. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares entries of a Map or an object by their keys, as {@link compareTexts} does. */
export function byKey([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number {
  return compareTexts(a, b);
}
