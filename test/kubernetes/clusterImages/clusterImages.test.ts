import { clusterImages, type ImageUse } from "../../../src/kubernetes/clusterImages/clusterImages";
import { clusterReader } from "../../../src/kubernetes/clusterImages/clusterReader";
import type { JsonObject } from "../../../src/json";
import { containers, fakeCluster, object, setBy, template } from "./fakeCluster";

const DIGEST = `sha256:${"a".repeat(64)}`;

async function usesOf(objects: readonly JsonObject[], refused?: readonly string[]): Promise<readonly ImageUse[]> {
  const { uses } = await clusterImages(fakeCluster(objects, refused), { wanted: () => true });
  return uses;
}

const helm: JsonObject = {
  annotations: { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" },
};
const deployment = object("apps/v1", "Deployment", "web", template(containers(["main", "a.test/web:1"])), undefined, {
  ...helm,
  ...setBy("helm", ["spec", "template", "spec"], "main"),
});
const revision = object("apps/v1", "ReplicaSet", "web-1", template(containers(["main", "a.test/web:1"])), deployment);
const kafka = object("kafka.test/v1", "Kafka", "events", { spec: { version: "4.0" } }, undefined, helm);
const podSet = object("kafka.test/v1", "PodSet", "events-0", { spec: { pods: [{}] } }, kafka);
const pod = (
  name: string,
  spec: JsonObject,
  owner?: JsonObject,
  rest: JsonObject = {},
  metadata?: JsonObject,
): JsonObject => object("v1", "Pod", name, { spec, ...rest }, owner, metadata);

const named = object("kafka.test/v1", "Kafka", "own", { spec: { kafka: { image: "a.test/kafka:1" } } }, undefined, {
  managedFields: [{ manager: "kubectl", fieldsV1: { "f:spec": { "f:kafka": { "f:image": {} } } } }],
});
const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n1", uid: "n" } };

it.each<[string, JsonObject[], Partial<ImageUse>[]]>([
  [
    "the template of a release, through all that stands between",
    [
      deployment,
      revision,
      pod("web-1-a", containers(["main", "a.test/web:1"]), revision),
      pod("web-1-b", containers(["main", "a.test/web:1"]), revision),
    ],
    [
      {
        pods: ["web-1-a", "web-1-b"],
        container: "container main",
        owners: ["ReplicaSet web-1", "Deployment web"],
        origin: { kind: "release", why: "helm's release shop/web has it", setBy: "helm" },
      },
    ],
  ],
  [
    "a sidecar that no template has",
    [deployment, revision, pod("web-1-a", containers(["proxy", "a.test/proxy:1"]), revision)],
    [
      {
        container: "container proxy",
        origin: {
          kind: "injected",
          why: "ReplicaSet web-1 has no container proxy: it was put into the pod as that was made, as injectors of sidecars do",
        },
      },
    ],
  ],
  [
    "an image that the template has otherwise",
    [deployment, revision, pod("web-1-a", containers(["main", "b.test/web:1"]), revision)],
    [
      {
        origin: {
          kind: "injected",
          why: "ReplicaSet web-1 has a.test/web:1: it was changed as the pod was made, or the pod is older than that",
        },
      },
    ],
  ],
  [
    "a default of an operator, although helm's release has the resource",
    [
      kafka,
      podSet,
      pod("events-0", containers(["kafka", "a.test/kafka:4"]), podSet, {}, setBy("kafka-operator", ["spec"], "kafka")),
    ],
    [
      {
        owners: ["PodSet events-0", "Kafka events"],
        origin: {
          kind: "operator",
          why: "PodSet events-0 does not name it: it is a default of the program that makes its pods",
          setBy: "kafka-operator",
        },
      },
    ],
  ],
  [
    "what a custom resource names",
    [named, pod("own-0", containers(["kafka", "a.test/kafka:1"]), named)],
    [{ origin: { kind: "customResource", why: "Kafka own names it at spec.kafka.image", setBy: "kubectl" } }],
  ],
  [
    "what was put into a running pod",
    [pod("alone", { ephemeralContainers: [{ name: "debugger", image: "busybox" }] }, undefined)],
    [
      {
        container: "ephemeral container debugger",
        origin: { kind: "debug", why: "it was put into the running pod, as kubectl debug does" },
      },
    ],
  ],
  [
    "a volume of an image, and a pod that nothing owns",
    [pod("alone", { volumes: [{ name: "data", image: { reference: "a.test/data:1" } }] })],
    [{ container: "volume data", owners: [], origin: { kind: "object", why: "nothing else owns it" } }],
  ],
  [
    "a file of a node",
    [pod("proxy-n1", containers(["proxy", "a.test/proxy:1"]), node)],
    [{ origin: { kind: "node", why: "a file of the node n1 has the pod" } }],
  ],
  [
    "an owner that is gone",
    [pod("events-0", containers(["kafka", "a.test/kafka:4"]), podSet)],
    [
      {
        owners: ["PodSet events-0"],
        origin: { kind: "object", why: "what made it is not known: PodSet events-0 could not be read (it is gone)" },
      },
    ],
  ],
  [
    "a workload without pods, and not the old revisions of one",
    [
      deployment,
      revision,
      object("batch/v1", "CronJob", "night", {
        spec: { jobTemplate: { spec: { template: { spec: containers(["main", "a.test/job:1"]) } } } },
      }),
    ],
    [
      {
        pods: [],
        owners: ["CronJob night"],
        image: "a.test/job:1",
        origin: { kind: "object", why: "CronJob night has it" },
      },
      { pods: [], owners: ["Deployment web"], image: "a.test/web:1" },
    ],
  ],
])("finds %s", async (_, objects, uses) => {
  expect(await usesOf(objects)).toMatchObject(uses);
});

it("takes the newest of those who have written a field", async () => {
  const alone = pod(
    "alone",
    containers(["main", "a.test/x:1"]),
    undefined,
    {},
    {
      managedFields: [
        ...(setBy("newer", ["spec"], "main", "2026-02-01T00:00:00Z").managedFields as JsonObject[]),
        ...(setBy("older", ["spec"], "main", "2026-01-01T00:00:00Z").managedFields as JsonObject[]),
        ...(setBy("other", ["spec"], "other", "2026-03-01T00:00:00Z").managedFields as JsonObject[]),
      ],
    },
  );
  expect((await usesOf([alone])).map(({ origin }) => origin.setBy)).toEqual(["newer"]);
});

it.each([
  ["what the node pulled", `docker.io/library/nginx@${DIGEST}`, [DIGEST]],
  ["another spelling of it", `docker-pullable://nginx@${DIGEST}`, [DIGEST]],
  ["the digest of the configuration", DIGEST, []],
  ["another repository with the same image", `mirror.test/nginx@${DIGEST}`, []],
])("takes for a digest of the image: %s", async (_, imageID, digests) => {
  const status = { containerStatuses: [{ name: "main", imageID }] };
  const uses = await usesOf([pod("alone", containers(["main", "nginx:1"]), undefined, { status })]);
  expect(uses.map((use) => use.digests)).toEqual([digests]);
});

it("asks about each image by the mirrors of its namespace, and looks into one namespace alone when told", async () => {
  const annotations = { "pulumi-chart-mirror/admission.mirror.1": "r.test/p/" };
  const shop = object("v1", "Namespace", "shop", {}, undefined, { annotations });
  const other = object("v1", "Pod", "other", { spec: containers(["main", "b.test/x:1"]) }, undefined, {
    namespace: "else",
  });
  const asked: unknown[] = [];
  const look = (namespace?: string) =>
    clusterImages(fakeCluster([shop, other, deployment, pod("alone", containers(["main", "a.test/x:1"]))]), {
      namespace,
      wanted: (_, written, { prefixes }, inPod) => asked.push([written, prefixes, inPod]) < 0,
    });
  await look();
  expect(asked).toEqual([
    ["b.test/x:1", [], true],
    ["a.test/x:1", ["r.test/p/"], true],
    ["a.test/web:1", ["r.test/p/"], false],
  ]);
  asked.length = 0;
  await look("else");
  expect(asked).toEqual([["b.test/x:1", [], true]]);
});

it.each([undefined, "shop"])("knows the mirrors that hold in all namespaces, looking into %s", async (namespace) => {
  const mirrors: Record<string, unknown> = {};
  const { unread } = await clusterImages(
    fakeCluster([
      object("v1", "Namespace", "shop"),
      object("v1", "Namespace", "kube-public", {}, undefined, {
        labels: { "pulumi-chart-mirror/cluster-admission-warn": "true" },
        annotations: {
          "pulumi-chart-mirror/cluster-admission.mirror.1": "r.test/p/",
          "pulumi-chart-mirror/cluster-admission.exception.1": "(",
        },
      }),
      pod("alone", containers(["main", "a.test/x:1"])),
      pod("cni", containers(["main", "b.test/x:1"]), undefined, {}, { namespace: "kube-system" }),
      object("v1", "Namespace", "kube-system"),
    ]),
    {
      namespace,
      wanted: (_, written, { prefixes }) => {
        mirrors[written] = prefixes;
        return false;
      },
    },
  );
  expect(mirrors).toEqual({ "a.test/x:1": ["r.test/p/"], ...(namespace === undefined && { "b.test/x:1": [] }) });
  expect(unread).toEqual([
    "the annotation pulumi-chart-mirror/cluster-admission.exception.1 of the namespace kube-public is not one of MirrorAdmission's, and is left out",
  ]);
});

it("finds what the API server has refused, in the events of who wanted to make it", async () => {
  const message = `Error creating: pods "web-1-" is forbidden: ValidatingAdmissionPolicy 'chart-mirror-1' with binding 'chart-mirror-1-deny' denied request: container main would pull nginx:1, outside the mirror (r.test/p/). Name the image there`;
  const involvedObject = { kind: "ReplicaSet", namespace: "shop", name: "web-1" };
  const events = [
    object("v1", "Event", "a", { reason: "FailedCreate", message, involvedObject, count: 3 }),
    object("v1", "Event", "b", { reason: "FailedCreate", message: "exceeded quota", involvedObject }),
  ];
  const { refused } = await clusterImages(fakeCluster(events), { wanted: () => true });
  expect(refused).toEqual([
    {
      namespace: "shop",
      object: "ReplicaSet/web-1",
      container: "container main",
      image: "nginx:1",
      refused: true,
      count: 3,
    },
  ]);
});

it("tells what it may not read, and fails where that is the pods", async () => {
  const objects = [revision, pod("web-1-a", containers(["main", "a.test/web:1"]), revision)];
  const { uses, unread } = await clusterImages(fakeCluster(objects, ["deployments", "namespaces", "events"]), {
    wanted: () => true,
  });
  expect(unread).toEqual([
    expect.stringContaining("Listing /api/v1/namespaces failed: 403 namespaces is forbidden"),
    expect.stringContaining("Listing /apis/apps/v1/deployments failed: 403 deployments is forbidden"),
    expect.stringContaining("Listing /api/v1/events failed: 403 events is forbidden"),
  ]);
  expect(uses[0]?.origin.why).toBe(
    "what made it is not known: Deployment web could not be read (403 deployments is forbidden)",
  );
  await expect(clusterImages(fakeCluster(objects, ["pods"]), { wanted: () => true })).rejects.toMatchObject({
    code: "CLUSTER_UNREADABLE",
  });
});

it.each([
  ["no list", {}, "it answered no list"],
  ["a list without end", { items: [], metadata: { continue: "x" } }, "its list has no end"],
])("does not take %s for a cluster without pods", async (_, answer, reason) => {
  const reader = {
    ...fakeCluster([]),
    read: (path: string) => Promise.resolve({ status: 200, object: path.includes("/pods") ? answer : { items: [] } }),
  };
  await expect(clusterImages(reader, { wanted: () => true })).rejects.toMatchObject({
    code: "CLUSTER_UNREADABLE",
    message: expect.stringContaining(`Listing /api/v1/pods failed: ${reason}`) as string,
  });
});

it("tells of texts that are no images", async () => {
  const { invalid } = await clusterImages(fakeCluster([pod("alone", containers(["main", "NOT an image"]))]), {
    wanted: () => true,
  });
  expect(invalid).toEqual([`pod shop/alone, container main: "NOT an image"`]);
});

it("says what it could not ask", async () => {
  const config = {
    getCurrentCluster: () => ({ server: "http://127.0.0.1:9" }),
    getCurrentContext: () => "c",
    getContextObject: () => ({ namespace: "mine" }),
    applyToHTTPSOptions: () => Promise.resolve(),
  };
  const reader = await clusterReader({}, () => Promise.resolve({ config } as never));
  expect(reader.namespace).toBe("mine");
  await expect(reader.read("/api/v1/pods?limit=1")).rejects.toMatchObject({
    code: "CLUSTER_UNREADABLE",
    message: expect.stringMatching(/^Reading \/api\/v1\/pods failed: .*ECONNREFUSED/) as string,
  });
});
