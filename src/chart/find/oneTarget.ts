import { formatReference } from "../../image/reference";
import type { RequiredReplacement } from "./requiredReplacements";

/**
 * The required replacements with one target for each image, where a chart writes one in several ways (`nginx`, `docker.io/library/nginx`):
 * the shortest of those that the ways would have, whichever comes first. Undefined where that is so already.
 */
export function withOneTarget(replacements: readonly RequiredReplacement[]): RequiredReplacement[] | undefined {
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
