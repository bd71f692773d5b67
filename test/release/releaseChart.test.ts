import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChart } from "../../src/chart/content/chartFiles";
import type { LoadedChart } from "../../src/chart/source/source";
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

describe("mirroredReleaseChart", () => {
  const reach = { login: true };

  it("lets Helm have an unpatched chart from the mirror", async () => {
    const { version, toMirror } = await mirroredReleaseChart({ name: "web", loaded, patches: [] }, MIRROR, reach);
    expect(version).toBe("1.0.0");
    expect(toMirror?.helm).toEqual({});
    expect(toMirror?.archives.map(({ target }) => target)).toEqual(["mirror.test/charts/shop:1.0.0"]);
  });

  it("hands a patched one over from disk, since the provider asks for the version in its Chart.yaml", async () => {
    const { chart, version, toMirror } = await mirroredReleaseChart(
      { name: "web", loaded, patches: [PATCH] },
      MIRROR,
      reach,
    );
    expect(version).toBe("1.0.0");
    expect(toMirror?.helm).toBeUndefined();
    const [original, patched] = toMirror?.archives ?? [];
    expect(original?.target).toBe("mirror.test/charts/shop:1.0.0");
    expect(patched?.version).toMatch(/^1\.0\.0\+[0-9a-f]{12}$/);
    expect(patched?.target).toBe(`mirror.test/charts/shop:${patched?.version.replace("+", "_")}`);
    expect(chart).toBe(patched?.file);
    expect(chart).toBe(`./.chart-mirror/web/shop-1.0.0-${patched?.version.slice(-12)}.tgz`);
  });
});
