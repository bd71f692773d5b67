import { median, type Cost } from "./measure";
import { table } from "./table";

/** What one copier cost, by round. */
export interface Costs {
  /** Into an empty registry. */
  readonly cold: Cost[];
  /** Again, when all is there. */
  readonly warm: Cost[];
}

/** A table of medians, as ratios to the first copier's; seconds in brackets. */
export function resultTable(results: ReadonlyMap<string, Costs>): string {
  const [base] = results.values();
  const rows = [...results].map(([name, costs]) => {
    const cell = (kind: keyof Costs, field: "wall" | "cpu"): string => {
      const value = median(costs[kind].map((cost) => cost[field]));
      const one = median((base ?? costs)[kind].map((cost) => cost[field]));
      return Number.isNaN(value) ? "" : `${one > 0 ? (value / one).toFixed(2) : "–"} (${value.toFixed(2)})`;
    };
    const peaks = [...costs.cold, ...costs.warm].map(({ peakMiB }) => peakMiB);
    return [
      name,
      cell("cold", "wall"),
      cell("cold", "cpu"),
      Math.max(...peaks).toFixed(0),
      cell("warm", "wall"),
      cell("warm", "cpu"),
    ];
  });
  const headings = ["", "cold wall", "cold CPU", "peak MiB", "warm wall", "warm CPU"];
  return table(headings, rows);
}
