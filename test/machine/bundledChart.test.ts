import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addChart, writeBundle } from "../../src/bundle/bundleFile";
import { packChart } from "../../src/chart/source/packChart";
import { loadBundledChart } from "../../src/machine/bundledChart";
import { chartArtifact } from "../../src/plan/chartArtifact";
import { failure } from "../oci/fixture";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-bundled-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Chart {
  readonly name: string;
  readonly version: string;
}

/** A chart of a bundle: what its entry says, its tag, and what it is. */
type Entry = readonly [said: Chart, tag: string, is?: Chart & { readonly description?: string }];

async function bundleOf(...entries: readonly Entry[]): Promise<string> {
  const file = join(folder, "bundle.tar");
  await writeBundle(file, {}, async (bundle) => {
    for (const [said, tag, is = said] of entries) {
      const text = JSON.stringify({ apiVersion: "v2", ...is });
      const archive = packChart(is.name, [{ path: "Chart.yaml", data: Buffer.from(text) }]);
      await addChart(bundle, { ...said, tag }, chartArtifact({ ...is }, archive));
    }
  });
  return file;
}

const WEB = { name: "vendor-web", version: "1.2.3" };
const NEW = { name: "vendor-web", version: "1.3.0+build.7" };

it.each<[string, object, Chart]>([
  ["its newest version", {}, NEW],
  ["a range", { version: "~1.2.0" }, WEB],
  ["a version with metadata", { version: NEW.version }, NEW],
  ["an address with a tag", { chart: "oci://charts.vendor.test/shop/vendor-web:1.3.0_build.7" }, NEW],
])("a chart is found by %s", async (_, asked, { name, version }) => {
  const file = await bundleOf([WEB, "1.2.3"], [NEW, "1.3.0_build.7"]);
  const loaded = await loadBundledChart(file, { chart: "vendor-web", ...asked });
  expect(loaded).toMatchObject({ metadata: { name, version }, local: true });
  await loaded?.remove?.();
});

it.each<[string, Entry[], RegExp]>([
  [
    "two charts of one name and version",
    [
      [WEB, "1.2.3"],
      [WEB, "other", { ...WEB, description: "another one" }],
    ],
    /two charts vendor-web 1\.2\.3/,
  ],
  ["a chart of another name", [[WEB, "1.2.3", { name: "stranger", version: "1.2.3" }]], /is stranger 1\.2\.3/],
  ["a chart of another version", [[WEB, "1.2.3", { name: "vendor-web", version: "0.9.0" }]], /is vendor-web 0\.9\.0/],
])("a bundle with %s is refused", async (_, entries, why) => {
  const file = await bundleOf(...entries);
  expect(await failure(loadBundledChart(file, { chart: "vendor-web", version: "1.2.3" }))).toMatchObject({
    code: "INVALID_LAYOUT",
    message: expect.stringMatching(why) as string,
  });
});

it("the same chart under two names is one chart", async () => {
  const file = await bundleOf([WEB, "1.2.3"], [WEB, "stable"]);
  const loaded = await loadBundledChart(file, { chart: "vendor-web" });
  expect(loaded?.metadata.version).toBe("1.2.3");
  await loaded?.remove?.();
});
