import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { makeImage } from "../../test/support/images";
import { copiers } from "../copiers";
import type { BenchImage } from "../imageSet";
import { measure } from "../measure";
import { RegistryServer } from "../registryServer";
import { isNamed } from "../scenarios";
import { imageSizes, seeded, simulate } from "./simulate";
import { estimate, ways } from "./ways";
import type { MeasuredRates, Surroundings, Workload } from "./workload";

const MiB = 1024 * 1024;
const GB = 1e9;

/** What the options of the command change; prices in dollars for a GB, lines in Gbit/s. */
const OPTIONS = {
  images: { type: "string", default: "10000" },
  terabytes: { type: "string", default: "20" },
  shared: { type: "string", default: "0.4" },
  "runner-gbit": { type: "string", default: "1" },
  "runner-cores": { type: "string", default: "2" },
  nodes: { type: "string", default: "5" },
  "node-gbit": { type: "string", default: "5" },
  parallelism: { type: "string", default: "40" },
  "egress-price": { type: "string", default: "0.09" },
  "nat-price": { type: "string", default: "0.045" },
} as const;

/**
 * How long each way of `copyWith` takes for a large set of images: `npm run bench:scale -- [--images N] [--terabytes N] ...`.
 *
 * Measures on this machine what copying costs, estimates by the narrowest place, simulates image by image, and prints
 * the table of docs/scale.md.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const number = (name: keyof typeof OPTIONS): number => Number(values[name]);
  const gbit = (count: number): number => (count * GB) / 8;
  const load: Workload = {
    images: number("images"),
    bytes: number("terabytes") * 1e12,
    shared: number("shared"),
    blobs: 12,
    manifests: 3,
    platforms: 2,
  };
  const around: Surroundings = {
    runnerLine: gbit(number("runner-gbit")),
    runnerCores: number("runner-cores"),
    nodeLine: gbit(number("node-gbit")),
    nodes: number("nodes"),
    sourceFlow: 50e6,
    parallelism: number("parallelism"),
    podStart: 5,
    copiesAtOnce: 8,
    importsAtOnce: 20,
    importFlow: 50e6,
    armCalls: 10,
    manifestPuts: 10,
    uploadStarts: 100,
    egressPrice: number("egress-price") / GB,
    natPrice: number("nat-price") / GB,
  };
  const rates = await measureRates();
  console.log(
    `\nMeasured: ${(rates.copyCpuPerByte * 1024 * MiB).toFixed(2)} s of processor time for a GiB, ` +
      `${(rates.copyCpuPerImage * 1000).toFixed(0)} ms for an image; unpacking ${(rates.unpack / MiB).toFixed(0)} MiB/s, ` +
      `packing ${(rates.pack / MiB).toFixed(0)} MiB/s\n`,
  );
  console.log("| copyWith | estimate | simulated | held up by | moves | lines cost |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const way of ways(load, around, rates)) {
    const { seconds, bottleneck } = estimate(way, load.images);
    const simulated = simulate(way, imageSizes(load.images, way.bytes, seeded(1)));
    console.log(
      `| ${way.name} | ${hours(seconds)} | ${hours(simulated)} | ${bottleneck} | ${(way.bytes / 1e12).toFixed(1)} TB | $${way.cost.toFixed(0)} |`,
    );
  }
}

/** Copies one large image and many tiny ones between two registries, and packs what layers are like. */
async function measureRates(): Promise<MeasuredRates> {
  const large = 1024 * MiB;
  const few = await copyCost([{ repository: "large", image: makeImage({ layers: [{ size: large, seed: "large" }] }) }]);
  const many = 50;
  const tiny = Array.from({ length: many }, (_, i) => ({
    repository: `tiny-${i}`,
    image: makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 1000, seed: `tiny ${i}` }] }),
  }));
  const none = await copyCost(tiny.slice(0, 1));
  const copyCpuPerImage = Math.max((await copyCost(tiny)) - none, 0) / (many - 1);
  const content = Buffer.alloc(64 * MiB);
  const random = seeded(7);
  // Layers shrink to about half: every second byte is random.
  for (let i = 0; i < content.length; i++) content[i] = i % 2 ? 0 : Math.floor(random() * 256);
  const begin = process.hrtime.bigint();
  const packed = gzipSync(content);
  const middle = process.hrtime.bigint();
  gunzipSync(packed);
  const end = process.hrtime.bigint();
  const perSecond = (from: bigint, to: bigint): number => packed.length / (Number(to - from) / 1e9);
  return {
    copyCpuPerByte: Math.max(few - none, 0) / large,
    copyCpuPerImage,
    pack: perSecond(begin, middle),
    unpack: perSecond(middle, end),
  };
}

/** Seconds of processor time of this package's copier. */
async function copyCost(images: readonly BenchImage[]): Promise<number> {
  const copier = (await copiers()).find(({ name }) => isNamed(name, ["chart-mirror"]));
  if (!copier) throw new Error("the bench has lost this package's copier");
  const folder = mkdtempSync(join(tmpdir(), "scale-"));
  const [source, target] = await Promise.all([
    RegistryServer.start(join(folder, "source")),
    RegistryServer.start(join(folder, "target")),
  ]);
  try {
    for (const { repository, image } of images) await source.push(repository, "1", image);
    const pairs = images.map(
      ({ repository }) => [`${source.host}/${repository}:1`, `${target.host}/${repository}:1`] as const,
    );
    return (await measure(copier.script(pairs, undefined))).cpu;
  } finally {
    await Promise.all([source.stop(), target.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function hours(seconds: number): string {
  return seconds < 5400 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

void main();
