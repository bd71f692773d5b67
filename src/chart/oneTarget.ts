import { formatReference } from "../image/reference";
import type { RequiredReplacement } from "./find/requiredReplacements";

/** The outcome of a search, with the required replacements that it was for. */
export interface Solved<T> {
  readonly outcome: T;
  readonly replacements: readonly RequiredReplacement[];
}

/**
 * Solves so that an image that a chart writes in two ways is one copy under one name, unless that would cost patches, or let
 * something escape, where values alone are enough for two names.
 *
 * @param costOf 0 where values alone are enough
 */
export async function solveWithOneTarget<T>(
  replacements: readonly RequiredReplacement[],
  solve: (replacements: readonly RequiredReplacement[]) => Promise<T>,
  costOf: (outcome: T) => number,
): Promise<Solved<T>> {
  const unified = withOneTarget(replacements);
  if (!unified) return { outcome: await solve(replacements), replacements };
  const one: Solved<T> = { outcome: await solve(unified), replacements: unified };
  if (costOf(one.outcome) === 0) return one;
  const asWritten: Solved<T> = { outcome: await solve(replacements), replacements };
  return costOf(asWritten.outcome) < costOf(one.outcome) ? asWritten : one;
}

/**
 * The required replacements with one target for each image, where a chart writes one in several ways (`nginx`, `docker.io/library/nginx`):
 * the shortest of those that the ways would have, whichever comes first. Undefined where that is so already.
 */
function withOneTarget(replacements: readonly RequiredReplacement[]): RequiredReplacement[] | undefined {
  const targets = new Map<string, string>();
  for (const replacement of replacements.filter(isWhole)) {
    const source = formatReference(replacement.source);
    const other = targets.get(source);
    if (other === undefined || isBefore(replacement.target, other)) targets.set(source, replacement.target);
  }
  let changed = false;
  const unified = replacements.map((replacement) => {
    const target = isWhole(replacement)
      ? (targets.get(formatReference(replacement.source)) ?? replacement.target)
      : replacement.target;
    if (target === replacement.target) return replacement;
    changed = true;
    return { ...replacement, target };
  });
  return changed ? unified : undefined;
}

const isWhole = ({ incomplete }: RequiredReplacement): boolean => incomplete !== true;

const isBefore = (one: string, other: string): boolean =>
  one.length < other.length || (one.length === other.length && one < other);
