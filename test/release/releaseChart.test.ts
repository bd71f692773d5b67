import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { readChart } from "../../src/chart/content/chartFiles";
import { chartDigest } from "../../src/chart/content/patch";
import { packChart } from "../../src/chart/source/packChart";
import type { LoadedChart } from "../../src/chart/source/source";
import { shortHash } from "../../src/plan/chartArtifact";
import { mirroredReleaseChart, releaseChart } from "../../src/release/releaseChart";

// No rewriting could be sure of this: an anchor, a folded text.
const CHART_YAML = "apiVersion: v2\nname: shop\nversion: &v >-\n  1.0.0\nappVersion: *v\n";
const PATCH = { file: "templates/a.yaml", line: 1, before: "image: quay.io/a:1", after: "image: mirror.test/a:1" };
const MIRROR = { host: "mirror.test" };

const home = process.cwd();
let folder: string;
let loaded: LoadedChart;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "release-chart-"));
  process.chdir(folder);
  await mkdir("chart/templates", { recursive: true });
  await writeFile("chart/Chart.yaml", CHART_YAML);
  await writeFile("chart/templates/a.yaml", "image: quay.io/a:1\n");
  const chart = await readChart("chart");
  loaded = { folder: "chart", chart, metadata: chart.metadata };
});
afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

describe("releaseChart", () => {
  it("is what the user named while nothing is patched", async () => {
    expect(await releaseChart({ name: "web", named: "vendor/shop", loaded, patches: [] })).toEqual({
      chart: "vendor/shop",
      version: "1.0.0",
      onDisk: false,
    });
  });

  it("is a copy whose path names its content and whose Chart.yaml stays byte for byte", async () => {
    const made = (after: string) =>
      releaseChart({ name: "web", named: "vendor/shop", loaded, patches: [{ ...PATCH, after }] });
    const { chart, version, onDisk } = await made(PATCH.after);
    expect({ version, onDisk }).toEqual({ version: "1.0.0", onDisk: true });
    expect(chart).toMatch(/^\.\/\.chart-mirror\/web\/[0-9a-f]{12}\/shop$/);
    expect(await readFile(join(chart, "Chart.yaml"), "utf8")).toBe(CHART_YAML);
    expect(await readFile(join(chart, "templates/a.yaml"), "utf8")).toBe("image: mirror.test/a:1\n");
    expect((await made(PATCH.after)).chart).toBe(chart);
    // Another patch is another path, and what a former run has left goes.
    const again = await made("image: mirror.test/a:2");
    expect(again.chart).not.toBe(chart);
    await expect(readFile(join(chart, "Chart.yaml"))).rejects.toMatchObject({ code: "ENOENT" });
    await readFile(join(again.chart, "Chart.yaml"));
  });

  it("is a copy also where a registry has the chart under another tag than its version", async () => {
    const tagged = (tag: string) =>
      releaseChart({ name: "web", named: "oci://m.test/charts/shop", loaded: { ...loaded, tag }, patches: [] });
    expect((await tagged("1.0.0")).chart).toBe("oci://m.test/charts/shop");
    expect((await tagged("1.0.0_0123456789ab")).chart).toMatch(/^\.\/\.chart-mirror\/web\/[0-9a-f]{12}\/shop$/);
  });
});

describe("the copy of a chart that the user has on disk", () => {
  const subchart = { "Chart.yaml": "apiVersion: v2\nname: db\nversion: 2.0.0\n", "templates/b.yaml": "b: 1\n" };
  const packed = (files: Readonly<Record<string, string>>): Buffer =>
    packChart(
      "db",
      Object.entries(files).map(([path, text]) => ({ path, data: Buffer.from(text) })),
    );
  const deployed = async (patches: readonly (typeof PATCH)[] = []): Promise<string> => {
    const chart = await readChart("chart");
    const release = await releaseChart({
      name: "web",
      named: "./chart",
      loaded: { folder: "chart", chart, metadata: chart.metadata, local: true },
      patches,
    });
    expect(release).toMatchObject({ version: "1.0.0", onDisk: true });
    expect(release.chart).toMatch(/^\.\/\.chart-mirror\/web\/[0-9a-f]{12}\/shop$/);
    return release.chart;
  };
  const write = async (path: string, content: string | Buffer): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  };

  it.each<[string, () => Promise<void>]>([
    ["a template", () => write("chart/templates/a.yaml", "image: quay.io/a:1 # changed\n")],
    ["a new file", () => write("chart/files/new.txt", "new")],
    ["bytes that are no text", () => write("chart/files/logo.png", Buffer.from([0, 255, 1]))],
    ["bytes that are no UTF-8", () => write("chart/files/latin1.txt", Buffer.from([0xe4]))],
    ["a byte order mark", () => write("chart/values.yaml", "\uFEFFa: 1\n")],
    ["a file of a packed sub-chart", () => write("chart/charts/db.tgz", packed({ ...subchart, "logo.png": "\0\x02" }))],
    ["a template of a packed sub-chart", () => write("chart/charts/db.tgz", packed({ ...subchart, "c.yaml": "c" }))],
    ["a lock that templates can read", () => write("chart/charts/old/Chart.lock", "generated: now\n")],
    ["the ignored files", () => write("chart/.helmignore", "*.md\n")],
  ])("has another path for %s", async (_, change) => {
    await write("chart/values.yaml", "a: 1\n");
    await write("chart/files/logo.png", Buffer.from([0, 255]));
    await write("chart/files/latin1.txt", Buffer.from([0xf6]));
    await write("chart/charts/db.tgz", packed({ ...subchart, "logo.png": "\0\x01" }));
    await write("chart/charts/old/Chart.yaml", "apiVersion: v1\nname: old\nversion: 1.0.0\n");
    const before = await deployed();
    const patched = await deployed([PATCH]);
    expect(patched).not.toBe(before);
    expect(await deployed()).toBe(before);
    await change();
    expect(await deployed()).not.toBe(before);
  });

  it("has the same path on a machine where times, modes and packing differ, and what is no part of it", async () => {
    const lockOf = (second: number): string => `dependencies: []\ngenerated: "2026-01-01T00:00:0${second}Z"\n`;
    await write("chart/charts/db.tgz", packed({ ...subchart, "Chart.lock": lockOf(1) }));
    await write("chart/Chart.lock", lockOf(1));
    await write("chart/.helmignore", "*.md\n");
    const before = await deployed();
    await utimes("chart/templates/a.yaml", 1, 1);
    await chmod("chart/templates/a.yaml", 0o755);
    await write(
      "chart/charts/db.tgz",
      gzipSync(gunzipSync(packed({ ...subchart, "Chart.lock": lockOf(2) })), { level: 9 }),
    );
    await write("chart/Chart.lock", lockOf(3));
    await write("chart/NOTES.md", "ignored");
    await write("chart/.git/config", "[user]");
    await write("chart/charts/_off/notes.txt", "Helm passes over it");
    expect(await deployed()).toBe(before);
    expect(await readFile(join(before, "templates/a.yaml"), "utf8")).toBe("image: quay.io/a:1\n");
  });

  it("is the archive as its author packed and signed it, where it is one", async () => {
    const data = [...(await Promise.all(["Chart.yaml", "templates/a.yaml"].map((path) => readFile(`chart/${path}`))))];
    const archive = packChart("shop", [
      { path: "Chart.yaml", data: data[0] as Buffer },
      { path: "templates/a.yaml", data: data[1] as Buffer },
    ]);
    await write("vendor/shop-1.0.0.tgz", archive);
    await write("vendor/shop-1.0.0.tgz.prov", "signed");
    const chart = await readChart("chart");
    const of = (patches: readonly (typeof PATCH)[]) =>
      releaseChart({
        name: "web",
        named: "vendor/shop-1.0.0.tgz",
        loaded: { folder: "chart", chart, metadata: chart.metadata, local: true, archive: "vendor/shop-1.0.0.tgz" },
        patches,
      });
    const whole = await of([]);
    expect(whole).toMatchObject({ onDisk: true, verifiable: true });
    expect(whole.chart).toMatch(/^\.\/\.chart-mirror\/web\/[0-9a-f]{12}\/shop-1\.0\.0\.tgz$/);
    expect(await readFile(whole.chart)).toEqual(archive);
    expect(await readFile(`${whole.chart}.prov`, "utf8")).toBe("signed");
    const patched = await of([PATCH]);
    expect(patched.verifiable).toBeUndefined();
    expect(await readFile(join(patched.chart, "templates/a.yaml"), "utf8")).toBe("image: mirror.test/a:1\n");
  });

  it("keeps the path of a patched chart that an earlier version has deployed, where all of it is text", async () => {
    const chart = await readChart("chart");
    const files = new Map([["templates/a.yaml", `${PATCH.after}\n`]]);
    expect(await deployed([PATCH])).toBe(`./.chart-mirror/web/${shortHash(chartDigest(chart, files))}/shop`);
  });

  it("is made of a chart around the program, of which the copies are no part", async () => {
    await mkdir("chart/deploy");
    process.chdir("chart/deploy");
    const around = async (): Promise<string> => {
      const chart = await readChart("..");
      const loaded = { folder: "..", chart, metadata: chart.metadata, local: true };
      return (await releaseChart({ name: "web", named: "..", loaded, patches: [] })).chart;
    };
    const first = await around();
    expect(await around()).toBe(first);
    await expect(readFile(join(first, "deploy/.chart-mirror/web/.chart-mirror.json"))).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});

describe("mirroredReleaseChart", () => {
  it("hands the archive that goes into the mirror over from disk", async () => {
    const { chart, version, onDisk, toMirror } = await mirroredReleaseChart(
      { name: "web", loaded, patches: [] },
      MIRROR,
    );
    expect({ version, onDisk }).toEqual({ version: "1.0.0", onDisk: true });
    expect(toMirror?.archives.map(({ target }) => target)).toEqual(["mirror.test/charts/shop:1.0.0"]);
    expect(chart).toBe(toMirror?.archives[0]?.file);
    expect(chart).toMatch(/^\.\/\.chart-mirror\/web\/shop-1\.0\.0-[0-9a-f]{12}\.tgz$/);
  });

  it("brings a patched one there beside the original", async () => {
    const { chart, version, toMirror } = await mirroredReleaseChart({ name: "web", loaded, patches: [PATCH] }, MIRROR);
    expect(version).toBe("1.0.0");
    const [original, patched] = toMirror?.archives ?? [];
    expect(original?.target).toBe("mirror.test/charts/shop:1.0.0");
    expect(patched?.version).toMatch(/^1\.0\.0\+[0-9a-f]{12}$/);
    expect(patched?.target).toBe(`mirror.test/charts/shop:${patched?.version.replace("+", "_")}`);
    expect(chart).toBe(patched?.file);
    expect(chart).toBe(`./.chart-mirror/web/shop-1.0.0-${patched?.version.slice(-12)}.tgz`);
  });
});
