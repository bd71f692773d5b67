import { lstat, mkdtemp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "tar";
import type { Chart } from "../../../src/chart/content/chart";
import { ChartCopy } from "../../../src/chart/content/chartCopy";
import { chartDigest, linePatches, patchedFiles, PatchError } from "../../../src/chart/content/patch";
import { rawArchive } from "../rawArchive";

const chart = (version: string, template: string, values = "a: 1\n"): Chart => ({
  metadata: { apiVersion: "v2", name: "app", version, dependencies: [] },
  valuesPath: [],
  values: {},
  files: [
    { path: "Chart.yaml", location: "Chart.yaml", text: `name: app\nversion: ${version} # ours\nappVersion: "2"\n` },
    { path: "values.yaml", location: "values.yaml", text: values },
    { path: "templates/a.yaml", location: "templates/a.yaml", text: template },
  ],
  subcharts: [],
});

describe("patches", () => {
  const before = "image: quay.io/a:1\nother: x\n";
  const after = ["image: mirror/a:1", "other: x", ""];

  test("are the lines that differ, and put in again", () => {
    const patches = linePatches("templates/a.yaml", before, after);
    expect(patches).toEqual([
      { file: "templates/a.yaml", line: 1, before: "image: quay.io/a:1", after: "image: mirror/a:1" },
    ]);
    expect(patchedFiles(chart("1.0.0", before), patches)).toEqual(new Map([["templates/a.yaml", after.join("\n")]]));
  });

  test("refuse another chart", () => {
    const patches = linePatches("templates/a.yaml", before, after);
    expect(() => patchedFiles(chart("1.0.0", "image: quay.io/b:1\n"), patches)).toThrow(PatchError);
  });
});

describe("ChartCopy", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chart-copy-"));
    await mkdir(join(folder, "source/charts/redis/templates"), { recursive: true });
    await mkdir(join(folder, "source/templates"));
    await writeFile(join(folder, "source/templates/a.yaml"), "a\n");
    await writeFile(join(folder, "source/charts/redis/templates/r.yaml"), "r\n");
    const packed = join(folder, "source/charts/redis-1.0.0.tgz");
    await create({ file: packed, cwd: join(folder, "source/charts"), gzip: true }, ["redis"]);
    await rm(join(folder, "source/charts/redis"), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("changes files, also in packed sub-charts, and takes changes back", async () => {
    const copy = await ChartCopy.create(join(folder, "source"), join(folder, "copy"));
    const packed = "charts/redis-1.0.0.tgz/redis/templates/r.yaml";
    await copy.apply(
      new Map([
        ["templates/a.yaml", "A\n"],
        [packed, "R\n"],
      ]),
    );
    expect(await readFile(join(folder, "copy/templates/a.yaml"), "utf8")).toBe("A\n");
    expect(await readFile(join(folder, "copy/charts/redis/templates/r.yaml"), "utf8")).toBe("R\n");
    expect(await readdir(join(folder, "copy/charts"))).toEqual(["redis"]);

    await copy.apply(new Map([[packed, "RR\n"]]));
    expect(await readFile(join(folder, "copy/templates/a.yaml"), "utf8")).toBe("a\n");
    expect(await readFile(join(folder, "copy/charts/redis/templates/r.yaml"), "utf8")).toBe("RR\n");
    expect(await readFile(join(folder, "source/templates/a.yaml"), "utf8")).toBe("a\n");
  });

  test("takes an archive's folder that is there already, or that Helm would pass over, by another name", async () => {
    const charts = join(folder, "source/charts");
    const packed = ["two-2.0.0.tgz/redis", "dot.tgz/.redis", "here.tgz/.", "tgz.tgz/x.tgz"];
    for (const path of packed) {
      const [archive = "", top = ""] = path.split("/");
      await writeFile(join(charts, archive), rawArchive([{ name: `${top}/templates/r.yaml`, data: archive }]));
    }
    const copy = await ChartCopy.create(join(folder, "source"), join(folder, "copy"));
    const all = ["redis-1.0.0.tgz/redis", ...packed];
    await copy.apply(new Map(all.map((path) => [`charts/${path}/templates/r.yaml`, path])));
    const text = (name: string): Promise<string> =>
      readFile(join(folder, `copy/charts/${name}/templates/r.yaml`), "utf8");
    expect((await readdir(join(folder, "copy/charts"))).sort()).toEqual(["dot", "here", "redis", "tgz", "two-2.0.0"]);
    expect(await Promise.all(["redis", "two-2.0.0", "dot", "here", "tgz"].map(text))).toEqual(all);
    await copy.apply(new Map());
    expect(await text("two-2.0.0")).toBe("two-2.0.0.tgz");
  });

  test("leaves a folder elsewhere alone that has the name of an archive", async () => {
    await mkdir(join(folder, "source/files/charts/x.tgz"), { recursive: true });
    await writeFile(join(folder, "source/files/charts/x.tgz/a"), "a");
    const copy = await ChartCopy.create(join(folder, "source"), join(folder, "copy"));
    await copy.apply(new Map([["files/charts/x.tgz/a", "b"]]));
    expect(await readFile(join(folder, "copy/files/charts/x.tgz/a"), "utf8")).toBe("b");
  });

  test("holds files in place of links, and nothing that .helmignore names", async () => {
    await writeFile(join(folder, "source/.helmignore"), "ignored/\n");
    await mkdir(join(folder, "source/ignored"));
    await symlink("/etc/passwd", join(folder, "source/ignored/passwd"));
    await symlink("a.yaml", join(folder, "source/templates/b.yaml"));
    const copy = await ChartCopy.create(join(folder, "source"), join(folder, "copy"));
    await copy.apply(new Map([["templates/b.yaml", "B"]]));
    expect((await readdir(join(folder, "copy"))).sort()).toEqual([".helmignore", "charts", "templates"]);
    expect((await lstat(join(folder, "copy/templates/b.yaml"))).isFile()).toBe(true);
    expect(await readFile(join(folder, "source/templates/a.yaml"), "utf8")).toBe("a\n");
  });

  test("leaves what stands at its destination where the chart cannot be copied", async () => {
    await symlink("/etc/passwd", join(folder, "source/passwd"));
    await mkdir(join(folder, "copy"));
    await writeFile(join(folder, "copy/mine"), "");
    await expect(ChartCopy.create(join(folder, "source"), join(folder, "copy"))).rejects.toMatchObject({
      code: "UNSAFE_LINK",
    });
    expect(await readdir(join(folder, "copy"))).toEqual(["mine"]);
  });

  test("is made where nothing is, and deletes nothing", async () => {
    await mkdir(join(folder, "copy"));
    await writeFile(join(folder, "copy/of-somebody"), "precious");
    await expect(ChartCopy.create(join(folder, "source"), join(folder, "copy"))).rejects.toThrow("EEXIST");
    await expect(ChartCopy.create(join(folder, "source"), folder)).rejects.toThrow("EEXIST");
    expect(await readFile(join(folder, "copy/of-somebody"), "utf8")).toBe("precious");
  });
});

describe("chartDigest", () => {
  it("is of the content alone", () => {
    const one = chart("1.0.0", "x");
    const reversed = { ...one, files: [...one.files].reverse() };
    expect(chartDigest(reversed)).toBe(chartDigest(one));
    expect(chartDigest(chart("1.0.0", "y"))).not.toBe(chartDigest(one));
  });

  it("counts sub-charts, and a file that is read for two aliases once", () => {
    const sub = { ...chart("2.0.0", "z"), valuesPath: ["sub"] };
    const inside = { ...sub, files: sub.files.map((file) => ({ ...file, location: `charts/sub/${file.path}` })) };
    const parent = chart("1.0.0", "x");
    const once = chartDigest({ ...parent, subcharts: [inside] });
    expect(once).not.toBe(chartDigest(parent));
    expect(chartDigest({ ...parent, subcharts: [inside, { ...inside, valuesPath: ["again"] }] })).toBe(once);
  });
});
