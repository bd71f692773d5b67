import { differences } from "../../../src/chart/compare/differences";
import { deleteCommand, immutableChanges, timeToLive } from "../../../src/chart/compare/immutableFields";
import { manifestsOf } from "../../../src/chart/render/kubernetesManifest";
import type { JsonObject } from "../../../src/json";

const fieldsChanged = (before: JsonObject, after: JsonObject): string[] => {
  const manifests = manifestsOf([before]);
  return immutableChanges(manifests, differences([before], [after])).flatMap(({ fields }) => [...fields]);
};
const object = (type: string, more: JsonObject, name = "x"): JsonObject => {
  const [apiVersion = "", kind = ""] = type.split(" ");
  return { apiVersion, kind, metadata: { name }, ...more };
};
const pod = (image: string, more: JsonObject = {}): JsonObject => ({ containers: [{ name: "c", image }], ...more });
const template = (image: string): JsonObject => ({ template: { spec: pod(image) } });

const rows: [string, string, JsonObject, JsonObject, string[]][] = [
  ["a Job's image", "batch/v1 Job", { spec: template("a") }, { spec: template("b") }, ["spec.template"]],
  ["a Job's time to live", "batch/v1 Job", { spec: {} }, { spec: { ttlSecondsAfterFinished: 5 } }, []],
  ["a Deployment's image", "apps/v1 Deployment", { spec: template("a") }, { spec: template("b") }, []],
  ...(["Deployment", "DaemonSet", "ReplicaSet", "StatefulSet"] as const).map(
    (kind): [string, string, JsonObject, JsonObject, string[]] => [
      `a ${kind}'s selector`,
      `apps/v1 ${kind}`,
      { spec: { selector: { matchLabels: { v: "1" } } } },
      { spec: { selector: { matchLabels: { v: "2" } } } },
      ["spec.selector"],
    ],
  ),
  ["a StatefulSet's image", "apps/v1 StatefulSet", { spec: template("a") }, { spec: template("b") }, []],
  [
    "a StatefulSet's claims and service",
    "apps/v1 StatefulSet",
    { spec: { serviceName: "a", volumeClaimTemplates: [{ metadata: { labels: { v: "1" } } }] } },
    { spec: { serviceName: "b", volumeClaimTemplates: [{ metadata: { labels: { v: "2" } } }] } },
    ["spec.serviceName", "spec.volumeClaimTemplates"],
  ],
  [
    "a CronJob's image",
    "batch/v1 CronJob",
    { spec: { jobTemplate: { spec: template("a") } } },
    { spec: { jobTemplate: { spec: template("b") } } },
    [],
  ],
  ["a Pod's image", "v1 Pod", { spec: pod("a") }, { spec: pod("b") }, []],
  [
    "a Pod's pull secret",
    "v1 Pod",
    { spec: pod("a") },
    { spec: pod("a", { imagePullSecrets: [{ name: "pull" }] }) },
    ["spec.imagePullSecrets"],
  ],
  [
    "a claim's size",
    "v1 PersistentVolumeClaim",
    { spec: { resources: { requests: { storage: "1Gi" } } } },
    { spec: { resources: { requests: { storage: "2Gi" } } } },
    [],
  ],
  [
    "a claim's class",
    "v1 PersistentVolumeClaim",
    { spec: { storageClassName: "a" } },
    { spec: { storageClassName: "b" } },
    ["spec.storageClassName"],
  ],
  [
    "a storage class's parameters",
    "storage.k8s.io/v1 StorageClass",
    { parameters: { image: "a" } },
    { parameters: { image: "b" } },
    ["parameters"],
  ],
  [
    "a binding's role",
    "rbac.authorization.k8s.io/v1 RoleBinding",
    { roleRef: { name: "a" } },
    { roleRef: { name: "b" } },
    ["roleRef"],
  ],
  [
    "an address",
    "v1 Service",
    { spec: { clusterIP: "10.0.0.1" } },
    { spec: { clusterIP: "10.0.0.2" } },
    ["spec.clusterIP"],
  ],
  ["a ConfigMap", "v1 ConfigMap", { data: { a: "1" } }, { data: { a: "2" } }, []],
  [
    "a ConfigMap that never changes",
    "v1 ConfigMap",
    { immutable: true, data: { a: "1" } },
    { immutable: true, data: { a: "2" } },
    ["data"],
  ],
  ["a Secret's type", "v1 Secret", { type: "Opaque" }, { type: "kubernetes.io/tls" }, ["type"]],
  ["another group's Job", "batch.volcano.sh/v1alpha1 Job", { spec: template("a") }, { spec: template("b") }, []],
];

describe("immutableChanges", () => {
  test.each(rows)("%s", (_, type, before, after, expected) => {
    expect(fieldsChanged(object(type, before), object(type, after))).toEqual(expected);
  });

  test("leaves alone what gets another name with its content", () => {
    const job = (name: string, image: string) => object("batch/v1 Job", { spec: template(image) }, name);
    expect(fieldsChanged(job("setup-0a6d929c", "a"), job("setup-51fe03b7", "b"))).toEqual([]);
  });

  test("leaves alone hooks, which Helm deletes before it makes them again", () => {
    const hook = (image: string): JsonObject => ({
      ...object("batch/v1 Job", { spec: template(image) }),
      metadata: { name: "x", annotations: { "helm.sh/hook": "post-upgrade" } },
    });
    expect(fieldsChanged(hook("a"), hook("b"))).toEqual([]);
  });

  test("leaves alone objects that come, go, or are named by the API server", () => {
    const job = object("batch/v1 Job", { spec: template("a") });
    expect(immutableChanges(manifestsOf([job]), differences([job], []))).toEqual([]);
    expect(immutableChanges([], differences([], [job]))).toEqual([]);
    const generated = (image: string) => ({ ...job, spec: template(image), metadata: { generateName: "x-" } });
    expect(fieldsChanged(generated("a"), generated("b"))).toEqual([]);
  });
});

describe("the way out", () => {
  const changeOf = (type: string, ...fields: string[]) => ({
    manifest: { object: { ...object(type, {}), metadata: { name: "x", namespace: "shop" } } },
    fields,
  });
  test.each([
    [changeOf("batch/v1 Job", "spec.template"), "kubectl delete job x --namespace shop"],
    [
      changeOf("apps/v1 StatefulSet", "spec.volumeClaimTemplates"),
      "kubectl delete statefulset x --namespace shop --cascade=orphan",
    ],
    [changeOf("apps/v1 StatefulSet", "spec.selector"), "kubectl delete statefulset x --namespace shop"],
  ])("%#", (change, expected) => {
    expect(deleteCommand(change)).toBe(expected);
  });

  test("names the release's namespace where the object names none, and none where there is none", () => {
    const named = (type: string) => ({
      manifest: { object: { ...object(type, {}), metadata: { name: "x" } } },
      fields: [],
    });
    expect(deleteCommand(named("batch/v1 Job"), "shop")).toBe("kubectl delete job x --namespace shop");
    expect(deleteCommand(named("storage.k8s.io/v1 StorageClass"), "shop")).toBe("kubectl delete storageclass x");
  });

  test("may be to wait", () => {
    expect(timeToLive(object("batch/v1 Job", { spec: { ttlSecondsAfterFinished: 100 } }))).toBe(100);
    expect(timeToLive(object("batch/v1 Job", { spec: {} }))).toBeUndefined();
  });
});
