import { relocateChart } from "../../../src/chart/relocate";
import type { Chart } from "../../../src/chart/content/chart";
import { manifestsOf } from "../../../src/chart/render/kubernetesManifest";
import type { Render } from "../../../src/chart/render/render";
import type { JsonObject } from "../../../src/json";
import type { RelocationPlan } from "../../../src/plan/relocationPlan";

const CHART: Chart = {
  metadata: { apiVersion: "v2", name: "shop", version: "1.0.0", dependencies: [] },
  valuesPath: [],
  values: { image: "quay.io/team/web:1" },
  files: [{ path: "templates/a.yaml", location: "templates/a.yaml", text: "{{ .Values.image }}" }],
  subcharts: [],
};

const pod = (name: string, image: unknown, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...metadata },
  spec: { containers: [{ name: "web", image: image as string }] },
});

/** The objects of the chart, into which a renderer writes the namespace or does not. */
const render =
  (filled: JsonObject): Render =>
  ({ image = CHART.values.image as string }) =>
    Promise.resolve(
      manifestsOf([
        pod("web", image, filled),
        pod("setup", image, { ...filled, annotations: { "helm.sh/hook": "pre-install" } }),
        {
          apiVersion: "batch/v1",
          kind: "Job",
          metadata: { name: "job", ...filled },
          spec: { template: { spec: { containers: [{ name: "web", image: image as string }] } } },
        },
        { apiVersion: "v1", kind: "List", items: [pod("listed", image)] },
        pod("other", image, { namespace: "kube-system" }),
      ]),
    );

const planOf = (filled: JsonObject): Promise<RelocationPlan> =>
  relocateChart({
    chart: CHART,
    values: {},
    render: render(filled),
    mirror: { host: "mirror.test" },
    namespace: "shop",
    pullSecret: "pull",
  });

it("is the same plan whether a renderer writes the release's namespace into objects or not", async () => {
  const plan = await planOf({});
  expect(await planOf({ namespace: "shop" })).toEqual(plan);
  const namespaces = plan.images.flatMap(({ locations }) => locations.map(({ namespace }) => namespace));
  expect(namespaces).toEqual([undefined, undefined, undefined, undefined, "kube-system"]);
  expect(plan.hooks).toEqual([{ kind: "Pod", name: "setup", hook: "pre-install" }]);
});

it("tells a command that works in every context", async () => {
  const { findings } = await planOf({});
  expect(findings.find(({ code }) => code === "UPGRADE_REFUSED")?.message).toMatch(
    /^Job job cannot .*: kubectl delete job job --namespace shop$/,
  );
});
