import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChart } from "../../../src/chart/content/chartFiles";
import { chartSeen, isPushedAgain } from "../../../src/chart/source/chartSeen";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-seen-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const chartOf = async (version: string, text: string) => {
  await mkdir(join(folder, "templates"), { recursive: true });
  await writeFile(join(folder, "Chart.yaml"), `apiVersion: v2\nname: web\nversion: ${version}\n`);
  await writeFile(join(folder, "templates/web.yaml"), `kind: ${text}\n`);
  return { chart: await readChart(folder) };
};

it("remembers what a chart was when it was first deployed under its version", async () => {
  const first = await chartOf("1.2.3", "A");
  const seen = chartSeen(first, undefined);
  expect(seen).toMatch(/^1\.2\.3@sha256:[0-9a-f]{64}$/);
  expect(isPushedAgain(first, chartSeen(first, seen))).toBe(false);

  const again = await chartOf("1.2.3", "B");
  expect(chartSeen(again, seen)).toBe(seen);
  expect(isPushedAgain(again, seen)).toBe(true);
});

it.each<[string, (seen: string) => unknown]>([
  ["a version that is new", (seen) => seen],
  ["what nobody remembers", () => undefined],
  ["what is no memory of ours", () => ({ version: "1.2.4" })],
])("starts anew with %s", async (_, remembered) => {
  const seen = chartSeen(await chartOf("1.2.3", "A"), undefined);
  const next = await chartOf("1.2.4", "B");
  expect(isPushedAgain(next, chartSeen(next, remembered(seen)))).toBe(false);
});
