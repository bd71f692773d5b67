import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { readChartArchive } from "../../../src/chart/content/chartArchive";
import { chartArchive, chartYaml } from "../chartOnDisk";

/** An archive with one file of any name, which no honest tool writes. */
function archiveOf(path: string, content: string): Buffer {
  const block = Buffer.alloc(512);
  new Header({ path, size: content.length, type: "File", mode: 0o644 }).encode(block, 0);
  const body = Buffer.alloc(512);
  body.write(content);
  return gzipSync(Buffer.concat([block, body, Buffer.alloc(1024)]));
}

describe("readChartArchive", () => {
  it("gives each file without the chart's folder, and its location with it", async () => {
    const archive = await chartArchive("redis", { "Chart.yaml": chartYaml("redis"), "templates/a/b.yaml": "b" });
    const files = await readChartArchive(archive, "charts/redis.tgz");
    expect(files.map(({ path, location, data }) => [path, location, data.toString()])).toEqual([
      ["Chart.yaml", "charts/redis.tgz/redis/Chart.yaml", chartYaml("redis")],
      ["templates/a/b.yaml", "charts/redis.tgz/redis/templates/a/b.yaml", "b"],
    ]);
  });

  it.each(["redis/../../x", "../x", "/etc/x", "redis/a/../../x"])("refuses %s", async (path) => {
    await expect(readChartArchive(archiveOf(path, "x"), "")).rejects.toThrow("outside of itself");
  });

  it("passes over a file beside the chart's folder", async () => {
    await expect(readChartArchive(archiveOf("README.md", "x"), "")).resolves.toEqual([]);
  });

  it.each([
    ["no archive", Buffer.from("hello")],
    ["gzipped, but no archive", gzipSync(Buffer.alloc(2048, "hello"))],
  ])("refuses what is %s", async (_, bytes) => {
    await expect(readChartArchive(bytes, "")).rejects.toThrow();
  });
});
