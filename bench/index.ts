import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareCosts } from "./compare";
import { compareLimited, limitedTable } from "./compareLimited";
import { copiers, runtimes, type Copier } from "./copiers";
import { withResults, type ResultSection } from "./resultsPage";
import { resultTable } from "./resultTable";
import { isNamed, SCENARIOS, type Scenario, type ScenarioName } from "./scenarios";
import { Stage } from "./stage";
import { measureUp, UP_TITLES } from "./up";

const NAMES = Object.keys(SCENARIOS) as ScenarioName[];
const TITLES = [...NAMES.map((name) => SCENARIOS[name].title), ...UP_TITLES];

/** Processes that do nothing, to tell Node.js' own start from the copier's work. */
const idleProcesses = async (): Promise<Copier[]> =>
  (await runtimes()).map(({ name, run }) => ({ name: `nothing, ${name}`, script: () => `${run} -e 0` }));

/**
 * Compares this package's copier with its peers, and `pulumi up` and analyses with what they stand on:
 * `npm run bench -- [--rounds 5] [--plain] [--tls] [--plain-ten] [--tls-ten] [--huge] [--delay-ten] [--limited] [--up]
 * [--only NAME] [--markdown docs/benchmarks.md]`.
 *
 * Without a set's name all are run. Prints medians as ratios to the first row's, and puts them into a page, where the
 * sets that were not run stay as they are.
 */
async function main(): Promise<void> {
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      only: { type: "string", multiple: true, default: [] },
      markdown: { type: "string" },
      plain: flag,
      tls: flag,
      "plain-ten": flag,
      "tls-ten": flag,
      huge: flag,
      "delay-ten": flag,
      limited: flag,
      up: flag,
    },
  });
  const rounds = Number(values.rounds);
  const named = NAMES.filter((name) => values[name]);
  const all = named.length === 0 && !values.up;
  if (values.markdown !== undefined) withResults(readFileSync(values.markdown, "utf8"), [], TITLES); // before minutes of work
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const done = (section: ResultSection): void => {
    console.log(`\n### ${section.title}\n\n${section.text}`);
    // At once: what a long run has measured is there, whatever becomes of the rest.
    if (values.markdown === undefined) return;
    writeFileSync(values.markdown, withResults(readFileSync(values.markdown, "utf8"), [section], TITLES));
  };
  try {
    const everyone = await copiers();
    const idle = await idleProcesses();
    for (const name of all ? NAMES : named) {
      const scenario = SCENARIOS[name];
      const chosen = everyone.filter(
        (copier) =>
          isNamed(copier.name, scenario.copiers ?? [copier.name]) &&
          isNamed(copier.name, values.only.length > 0 ? values.only : [copier.name]),
      );
      const about = aboutRun(rounds);
      const text = await runScenario(scenario, chosen, idle, rounds, folder);
      done({ title: scenario.title, text: `${about}\n\n${text}` });
    }
    if (all || values.up)
      await measureUp(rounds, folder, ({ title, text }) => done({ title, text: `${aboutRun(rounds)}\n\n${text}` }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runScenario(
  scenario: Scenario,
  chosen: readonly Copier[],
  idle: readonly Copier[],
  rounds: number,
  folder: string,
): Promise<string> {
  const stage = await Stage.open(folder, scenario);
  try {
    const { perSecond } = scenario;
    if (perSecond === undefined) return resultTable(await compareCosts(stage, chosen, idle, rounds));
    return limitedTable(await compareLimited(stage, chosen, rounds), stage.images, perSecond);
  } finally {
    await stage.close();
  }
}

function aboutRun(rounds: number): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${rounds} round${rounds === 1 ? "" : "s"}, Node.js ${process.version}, ${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${memory} GiB, load ${load} before.`;
}

void main();
