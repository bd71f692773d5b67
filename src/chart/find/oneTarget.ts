import { formatReference } from "../../image/reference";
import type { Goal } from "./goals";

/**
 * The goals with one target for each image, where a chart writes one in several ways (`nginx`, `docker.io/library/nginx`):
 * the shortest of those that the ways would have, whichever comes first. Undefined where that is so already.
 */
export function withOneTarget(goals: readonly Goal[]): Goal[] | undefined {
  const targets = new Map<string, string>();
  for (const goal of goals.filter(isWhole)) {
    const source = formatReference(goal.source);
    const other = targets.get(source);
    if (other === undefined || isBefore(goal.target, other)) targets.set(source, goal.target);
  }
  let changed = false;
  const unified = goals.map((goal) => {
    const target = isWhole(goal) ? (targets.get(formatReference(goal.source)) ?? goal.target) : goal.target;
    if (target === goal.target) return goal;
    changed = true;
    return { ...goal, target };
  });
  return changed ? unified : undefined;
}

const isWhole = ({ incomplete }: Goal): boolean => incomplete !== true;

const isBefore = (one: string, other: string): boolean =>
  one.length < other.length || (one.length === other.length && one < other);
