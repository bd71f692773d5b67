import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChartCopy } from "../../../src/chart/content/chartCopy";
import { readChart } from "../../../src/chart/content/chartFiles";
import { helmCommand } from "../../../src/chart/render/helmCommand";
import { relocateChart } from "../../../src/chart/relocate";
import type { RelocationPlan } from "../../../src/plan/relocationPlan";
import { ensureTool } from "../../support/tools";

const pod = (name: string, more = "", namespace = ""): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}${namespace && `, namespace: ${namespace}`} }
spec:
  ${more}
  containers: [{ name: main, image: "{{ .Values.registry }}/app:1" }]
---`;
/** No value reaches the pull secrets of these pods. */
const TEMPLATE = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: own }
---${pod("default")}${pod("named", "serviceAccountName: builder")}${pod("own", "serviceAccountName: own")}${pod("elsewhere", "", "jobs")}
`;

let helm: string;
let folder: string;

beforeAll(async () => {
  helm = await ensureTool("helm");
  folder = await mkdtemp(join(tmpdir(), "linked-accounts-"));
  await mkdir(join(folder, "chart/templates"), { recursive: true });
  await writeFile(join(folder, "chart/Chart.yaml"), "apiVersion: v2\nname: app\nversion: 1.0.0\n");
  await writeFile(join(folder, "chart/values.yaml"), "registry: quay.io\n");
  await writeFile(join(folder, "chart/templates/pods.yaml"), TEMPLATE);
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function planWith(names: readonly string[]): Promise<RelocationPlan> {
  const chart = join(folder, "chart");
  const copy = await ChartCopy.create(chart, join(await mkdtemp(join(folder, "copy-")), "app"));
  const render = (chart: string) => helmCommand(helm, { chart, releaseName: "release", namespace: "shop" });
  return relocateChart({
    chart: await readChart(chart),
    values: {},
    render: render(chart),
    renderPatched: async (files) => {
      await copy.apply(files);
      return render(copy.folder);
    },
    mirror: { host: "mirror.test" },
    pullSecret: "pull",
    linkedAccounts: { names, namespace: "shop" },
  });
}

const ways = ({ pods }: RelocationPlan): object => Object.fromEntries(pods.map(({ name, via }) => [name, via]));

it.each<[string, string[], object, string[] | undefined]>([
  ["none", [], { default: "pod", named: "pod", own: "pod", elsewhere: "pod" }, undefined],
  [
    "the default account of the release's namespace",
    ["default"],
    { default: "serviceAccount", named: "pod", own: "pod", elsewhere: "pod" },
    undefined,
  ],
  [
    "accounts by namespace",
    ["shop/builder", "jobs/default"],
    { default: "pod", named: "serviceAccount", own: "pod", elsewhere: "serviceAccount" },
    undefined,
  ],
  [
    "an account that the chart makes, whose own pods are there before anybody links it",
    ["own"],
    { default: "pod", named: "pod", own: "pod", elsewhere: "pod" },
    ["own"],
  ],
])("patches the pods that are not served by %s", async (_, names, expected, later) => {
  const plan = await planWith(names);
  expect(ways(plan)).toEqual(expected);
  expect(plan.patches).toHaveLength(Object.values(expected).filter((via) => via === "pod").length);
  expect(plan.chartAccounts).toEqual(later);
});

it("patches the pods of the chart's own account alone where accounts serve all others", async () => {
  const plan = await planWith(["default", "builder", "jobs/default", "own"]);
  expect(plan.patches).toHaveLength(1);
  // A Pod by itself gets a secret only when it is made anew.
  expect(plan.findings.map(({ code, message }) => [code, message.split(" cannot")[0]])).toEqual([
    ["UPGRADE_REFUSED", "Pod own"],
  ]);
});
