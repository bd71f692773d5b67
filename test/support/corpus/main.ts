import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startLocalApiServer } from "../providers/kubernetes/localApiServer";
import { ensureTool } from "../tools";
import { corpusCharts } from "./corpusCharts";
import { CorpusCluster } from "./corpusCluster";
import { judgeChart, type ChartReport } from "./judgeChart";

/**
 * Judges the chart analysis by charts of others:
 * `npm run corpus -- --charts FOLDER [--list LIST.json] [--id ID]... [--jobs 2] [--out REPORT.json] [--no-server]`.
 *
 * Each chart is rendered by helm as it is, and as `chart-mirror values` leaves it, for an install and for an upgrade; every
 * object is asked of a real API server by a dry run. It ends with 1 when a fault of any chart is silent.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      charts: { type: "string" },
      list: { type: "string" },
      id: { type: "string", multiple: true },
      jobs: { type: "string", default: "2" },
      out: { type: "string" },
      "no-server": { type: "boolean", default: false },
    },
  });
  if (values.charts === undefined) throw new Error("name the folder that holds the charts: --charts FOLDER");
  const charts = corpusCharts(values.charts, values.list).filter(({ id }) => values.id?.includes(id) ?? true);
  const helm = await ensureTool("helm");
  const server = values["no-server"] ? undefined : await startLocalApiServer();
  const reports: ChartReport[] = [];
  try {
    const cluster = server && new CorpusCluster(server.api);
    // The server keeps definitions for all, so that charts take turns there.
    let turn: Promise<unknown> = Promise.resolve();
    const queue = charts.map((chart, i) => ({ chart, namespace: `chart-${i + 1}` }));
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { chart, namespace } = next;
        const report = await judgeChart(chart, {
          helm,
          mirror: "mirror.example.com",
          secret: "mirror-pull",
          ...(cluster && {
            askServer: (renders) => {
              const answer = turn.then(() => cluster.judge(renders, namespace));
              turn = answer.catch(() => undefined);
              return answer;
            },
          }),
        });
        reports.push(report);
        tell(report);
      }
    };
    await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  } finally {
    await server?.stop();
  }
  if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(reports, undefined, 1));
  return summary(reports);
}

function tell({ id, verdict, faults, error, seconds }: ChartReport): void {
  const lines = faults.map(
    ({ what, object, detail, explained }) => `    ${explained ? "told" : "SILENT"} ${what}: ${object}: ${detail}`,
  );
  if (error !== undefined) lines.push(`    ${error}`);
  process.stdout.write([`${verdict} ${id}${seconds === undefined ? "" : ` ${seconds} s`}`, ...lines, ""].join("\n"));
}

function summary(reports: readonly ChartReport[]): number {
  const count = (verdict: ChartReport["verdict"]) => reports.filter((report) => report.verdict === verdict).length;
  const sorted = (of: (report: ChartReport) => number | undefined) =>
    reports.flatMap((r) => of(r) ?? []).sort((a, b) => a - b);
  const renders = sorted((report) => report.renders);
  const seconds = sorted((report) => report.seconds);
  const median = (numbers: readonly number[]) => numbers[numbers.length >> 1];
  const sum = (of: (report: ChartReport) => number | undefined) =>
    reports.reduce((all, report) => all + (of(report) ?? 0), 0);
  process.stdout.write(
    [
      `${reports.length} charts: ${count("works")} work, ${count("explained")} explained, ${count("silent")} silent, ${count("failed")} failed, ${count("unrendered")} that helm does not render`,
      `renders ${median(renders)} in the median, ${renders.at(-1)} at most; seconds ${median(seconds)} and ${seconds.at(-1)}`,
      `objects asked ${sum((r) => r.objects?.asked)}, refused without the mirror ${sum((r) => r.objects?.refusedBefore)}, of unknown kinds ${sum((r) => r.objects?.unknown)}`,
      "",
    ].join("\n"),
  );
  return count("silent") + count("failed") > 0 ? 1 : 0;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
