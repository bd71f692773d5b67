import { refusedPlaces } from "../../../src/chart/compare/clusterRules";
import { formatValuePath } from "../../../src/chart/content/valuePaths";
import type { JsonObject } from "../../../src/json";

const object = (more: JsonObject, kind = "Deployment", apiVersion = "apps/v1"): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: "web" },
  ...more,
});
const labelled = (value: string, key = "chart"): JsonObject => ({
  metadata: { name: "web", labels: { [key]: value } },
});
const pod = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } });
const long = (length: number): string => "x".repeat(length);

const rows: [string, JsonObject, string[]][] = [
  ["a label as charts write it", object(labelled("web-1.0.0_0123456789ab")), []],
  ["an empty label", object(labelled("")), []],
  ["a label with a plus", object(labelled("web-1.0.0+0123456789ab")), ["metadata.labels.chart"]],
  ["a label of an image", object(labelled("mirror.test/p/web")), ["metadata.labels.chart"]],
  ["a label that ends in a joint", object(labelled("web-1.0.0_")), ["metadata.labels.chart"]],
  ["a label of 63 characters", object(labelled(long(63))), []],
  ["a label of 64", object(labelled(long(64))), ["metadata.labels.chart"]],
  ["a label's key with a prefix", object(labelled("x", "app.kubernetes.io/name")), []],
  ["a label's key with two slashes", object(labelled("x", "a/b/c")), ['metadata.labels."a/b/c"']],
  [
    "a label's key whose prefix has capitals",
    object(labelled("x", "Mirror.test/a")),
    ['metadata.labels."Mirror.test/a"'],
  ],
  [
    "labels of a pod template and of a selector",
    object({
      spec: {
        selector: { matchLabels: { v: "1+2" } },
        template: { metadata: { labels: { v: "1+2" } }, spec: { nodeSelector: { v: "1+2" } } },
        volumeClaimTemplates: [{ metadata: { labels: { v: "1+2" } } }],
      },
    }),
    [
      "spec.selector.matchLabels.v",
      "spec.template.metadata.labels.v",
      "spec.template.spec.nodeSelector.v",
      "spec.volumeClaimTemplates[0].metadata.labels.v",
    ],
  ],
  ["a Service's selector", object({ spec: { selector: { v: "1+2" } } }, "Service", "v1"), ["spec.selector.v"]],
  ["an annotation with any value", object({ metadata: { name: "w", annotations: { "a.b/c": "1+2 /" } } }), []],
  [
    "an annotation whose key is no name",
    object({ metadata: { name: "w", annotations: { "a b": "x" } } }),
    ['metadata.annotations."a b"'],
  ],
  [
    "more annotations than an object may have",
    object({ metadata: { name: "w", annotations: { a: long(300_000) } } }),
    ["metadata.annotations"],
  ],
  ["an object's name with dots", object({ metadata: { name: "a.b-1" } }), []],
  ["an object's name with a plus", object({ metadata: { name: "a+b" } }), ["metadata.name"]],
  ["an object's name with 254 characters", object({ metadata: { name: long(254) } }), ["metadata.name"]],
  ["a Service's name with a dot", object({ metadata: { name: "a.b" } }, "Service", "v1"), ["metadata.name"]],
  ["another group's Service", object({ metadata: { name: "a.b" } }, "Service", "serving.knative.dev/v1"), []],
  ["a Job's name of 64", object({ metadata: { name: long(64) } }, "Job", "batch/v1"), ["metadata.name"]],
  ["a Job's name with dots", object({ metadata: { name: "setup-1.2.0" } }, "Job", "batch/v1"), []],
  ["a Job's name with a sign", object({ metadata: { name: "setup-1.2.0+a" } }, "Job", "batch/v1"), ["metadata.name"]],
  ["a CronJob's name of 53", object({ metadata: { name: long(53) } }, "CronJob", "batch/v1"), ["metadata.name"]],
  [
    "a role's name with a colon",
    object({ metadata: { name: "system:Web" } }, "ClusterRole", "rbac.authorization.k8s.io/v1"),
    [],
  ],
  ["an object without a name", object({ metadata: { generateName: "web-" } }), []],
  [
    "a container's name with a dot",
    object(pod({ containers: [{ name: "a.b" }] })),
    ["spec.template.spec.containers[0].name"],
  ],
  [
    "two containers of one name",
    object(pod({ containers: [{ name: "a" }, { name: "a" }] })),
    ["spec.template.spec.containers[1].name"],
  ],
  [
    "a variable that is there twice",
    object(pod({ containers: [{ name: "a", env: [{ name: "A" }, { name: "A" }] }] })),
    [],
  ],
  [
    "a variable with an equals sign",
    object(pod({ containers: [{ name: "a", env: [{ name: "A=B" }] }] })),
    ["spec.template.spec.containers[0].env[0].name"],
  ],
  ["a ConfigMap's keys", object({ data: { "a.b_C-1": "x", "a/b": "y" } }, "ConfigMap", "v1"), ['data."a/b"']],
  ["a ConfigMap that is too big", object({ data: { a: long(1_100_000) } }, "ConfigMap", "v1"), ["data"]],
  ["a Secret of the same size in base64", object({ data: { a: long(1_100_000) } }, "Secret", "v1"), []],
  [
    "what a ConfigMap's text calls labels",
    object({ data: { a: "metadata:\n  labels:\n    v: 1+2\n" } }, "ConfigMap", "v1"),
    [],
  ],
];

describe("refusedPlaces", () => {
  test.each(rows)("%s", (_, given, expected) => {
    const found = refusedPlaces(given);
    expect([...new Set(found.map(({ path }) => formatValuePath(path)))]).toEqual(expected);
    for (const { why } of found) expect(why).toMatch(/\w/);
  });
});

it("does not look again at what an object known has at the same place", () => {
  const labels = { v: "1+2" };
  const known = object({ metadata: { name: "web", labels }, spec: { template: { metadata: { labels } } } });
  const paths = (one: JsonObject): string[] => refusedPlaces(one, known).map(({ path }) => formatValuePath(path));
  expect(paths({ ...known, spec: { replicas: 2 } })).toEqual([]);
  expect(paths({ ...known, spec: { template: { metadata: { labels: { ...labels } } } } })).toEqual([
    "spec.template.metadata.labels.v",
  ]);
  // It moved, so that other rules may hold for it.
  expect(paths({ ...known, spec: { selector: labels } })).toEqual(["spec.selector.v"]);
});
