import { join } from "node:path";
import { ensureTool } from "../../test/support/tools";
import { measure, median, type Cost } from "../measure";
import { table } from "../table";
import { LARGE_CHARTS, writeChart } from "./charts";

/** `helm template` takes less than the analysis: more runs of it make its median as good. */
const RENDERS = 3;

/** What an analysis costs. */
interface Analysis extends Cost {
  /** Seconds in a program that runs already. */
  readonly seconds: number;
  /** How often helm rendered the chart in it. */
  readonly renders: number;
}

/** What the analysis of a chart costs, over one render of the same chart. */
export async function compareAnalyses(rounds: number, folder: string): Promise<string> {
  const helm = await ensureTool("helm");
  const script = join(__dirname, "analyseChart.js");
  const rows: string[][] = [];
  for (const [name, files] of Object.entries(LARGE_CHARTS)) {
    const chart = join(folder, name.replaceAll(/\W/g, ""));
    writeChart(chart, files);
    const renders: Cost[] = [];
    const analyses: Analysis[] = [];
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < RENDERS; i++) renders.push(await measure(`'${helm}' template web '${chart}' >/dev/null`));
      const { output, ...cost } = await measure(`HELM='${helm}' '${process.execPath}' '${script}' '${chart}'`);
      analyses.push({ ...cost, ...(JSON.parse(output) as Pick<Analysis, "seconds" | "renders">) });
    }
    const times = (one: number, many: number): string =>
      `${(many / one).toFixed(1)} (${one.toFixed(2)} → ${many.toFixed(2)})`;
    const middle = <T>(costs: readonly T[], of: (cost: T) => number): number => median(costs.map(of));
    rows.push([
      name,
      times(
        middle(renders, ({ wall }) => wall),
        middle(analyses, ({ seconds }) => seconds),
      ),
      times(
        middle(renders, ({ cpu }) => cpu),
        middle(analyses, ({ cpu }) => cpu),
      ),
      middle(analyses, (analysis) => analysis.renders).toFixed(0),
      Math.max(...analyses.map(({ peakMiB }) => peakMiB)).toFixed(0),
    ]);
  }
  return table(["a chart of", "wall", "CPU", "renders", "peak MiB"], rows);
}
