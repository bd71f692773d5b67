import { createGzip, gzipSync } from "node:zlib";
import { readChartArchive, UnsafeArchiveError, type RawFile } from "../../../src/chart/content/chartArchive";
import {
  CHART_LIMITS,
  ChartBudget,
  ChartTooLargeError,
  type ChartLimits,
} from "../../../src/chart/content/chartLimits";
import { chartArchive, chartYaml } from "../chartOnDisk";
import { rawArchive, rawTar, type RawEntry } from "../rawArchive";

const read = (archive: Buffer, location = "", limits: Partial<ChartLimits> = {}): Promise<RawFile[]> =>
  readChartArchive(archive, location, new ChartBudget("redis.tgz", { ...CHART_LIMITS, ...limits }));

const file = (name: string, more: Omit<RawEntry, "name"> = {}): RawEntry => ({ name, data: "x", ...more });

describe("readChartArchive", () => {
  it("gives each file without the chart's folder, and its location with it", async () => {
    const archive = await chartArchive("redis", { "Chart.yaml": chartYaml("redis"), "templates/a/b.yaml": "b" });
    const files = await read(archive, "charts/redis.tgz");
    expect(files.map(({ path, location, data }) => [path, location, data.toString()])).toEqual([
      ["Chart.yaml", "charts/redis.tgz/redis/Chart.yaml", chartYaml("redis")],
      ["templates/a/b.yaml", "charts/redis.tgz/redis/templates/a/b.yaml", "b"],
    ]);
  });

  it.each<[string, RegExp]>([
    ["redis/../../x", /outside of itself/],
    ["../x", /outside of itself/],
    ["/etc/x", /outside of itself/],
    ["redis/a/../../x", /outside of itself/],
    ["redis/a/..", /outside of itself/],
    ["redis\\templates\\x.yaml", /backslash/],
    ["redis/a\\..\\..\\x", /backslash/],
    ["redis/C:/x", /drive/],
    ["c:x/y", /drive/],
    ["redis/NUL", /device of Windows/],
    ["redis/templates/con.yaml", /device of Windows/],
    ["redis/COM1.txt", /device of Windows/],
    ["redis//x", /empty part/],
    ["redis/./x", /empty part/],
    ["redis/.. /x", /dot or space at the end/],
    ["redis/Chart.yaml.", /dot or space at the end/],
    ["redis/a\u0007b", /control character/],
    ["redis/a\nb", /control character/],
    [`redis/${"a".repeat(256)}`, /part of more than 255 bytes/],
    [`redis/${"ab/".repeat(400)}x`, /name of more than 1024 bytes/],
  ])("refuses an entry named %j", async (name, problem) => {
    for (const type of ["0", "2", "5"]) {
      const reading = read(rawArchive([{ name, type, ...(type === "2" && { link: "x" }) }]));
      await expect(reading).rejects.toThrow(UnsafeArchiveError);
      await expect(reading).rejects.toThrow(problem);
    }
  });

  it("ends a name at a NUL, which only an extended header can hold", async () => {
    const named = (name: string): Promise<RawFile[]> => read(rawArchive([file(name, { extended: true })]));
    expect((await named("redis/a\0/../../b")).map(({ path }) => path)).toEqual(["a"]);
    await expect(named("redis/..\0b")).rejects.toThrow("outside of itself");
  });

  it("names the entry, cut where it is long", async () => {
    const reading = read(rawArchive([file(`redis/${"b/".repeat(800)}`)]));
    await expect(reading).rejects.toMatchObject({ code: "UNSAFE_ARCHIVE", chart: "redis.tgz" });
    await expect(reading).rejects.toThrow(/the entry "redis\/(b\/)+…" of its archive/);
  });

  it.each<[string, RawEntry[], RegExp]>([
    ["twice", [file("redis/a"), file("redis/a")], /"redis\/a" of its archive is there twice/],
    ["in two folders of the archive", [file("redis/a"), file("other/a")], /is there twice/],
    ["in two cases", [file("redis/a"), file("redis/A")], /differs from "a" by case alone/],
    ["in two forms of Unicode", [file("redis/\u00e9"), file("redis/e\u0301")], /by case alone/],
    ["in folders of two cases", [file("redis/t/a"), file("redis/T/b")], /differs from "t" by case alone/],
    ["as a file and then a folder", [file("redis/a"), file("redis/a/b")], /another entry makes a file/],
    ["as a folder and then a file", [file("redis/a/b"), file("redis/a")], /is there twice/],
    ["as a file and a folder's entry", [file("redis/a"), { name: "redis/a/", type: "5" }], /is there twice/],
  ])("refuses a name that is there %s", async (_, entries, problem) => {
    await expect(read(rawArchive(entries))).rejects.toThrow(problem);
  });

  it.each([
    ["a hard link", "1"],
    ["a symbolic link", "2"],
    ["a character device", "3"],
    ["a block device", "4"],
    ["a pipe", "6"],
  ])("leaves out %s, whose name a file may have", async (_, type) => {
    const link = type < "3" ? { link: "/etc/passwd" } : {};
    const files = await read(rawArchive([file("redis/a", { type, data: "", ...link }), file("redis/a")]));
    expect(files.map(({ path, data }) => [path, data.toString()])).toEqual([["a", "x"]]);
  });

  it("refuses entries of types that only some programs know", async () => {
    await expect(read(rawArchive([file("redis/a", { type: "S" })]))).rejects.toThrow("a type that charts do not have");
  });

  it("takes folders, an archive made of the chart's folder itself, and files of old tools", async () => {
    const archive = rawArchive([
      { name: "./", type: "5" },
      { name: "./templates/", type: "5" },
      { name: "./templates/", type: "5" },
      file("./templates/a.yaml"),
      file("./b", { type: "\0" }),
      file("./c", { type: "7" }),
    ]);
    expect((await read(archive)).map(({ path }) => path)).toEqual(["templates/a.yaml", "b", "c"]);
  });

  it("passes over a file beside the chart's folder", async () => {
    await expect(read(rawArchive([file("README.md")]))).resolves.toEqual([]);
  });

  it.each([
    ["no archive", Buffer.from("hello")],
    ["gzipped, but no archive", gzipSync(Buffer.alloc(2048, "hello"))],
    ["cut off", rawArchive([file("redis/a", { data: "x".repeat(5000) })]).subarray(0, 60)],
    [
      "an archive whose file is cut off",
      gzipSync(rawTar([file("redis/a", { data: "x".repeat(5000) })]).subarray(0, 2048)),
    ],
    ["compressed twice", gzipSync(rawArchive([file("redis/a")]))],
    ["empty", gzipSync(Buffer.alloc(0))],
  ])("refuses what is %s", async (_, bytes) => {
    await expect(read(bytes)).rejects.toThrow();
  });
});

describe("an archive's limits", () => {
  const big = (name: string, type = "0"): RawEntry => ({ name, type, data: Buffer.alloc(40_000) });

  it.each<[string, RawEntry[]]>([
    ["files", [big("redis/a"), big("redis/b"), big("redis/c")]],
    ["skipped entries", [big("redis/a", "3"), big("redis/b", "3"), big("redis/c", "3")]],
    ["extended headers", Array.from({ length: 200 }, (_, i) => file(`redis/${i}${"/d".repeat(200)}`))],
    ["plain headers", Array.from({ length: 300 }, (_, i) => ({ name: `redis/${i}`, type: "5" }))],
  ])("count the bytes of %s", async (_, entries) => {
    const reading = read(rawArchive(entries), "", { unpacked: 100_000 });
    await expect(reading).rejects.toMatchObject({ code: "CHART_TOO_LARGE", chart: "redis.tgz" });
    await expect(reading).rejects.toThrow("it unpacks to more than 100000 bytes");
  });

  it("count entries and the bytes of one file", async () => {
    const many = rawArchive(Array.from({ length: 11 }, (_, i) => ({ name: `redis/${i}`, type: "2", link: "x" })));
    await expect(read(many, "", { entries: 10 })).rejects.toThrow("more than 10 files and folders");
    await expect(read(rawArchive([big("redis/a/b")]), "", { file: 39_999 })).rejects.toThrow(
      "its file a/b is larger than 39999 bytes",
    );
  });

  it("are those of all archives of a chart together", async () => {
    const budget = new ChartBudget("x", { ...CHART_LIMITS, unpacked: 100_000 });
    const archive = rawArchive([big("redis/a")]);
    await readChartArchive(archive, "", budget);
    await readChartArchive(archive, "", budget);
    await expect(readChartArchive(archive, "", budget)).rejects.toThrow(ChartTooLargeError);
  });

  it("end the unpacking of a bomb where they are passed", async () => {
    const bomb = createGzip();
    const chunks: Buffer[] = [];
    bomb.on("data", (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise((done) => bomb.on("end", done));
    bomb.write(rawTar([file("a/Chart.yaml")]).subarray(0, 1024));
    const header = rawTar([{ name: "a/big" }]).subarray(0, 512);
    // Of a type that is passed over, 400 MiB long.
    header.write("3", 156);
    header.write(`${(400 * 2 ** 20).toString(8).padStart(11, "0")}\0        `, 124);
    header.fill(" ", 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    bomb.write(header);
    for (let i = 0; i < 400; i++) bomb.write(Buffer.alloc(2 ** 20));
    bomb.end();
    await ended;
    const before = process.memoryUsage.rss();
    await expect(read(Buffer.concat(chunks))).rejects.toThrow("it unpacks to more than 104857600 bytes");
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 2 ** 20);
  });
});
