import type { Chart } from "../../../src/chart/content/chart";
import { makersWithoutSecret, podMakers, solveCustomSecrets } from "../../../src/chart/pullSecrets/customSecrets";
import { findImages } from "../../../src/chart/find/imageReferences";
import type { Manifest } from "../../../src/chart/render/kubernetesManifest";
import { secretPlaces } from "../../../src/chart/pullSecrets/pullSecrets";
import { TrialRenderer } from "../../../src/chart/solve/trialRender";
import type { Json, JsonObject } from "../../../src/json";

const CHART: Chart = {
  metadata: { apiVersion: "v2", name: "shop", version: "1.0.0", dependencies: [] },
  valuesPath: [],
  values: {},
  files: [],
  subcharts: [],
};

/** A chart with a CRD whose list of pull secrets has such items. */
const withCrd = (items: string): Chart => ({
  ...CHART,
  files: [
    {
      path: "crds/app.yaml",
      location: "crds/app.yaml",
      text: [
        "kind: CustomResourceDefinition",
        "spec:",
        "  group: shop.test",
        "  names: {kind: App}",
        "  versions:",
        "  - name: v1",
        "    schema:",
        "      openAPIV3Schema:",
        `        properties: {spec: {properties: {imagePullSecrets: {type: array, items: ${items}}}}}`,
      ].join("\n"),
    },
  ],
});

/** What a template makes of the secrets in its values. */
type Template = (secrets: Json) => JsonObject;

const asItIs: Template = (secrets): JsonObject => (isEmpty(secrets) ? {} : { imagePullSecrets: secrets });
/** `- name: {{ . }}`, which shows a map in Go's words. */
const asNames: Template = (secrets) => ({
  imagePullSecrets: (secrets as Json[]).map((item) => ({
    name: typeof item === "string" ? item : `map[name:${(item as { name: string }).name}]`,
  })),
});
const isEmpty = (secrets: Json): boolean => secrets === null || secrets === "" || (secrets as Json[]).length === 0;

const SPARK = "sparkoperator.k8s.io/v1beta2";

async function solve(values: JsonObject, template: Template, object: JsonObject, chart = CHART) {
  const render = (secrets: Json): Manifest[] => [
    { object: { ...object, spec: { image: "quay.io/team/app:1", ...template(secrets) } } },
  ];
  const [[key, present]] = Object.entries(values) as [[string, Json]];
  const before = render(present);
  const makers = podMakers(before, findImages(before, { values: { ...values, image: "quay.io/team/app:1" } }));
  const trials = new TrialRenderer(values, []);
  const solved = await solveCustomSecrets("pull", makers, secretPlaces(values, []), chart, before, trials, (entries) =>
    Promise.resolve(render(entries.find(([path]) => path[0] === key)?.[1] ?? present)),
  );
  const after = render(solved.entries[0]?.[1] ?? present);
  const without = makersWithoutSecret(makers, "pull", before, after).length;
  return { entries: solved.entries, undecided: [...solved.undecided.values()], without };
}

describe("solveCustomSecrets", () => {
  const app = { apiVersion: "shop.test/v1", kind: "App", metadata: { name: "app" } };
  const spark = { apiVersion: SPARK, kind: "SparkApplication", metadata: { name: "pi" } };
  const list = { imagePullSecrets: [] };
  const set = (value: Json) => ({ entries: [[["imagePullSecrets"], value]], undecided: [], without: 0 });

  test.each<[string, JsonObject, Template, JsonObject, Chart, unknown]>([
    ["names, as Spark's operator takes them", list, asItIs, spark, CHART, set(["pull"])],
    ["names, as the chart's CRD says", list, asItIs, app, withCrd("{type: string}"), set(["pull"])],
    ["maps, as the chart's CRD says", list, asItIs, app, withCrd("{type: object}"), set([{ name: "pull" }])],
    ["names, of which the template makes maps", list, asNames, app, CHART, set(["pull"])],
    [
      "what is there, and one more like it",
      { imagePullSecrets: ["theirs"] },
      asItIs,
      app,
      CHART,
      set(["theirs", "pull"]),
    ],
    [
      "nothing where nothing tells the form",
      list,
      asItIs,
      app,
      CHART,
      { entries: [], undecided: ["imagePullSecrets"], without: 1 },
    ],
    ["nothing where no value shows", list, () => ({}), app, CHART, { entries: [], undecided: [], without: 1 }],
  ])("sets %s", async (_, values, template, object, chart, expected) => {
    expect(await solve(values, template, object, chart)).toEqual(expected);
  });

  test("sets one name", async () => {
    const one: Template = (secret): JsonObject => (isEmpty(secret) ? {} : { pullSecret: secret });
    expect(await solve({ pullSecret: "" }, one, app)).toEqual({
      entries: [[["pullSecret"], "pull"]],
      undecided: [],
      without: 0,
    });
  });
});

test("makers of pods are custom resources and ConfigMaps with images, not what holds pods or is a pod", () => {
  const image = "quay.io/team/app:1";
  const manifests: Manifest[] = [
    { object: { apiVersion: "shop.test/v1", kind: "App", metadata: { name: "a" }, spec: { image } } },
    { object: { apiVersion: "shop.test/v1", kind: "App", metadata: { name: "b" }, spec: { size: 1 } } },
    { object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { "trivy.image": image } } },
    {
      object: {
        apiVersion: "shop.test/v1",
        kind: "App",
        metadata: { name: "d" },
        spec: { image, pod: { containers: [{ name: "x", image }] } },
      },
    },
    {
      object: { apiVersion: "v1", kind: "Pod", metadata: { name: "e" }, spec: { containers: [{ name: "x", image }] } },
    },
  ];
  const makers = podMakers(manifests, findImages(manifests, { values: { image } }));
  expect(makers.map(({ manifest, custom }) => [manifest, custom])).toEqual([
    [0, true],
    [2, false],
  ]);
  expect(makersWithoutSecret(makers, "pull", manifests, manifests).map(({ manifest }) => manifest)).toEqual([0]);
});
