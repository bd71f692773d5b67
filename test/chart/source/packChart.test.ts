import fc from "fast-check";
import { gunzipSync } from "node:zlib";
import { readChartArchive } from "../../../src/chart/content/chartArchive";
import { ChartBudget } from "../../../src/chart/content/chartLimits";
import { packChart } from "../../../src/chart/source/packChart";
import { digestOf } from "../../../src/image/digest";

const files = [
  { path: "templates/web.yaml", data: Buffer.from("kind: Pod\n") },
  { path: "Chart.yaml", data: Buffer.from("name: web\n") },
];

describe("packChart", () => {
  it("makes the same bytes on every machine", () => {
    // Written down once: another digest would be another chart to everybody who has mirrored this one.
    expect(digestOf(packChart("web", files))).toMatchInlineSnapshot(
      `"sha256:bbf77424bbf737f2517048cf11736cdee8102f8432a8e36a80e83e6c379b3203"`,
    );
    expect(packChart("web", [...files].reverse())).toEqual(packChart("web", files));
  });

  it("holds no time, no user and no operating system", () => {
    const archive = packChart("web", files);
    expect(archive.subarray(4, 8)).toEqual(Buffer.alloc(4));
    expect(archive[9]).toBe(255);
    const header = gunzipSync(archive).subarray(0, 512).toString("latin1");
    expect(header.slice(136, 147).replaceAll("\0", "")).toMatch(/^[0 ]+$/);
    expect(header.slice(265, 329).replaceAll("\0", "")).toBe("");
  });

  it("is read back as it was, whatever files are called and hold", async () => {
    const segment = fc.stringMatching(/^[a-zA-Z0-9_äß-]{1,60}$/);
    const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join("/"));
    const file = fc.record({ path, data: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)) });
    // What a folder has as a file cannot be a folder, too.
    const isFolder = (path: string, all: readonly { readonly path: string }[]): boolean =>
      all.some((other) => other.path.startsWith(`${path}/`));
    const unique = fc
      .uniqueArray(file, { selector: (one) => one.path, minLength: 1, maxLength: 6 })
      .map((all) => all.filter((one) => !isFolder(one.path, all)));
    await fc.assert(
      fc.asyncProperty(unique, async (some) => {
        const read = await readChartArchive(packChart("web", some), "", new ChartBudget("web"));
        const sorted = [...some].sort((a, b) => (a.path < b.path ? -1 : 1));
        expect(read.map(({ path, data }) => ({ path, data }))).toEqual(sorted);
      }),
      { numRuns: 60 },
    );
  });
});
