import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { certificateAuthority, type IssuedCertificate } from "../test/support/registry";
import { copiers, type Copier } from "./copiers";
import { hugeImage, imageSet, type BenchImage } from "./imageSet";
import { measure, median, type Cost } from "./measure";
import { RegistryServer } from "./registryServer";

/**
 * Compares this package's copier with its peers: `npm run bench -- [--rounds 5] [--plain] [--tls] [--huge] [--only NAME]`.
 *
 * The copiers take turns, so that a busy machine is busy for all of them; each cold copy meets a target that is new and
 * empty, the warm ones follow it. Prints medians as ratios to crane's, as a table for docs/benchmarks.md.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      plain: { type: "boolean", default: false },
      tls: { type: "boolean", default: false },
      huge: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  const chosen = (await copiers()).filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const { plain, tls } = values.plain || values.tls ? values : { plain: true, tls: true };
    const images = values.huge ? [hugeImage()] : imageSet();
    if (plain) print("plain http", await compare(chosen, images, Number(values.rounds), folder));
    if (tls) {
      const certificate = await (await certificateAuthority()).issue(["127.0.0.1"]);
      print("TLS", await compare(chosen, images, Number(values.rounds), folder, certificate));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Costs {
  readonly cold: Cost[];
  readonly warm: Cost[];
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
  const results = new Map(chosen.map(({ name }): [string, Costs] => [name, { cold: [], warm: [] }]));
  try {
    for (const { repository, image } of images) await source.push(repository, "1", image);
    for (let round = 0; round < rounds; round++)
      for (const copier of chosen) {
        const target = await RegistryServer.start(join(folder, "target"), certificate);
        try {
          const pairs = images.map(
            ({ repository }) => [`${source.host}/${repository}:1`, `${target.host}/mirror/${repository}:1`] as const,
          );
          const script = copier.script(pairs, ca);
          results.get(copier.name)?.cold.push(await measure(script));
          for (let i = 0; i < 3; i++) results.get(copier.name)?.warm.push(await measure(script));
          for (const { repository, image } of images)
            if ((await target.digest(`mirror/${repository}`, "1")) !== image.digest)
              throw new Error(`${copier.name} did not copy ${repository}`);
        } finally {
          await target.stop();
          target.wipe();
        }
      }
  } finally {
    await source.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

function print(title: string, results: ReadonlyMap<string, Costs>): void {
  const [[reference, base] = ["", undefined]] = results;
  console.log(`\n${title} (1 = ${reference}; seconds and MiB in brackets)\n`);
  console.log("| | cold wall | cold CPU | peak MiB | warm wall | warm CPU |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const [name, costs] of results) {
    const cell = (kind: keyof Costs, field: "wall" | "cpu"): string => {
      const value = median(costs[kind].map((cost) => cost[field]));
      const one = median((base ?? costs)[kind].map((cost) => cost[field]));
      return `${(value / one).toFixed(2)} (${value.toFixed(2)})`;
    };
    const peak = Math.max(...costs.cold.map(({ peakMiB }) => peakMiB)).toFixed(0);
    console.log(
      `| ${name} | ${cell("cold", "wall")} | ${cell("cold", "cpu")} | ${peak} | ${cell("warm", "wall")} | ${cell("warm", "cpu")} |`,
    );
  }
}

void main();
