import fc from "fast-check";
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ChartCopy } from "../../src/chart/content/chartCopy";
import { readChart } from "../../src/chart/content/chartFiles";
import { chartFilesOf } from "../../src/chart/content/patch";
import { unpackChart } from "../../src/chart/source/unpackChart";
import { MirrorError } from "../../src/error";
import { packedChart } from "../../src/machine/packedChart";
import { chartYaml, temporaryFolder } from "./chartOnDisk";
import { rawArchive, type RawEntry } from "./rawArchive";

/** `FUZZ_RUNS=2000 npx jest …` runs more. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 100);

/** Everything below a folder, links as links. */
async function contents(folder: string, inside = ""): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir(join(folder, inside))).sort()) {
    const path = join(inside, name);
    const info = await lstat(join(folder, path));
    if (info.isDirectory()) found.push(`${path}/`, ...(await contents(folder, path)));
    else found.push(`${path}: ${info.isFile() ? await readFile(join(folder, path), "utf8") : "no plain file"}`);
  }
  return found;
}

const segment = fc.constantFrom(
  "a",
  "b",
  "A",
  "templates",
  "charts",
  "d",
  "x.yaml",
  "Chart.yaml",
  "sub.tgz",
  "..",
  ".",
  "",
);
const separator = fc.constantFrom("/", "/", "/", "/", "\\", "//");
const tail = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 5 }), separator)
  .map(([parts, by]) => parts.join(by));
const odd = fc.constantFrom(
  "/victim/file",
  "../victim/file",
  "app/../../victim/file",
  "app\\..\\..\\victim\\file",
  "C:\\victim",
  "app/C:/victim",
  "app/NUL",
  "app/templates/a\0.yaml",
  "app/link/file",
  "app/templates/deploy.yaml",
  "app\\templates\\deploy.yaml",
  `app/${"long/".repeat(60)}x`,
);
const name = fc.oneof(
  { weight: 3, arbitrary: tail.map((text) => `app/${text}`) },
  tail,
  { weight: 2, arbitrary: odd },
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
);

/** Links lead to the victim beside the folder in which the archive is unpacked, by all ways there are. */
const links = (victim: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(victim, join(victim, "file"), "..", ".", "../../victim", "../../../victim/file", "/", "a/b"),
    tail,
  );

const entryOf = (victim: string): fc.Arbitrary<RawEntry> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ name, data: fc.constantFrom("hostile", "a: b\n"), extended: fc.boolean() }) },
    {
      weight: 3,
      arbitrary: fc.record({ name, type: fc.constantFrom("1", "2"), link: links(victim), extended: fc.boolean() }),
    },
    fc.record({ name, type: fc.constantFrom("3", "4", "5", "6", "7", "\0", "S", "D", "L", "K", "V") }),
  );

describe("an archive of a stranger", () => {
  let world: string;
  let before: string[];
  const outside = async (): Promise<string[]> => (await contents(world)).filter((line) => !line.startsWith("work/"));

  beforeEach(async () => {
    world = await temporaryFolder();
    await mkdir(join(world, "victim"));
    await writeFile(join(world, "victim/file"), "original");
    before = await outside();
  });

  /** All that is done with an archive: unpacked, read, copied, each file of the copy written anew, and packed. */
  async function use(archive: Buffer): Promise<void> {
    const work = join(world, "work");
    await mkdir(join(work, "tmp"), { recursive: true });
    const { TMPDIR } = process.env;
    process.env.TMPDIR = join(work, "tmp");
    let remove: (() => Promise<void>) | undefined;
    try {
      const unpacked = await unpackChart(archive, "app.tgz");
      remove = unpacked.remove;
      const { folder } = unpacked;
      const chart = await readChart(folder);
      const copy = await ChartCopy.create(folder, join(work, "copy", "app"));
      await copy.apply(new Map(chartFilesOf(chart).map(({ location }) => [location, "changed"])));
      await packedChart(chart, folder, []);
    } catch (error) {
      // Anything else is a fault that a user would see as a stack.
      if (!(error instanceof MirrorError)) throw error;
    } finally {
      const written = await contents(work);
      expect(written.filter((line) => line.endsWith("no plain file"))).toEqual([]);
      await remove?.();
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
      await rm(work, { recursive: true });
    }
  }

  it.each(["root", "packed sub-chart", "packed sub-chart of a packed sub-chart"])(
    "changes nothing outside, as a %s, whatever its entries are",
    async (place) => {
      const plain = { name: "app/Chart.yaml", data: chartYaml("app") };
      const within = (inner: Buffer): Buffer => rawArchive([plain, { name: "app/charts/sub.tgz", data: inner }]);
      const layers = place === "root" ? 0 : place === "packed sub-chart" ? 1 : 2;
      await fc.assert(
        fc.asyncProperty(fc.array(entryOf(join(world, "victim")), { maxLength: 8 }), async (entries) => {
          const hostile = entries.filter(({ name, extended }) => extended || !name.includes("\0"));
          let archive = rawArchive([plain, ...hostile]);
          for (let i = 0; i < layers; i++) archive = within(archive);
          await use(archive);
          expect(await outside()).toEqual(before);
        }),
        { numRuns: RUNS },
      );
    },
    60_000 + RUNS * 200,
  );

  it("writes through no link that an entry before it has made", async () => {
    const folders = Array.from({ length: 20 }, (_, i) => `d${i}`).join("/");
    const up = `../${folders}/z/${"../".repeat(18)}${join(world, "victim/file").slice(1)}`;
    for (const name of ["app/templates/deploy.yaml", "app\\templates\\deploy.yaml"]) {
      const hostile = rawArchive([
        { name: "app/Chart.yaml", data: chartYaml("app") },
        { name: `app/${folders}/z`, type: "2", link: `${"../".repeat(20)}.` },
        { name: "app/templates/deploy.yaml", type: "2", link: up },
        { name, data: "hostile" },
      ]);
      await use(hostile);
      const plain = { name: "app/Chart.yaml", data: chartYaml("app") };
      await use(rawArchive([plain, { name: "app/charts/sub.tgz", data: hostile }]));
      expect(await outside()).toEqual(before);
    }
  });

  it("is packed as it is read, not as a link in a user's folder would have it", async () => {
    const folder = join(world, "app");
    await mkdir(folder);
    await writeFile(join(folder, "Chart.yaml"), chartYaml("app"));
    const chart = await readChart(folder);
    // Put there after it was read.
    await symlink("../victim/file", join(folder, "x"));
    await expect(packedChart(chart, folder, [])).rejects.toMatchObject({ code: "UNSAFE_LINK" });
    await expect(ChartCopy.create(folder, join(world, "copy"))).rejects.toMatchObject({ code: "UNSAFE_LINK" });
  });
});
