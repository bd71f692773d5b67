import { setTimeout } from "node:timers/promises";
import { ChangedRenders } from "../../src/chart/changedRenders";
import type { Chart } from "../../src/chart/content/chart";
import type { Manifest } from "../../src/chart/render/kubernetesManifest";
import { EditPointCatalogue, markerEdit } from "../../src/chart/solve/markers";

const TEXT = "image: quay.io/a/b:1";
const CHART: Chart = {
  metadata: { name: "app", version: "1.0.0", apiVersion: "v2" },
  values: {},
  files: [{ path: "templates/app.yaml", location: "templates/app.yaml", text: TEXT }],
  subcharts: [],
} as unknown as Chart;

it("tells when Helm is at work, not before the patched copy is there", async () => {
  const events: string[] = [];
  const rendering = async (what: string): Promise<Manifest[]> => {
    events.push(`${what} begins`);
    await setTimeout(5);
    events.push(`${what} ends`);
    return [];
  };
  const renders = new ChangedRenders(
    {
      chart: CHART,
      values: {},
      render: () => rendering("render"),
      renderPatched: async () => {
        await setTimeout(5);
        events.push("copied");
        return () => rendering("patched render");
      },
    },
    CHART,
    {},
  );
  const told = async (what: string): Promise<void> => {
    await renders.nextAsked();
    events.push(`told of ${what}`);
  };
  await Promise.all([told("render"), renders.of({ edits: new Map() })]);
  const location = { kind: "file", file: "templates/app.yaml", text: TEXT } as const;
  const start = TEXT.indexOf("quay.io");
  const point = new EditPointCatalogue().pointOf({ location, start, end: start + "quay.io".length, form: "host" });
  await Promise.all([told("patched render"), renders.of({ edits: new Map([[point, markerEdit(point)]]) })]);
  expect(events).toEqual([
    ...["render begins", "told of render", "render ends"],
    ...["copied", "patched render begins", "told of patched render", "patched render ends"],
  ]);
});
