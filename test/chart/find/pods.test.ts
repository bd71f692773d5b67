import { accountSecretNames, matchPods, podsOf, pullSecretNames } from "../../../src/chart/find/pods";
import { podPullSecrets } from "../../../src/chart/pullSecrets/pullSecrets";
import type { Manifest } from "../../../src/chart/render/kubernetesManifest";
import type { JsonObject } from "../../../src/json";

const containers = [{ name: "c", image: "quay.io/a:1" }];
const manifest = (kind: string, name: string, rest: JsonObject, apiVersion = "v1"): Manifest => ({
  object: { apiVersion, kind, metadata: { name }, ...rest },
});

describe("podsOf", () => {
  test.each<[string, Manifest, (string | number)[][]]>([
    ["a pod", manifest("Pod", "p", { spec: { containers } }), [["spec"]]],
    [
      "a workload",
      manifest("Deployment", "d", { spec: { template: { spec: { containers } } } }),
      [["spec", "template", "spec"]],
    ],
    [
      "a custom resource with two",
      manifest("Cluster", "c", { spec: { nodes: [{ containers }, { template: { containers } }] } }, "example.test/v1"),
      [
        ["spec", "nodes", 0],
        ["spec", "nodes", 1, "template"],
      ],
    ],
    [
      "a job inside the text of a ConfigMap",
      manifest("ConfigMap", "m", { data: { job: "spec:\n  containers:\n  - name: c\n    image: quay.io/a:1\n" } }),
      [["data", "job", "spec"]],
    ],
    [
      "what the Prometheus operator makes pods of",
      manifest("Prometheus", "p", { spec: { image: "quay.io/p:1" } }, "monitoring.coreos.com/v1"),
      [["spec"]],
    ],
    [
      "containers without names, as Knative has them",
      manifest(
        "Service",
        "s",
        { spec: { template: { spec: { containers: [{ image: "quay.io/a:1" }] } } } },
        "serving.knative.dev/v1",
      ),
      [["spec", "template", "spec"]],
    ],
    ...[[{ name: "c" }], [{ name: "c", image: null }]].map((filled): [string, Manifest, (string | number)[][]] => [
      "a pod of which only an init container has an image, the others are filled in",
      manifest("Deployment", "d", { spec: { template: { spec: { initContainers: containers, containers: filled } } } }),
      [["spec", "template", "spec"]],
    ]),
    ["containers without any image", manifest("Shop", "s", { spec: { containers: [{ name: "c" }] } }, "a.test/v1"), []],
    [
      "a policy's patterns of containers",
      manifest(
        "Policy",
        "p",
        { spec: { pattern: { spec: { containers: [{ image: "ghcr.io/*:v1" }] } } } },
        "a.test/v1",
      ),
      [],
    ],
    [
      "nameless items elsewhere than in a spec",
      manifest("Catalogue", "c", { spec: { list: { containers: [{ image: "quay.io/a:1" }] } } }, "a.test/v1"),
      [],
    ],
    [
      "a workflow of Argo's as a whole, not the sets of containers in it",
      manifest(
        "WorkflowTemplate",
        "w",
        { spec: { templates: [{ containerSet: { containers } }, { container: { image: "quay.io/b:1" } }] } },
        "argoproj.io/v1alpha1",
      ),
      [["spec"]],
    ],
    [
      "a workflow that a CronWorkflow or a Sensor makes",
      manifest(
        "CronWorkflow",
        "w",
        { spec: { workflowSpec: { templates: [{ script: {} }] } } },
        "argoproj.io/v1alpha1",
      ),
      [["spec", "workflowSpec"]],
    ],
    [
      "a workflow that only puts others together",
      manifest("Workflow", "w", { spec: { templates: [{ steps: [] }] } }, "argoproj.io/v1alpha1"),
      [],
    ],
    ["a text whose aliases have no end", manifest("ConfigMap", "m", { data: { t: "a: &a [*a]\ncontainers: []" } }), []],
    ["a list of other containers", manifest("Config", "x", { spec: { containers: ["a"] } }), []],
    ["a text that is no YAML", manifest("ConfigMap", "m", { data: { t: "{{ x }}\ncontainers:\n- {{" } }), []],
  ])("%s", (_, one, paths) => {
    expect(podsOf([one]).map((pod) => pod.path)).toEqual(paths);
  });
});

describe("pull secrets of pods", () => {
  const account = manifest("ServiceAccount", "runner", { imagePullSecrets: [{ name: "theirs" }] });
  const pod = (spec: JsonObject): Manifest => manifest("Pod", "p", { spec: { containers, ...spec } });

  test.each<[string, JsonObject, string[]]>([
    ["names", { imagePullSecrets: [{ name: "a" }, { name: "b" }] }, ["a", "b"]],
    ["what is not well formed counts not", { imagePullSecrets: ["a", { name: { name: "b" } }, null] }, []],
    ["none", {}, []],
  ])("%s", (_, spec, expected) => {
    expect(pullSecretNames(spec)).toEqual(expected);
  });

  test("come from the service account that the pod uses, where the chart makes it", () => {
    const manifests = [account, pod({ serviceAccountName: "runner" })];
    const [own] = podsOf(manifests);
    expect(own && accountSecretNames(own, manifests)).toEqual(["theirs"]);
    const [other] = podsOf([pod({ serviceAccountName: "default" })]);
    expect(other && accountSecretNames(other, manifests)).toEqual([]);
  });

  test("are accounted for pod by pod", () => {
    const before = [pod({}), manifest("Job", "j", { spec: { template: { spec: { containers } } } })];
    const after = [
      pod({ imagePullSecrets: [{ name: "pull" }] }),
      manifest("Job", "j", { spec: { template: { spec: { containers, serviceAccountName: "runner" } } } }),
      manifest("ServiceAccount", "runner", { imagePullSecrets: [{ name: "pull" }] }),
    ];
    expect(podPullSecrets(before, after, "pull").map(({ name, via }) => [name, via])).toEqual([
      ["p", "pod"],
      ["j", "serviceAccount"],
    ]);
    expect(podPullSecrets(before, before, "pull").map(({ via }) => via)).toEqual(["none", "none"]);
  });

  test("are read from the same pod of another render", () => {
    const before = [pod({})];
    expect(matchPods(podsOf(before), before, [account, pod({ hostNetwork: true })])[0]?.spec.hostNetwork).toBe(true);
    expect(matchPods(podsOf(before), before, [account])).toEqual([undefined]);
  });
});
