import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { corpusCharts } from "./corpusCharts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "corpus-test-"));
  for (const id of ["b", "a", "no-chart"]) mkdirSync(join(folder, id));
  for (const id of ["b", "a"]) writeFileSync(join(folder, id, "Chart.yaml"), "");
  writeFileSync(join(folder, "b.values.yaml"), "");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("takes every folder with a chart, and the values beside it", () => {
  expect(corpusCharts(folder)).toEqual([
    { id: "a", folder: join(folder, "a"), values: [] },
    { id: "b", folder: join(folder, "b"), values: [join(folder, "b.values.yaml")] },
  ]);
});

it("takes what a list names, with its values and version of Kubernetes", () => {
  const list = join(folder, "list.json");
  writeFileSync(list, JSON.stringify([{ id: "a", values: ["ci/v.yaml"], kubeVersion: "1.30" }, { id: "gone" }]));
  expect(corpusCharts(folder, list)).toEqual([
    { id: "a", folder: join(folder, "a"), values: [join(folder, "a/ci/v.yaml")], kubeVersion: "1.30" },
  ]);
});
