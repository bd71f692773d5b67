/** Nobody mistypes a longer name, and comparing two takes as long as one times the other. */
const LONGEST_NAME = 250;

/** The names that a person may have meant: those that hold the name or differ in few letters, the most alike first. */
export function namesLike(name: string, names: readonly string[]): string[] {
  if (name.length > LONGEST_NAME) return [];
  return names
    .filter((candidate) => candidate.length <= LONGEST_NAME)
    .map((candidate) => ({ candidate, far: distance(name, candidate) }))
    .filter(
      ({ candidate, far }) =>
        far <= Math.max(2, name.length / 4) || candidate.includes(name) || name.includes(candidate),
    )
    .sort((a, b) => a.far - b.far)
    .slice(0, 5)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] as number;
}
