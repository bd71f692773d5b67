import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { certificateAuthority, type IssuedCertificate } from "../test/support/registry";
import { copiers, runtimes, type Copier } from "./copiers";
import { hugeImage, imageSet, type BenchImage } from "./imageSet";
import { measure } from "./measure";
import { RegistryServer } from "./registryServer";
import { resultTable, type Costs } from "./resultTable";

/** How often each round copies what is there already. */
const WARM_RUNS = 5;
/** Processes that do nothing, to tell Node.js' own start from the copier's work. */
const emptyProcesses = async (): Promise<Copier[]> =>
  (await runtimes()).map(({ name, run }) => ({ name: `nothing, ${name}`, script: () => `${run} -e 0` }));
const BEGIN = "<!-- results of npm run bench -->";
const END = "<!-- end of results -->";

interface Scenario {
  readonly title: string;
  readonly images: () => readonly BenchImage[];
  readonly tls: boolean;
}

const SCENARIOS: Readonly<Record<"plain" | "tls" | "plain-ten" | "tls-ten" | "huge", Scenario>> = {
  plain: { title: "36 images, plain http", images: () => imageSet(36), tls: false },
  tls: { title: "36 images, TLS", images: () => imageSet(36), tls: true },
  "plain-ten": { title: "Ten images, plain http", images: () => imageSet(10), tls: false },
  "tls-ten": { title: "Ten images, TLS", images: () => imageSet(10), tls: true },
  huge: { title: "One image with a layer of 4 GiB, plain http", images: () => [hugeImage()], tls: false },
};

/**
 * Compares this package's copier with its peers:
 * `npm run bench -- [--rounds 5] [--plain] [--tls] [--plain-ten] [--tls-ten] [--huge] [--only NAME] [--markdown docs/benchmarks.md]`.
 *
 * The copiers take turns, so that a busy machine is busy for all of them; each cold copy meets a target that is new and
 * empty, the warm ones follow it. Prints medians as ratios to crane's, and puts them into a page between its marks.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      plain: { type: "boolean", default: false },
      tls: { type: "boolean", default: false },
      "plain-ten": { type: "boolean", default: false },
      "tls-ten": { type: "boolean", default: false },
      huge: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      markdown: { type: "string" },
    },
  });
  const named = (Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[]).filter((name) => values[name]);
  const scenarios = named.length > 0 ? named : (Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[]);
  const chosen = (await copiers()).filter(({ name }) => isChosen(name, values.only));
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const sections: string[] = [];
  const before = loadavg()[0] ?? 0;
  try {
    for (const name of scenarios) {
      const { title, images, tls } = SCENARIOS[name];
      const certificate = tls ? await (await certificateAuthority()).issue(["127.0.0.1"]) : undefined;
      const results = await compare(chosen, images(), Number(values.rounds), folder, certificate);
      sections.push(`### ${title}\n\n${resultTable(results)}\n`);
      console.log(`\n${sections.at(-1)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const about = `${values.rounds} rounds, ${machine()}, load ${before.toFixed(1)} before.`;
  console.log(about);
  if (values.markdown !== undefined) insert(values.markdown, [`${about}\n`, ...sections].join("\n"));
}

async function compare(
  chosen: readonly Copier[],
  images: readonly BenchImage[],
  rounds: number,
  parent: string,
  certificate?: IssuedCertificate,
): Promise<Map<string, Costs>> {
  const folder = mkdtempSync(join(parent, "round-"));
  const ca = certificate && join(folder, "ca.pem");
  if (certificate && ca) writeFileSync(ca, certificate.ca);
  const source = await RegistryServer.start(join(folder, "source"), certificate);
  const empty = await emptyProcesses();
  const results = new Map([...chosen, ...empty].map(({ name }): [string, Costs] => [name, { cold: [], warm: [] }]));
  try {
    for (const { repository, image } of images) await source.push(repository, "1", image);
    for (let round = 0; round < rounds; round++) {
      for (const copier of chosen) {
        const target = await RegistryServer.start(join(folder, "target"), certificate);
        try {
          const pairs = images.map(
            ({ repository }) => [`${source.host}/${repository}:1`, `${target.host}/mirror/${repository}:1`] as const,
          );
          const script = copier.script(pairs, ca);
          results.get(copier.name)?.cold.push(await measure(script));
          for (let i = 0; i < WARM_RUNS; i++) results.get(copier.name)?.warm.push(await measure(script));
          for (const { repository, image } of images)
            if ((await target.digest(`mirror/${repository}`, "1")) !== image.digest)
              throw new Error(`${copier.name} did not copy ${repository}`);
        } finally {
          await target.stop();
          target.wipe();
        }
      }
      for (let i = 0; i < WARM_RUNS; i++)
        for (const nothing of empty) results.get(nothing.name)?.warm.push(await measure(nothing.script([], undefined)));
    }
  } finally {
    await source.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/** By its whole name, or by what stands before the comma: `chart-mirror` on every Node.js, but `crane` alone. */
const isChosen = (name: string, only: readonly string[]): boolean =>
  only.length === 0 || only.some((one) => name === one || name.startsWith(`${one}, Node.js`));

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `Node.js ${process.version}, ${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${memory} GiB`;
}

/** Replaces what stands between the marks of a page. */
function insert(page: string, text: string): void {
  const whole = readFileSync(page, "utf8");
  const [begin, end] = [whole.indexOf(BEGIN), whole.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${page} has no place for results: ${BEGIN} … ${END}`);
  writeFileSync(page, `${whole.slice(0, begin + BEGIN.length)}\n\n${text}\n${whole.slice(end)}`);
}

void main();
