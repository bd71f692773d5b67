import type { ResourceValidationArgs } from "@pulumi/policy";
import { mirrorPolicies, type MirrorPolicyOptions } from "../../src/policy/mirrorPolicies";

/** As the framework throws where a preview does not know a value. */
class UnknownValueError extends Error {}

const unknownAt = (object: object, key: string): object =>
  Object.defineProperty(object, key, {
    enumerable: true,
    get: () => {
      throw new UnknownValueError(`${key} is not known`);
    },
  });

function told(
  type: string,
  props: object,
  options: MirrorPolicyOptions = {},
  config: MirrorPolicyOptions = {},
  urn = "urn",
) {
  const violations: string[] = [];
  const unknown: string[] = [];
  for (const policy of mirrorPolicies({ mirrors: ["r.test/p"], ...options })) {
    const args = { type, props, urn, name: "a", getConfig: () => config } as unknown as ResourceValidationArgs;
    const [validate] = [policy.validateResource].flat();
    try {
      void validate?.(args, (message) => violations.push(`${policy.name}: ${message}`));
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
      unknown.push(error.message);
    }
  }
  return { violations: violations.map((text) => text.replace(/ from outside.*/, "")), unknown };
}

const pod = (image: string) => ({ containers: [{ name: "a", image }] });
const workload = (image: string) => ({ metadata: { name: "x" }, spec: { template: { spec: pod(image) } } });
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";

it.each<[string, string, object, string[]]>([
  ["a workload", DEPLOYMENT, workload("nginx"), ["spec.template.spec.containers[0].image would pull nginx"]],
  ["a pod", "kubernetes:core/v1:Pod", { spec: pod("a.test/x:1") }, ["spec.containers[0].image would pull a.test/x:1"]],
  [
    "a CronJob",
    "kubernetes:batch/v1:CronJob",
    { spec: { jobTemplate: { spec: { template: { spec: pod("nginx") } } } } },
    ["spec.jobTemplate.spec.template.spec.containers[0].image would pull nginx"],
  ],
  [
    "a custom resource",
    "kubernetes:monitoring.coreos.com/v1:Prometheus",
    { spec: { image: "quay.io/prometheus/prometheus:v3" } },
    ["spec.image would pull quay.io/prometheus/prometheus:v3"],
  ],
  [
    "a custom resource under k8s.io",
    "kubernetes:sparkoperator.k8s.io/v1beta2:SparkApplication",
    { spec: { image: "quay.io/spark/spark:3" } },
    ["spec.image would pull quay.io/spark/spark:3"],
  ],
  [
    "Kubernetes' own kind that has no pods",
    "kubernetes:storage.k8s.io/v1:StorageClass",
    { parameters: { image: "quay.io/a/b:1" } },
    [],
  ],
  ["what is in the mirror", DEPLOYMENT, workload("R.TEST/p/nginx:1"), []],
  [
    "what only begins alike",
    DEPLOYMENT,
    workload("r.test/platform/x:1"),
    ["spec.template.spec.containers[0].image would pull r.test/platform/x:1"],
  ],
  ["a ConfigMap", "kubernetes:core/v1:ConfigMap", { data: { image: "quay.io/a/b:1" } }, []],
  ["what an injector fills in", DEPLOYMENT, workload("auto"), []],
  ["another provider's resource", "aws:ecs/service:Service", workload("nginx"), []],
])("judges %s", (_, type, props, violations) => {
  expect(told(type, props)).toEqual({ violations: violations.map((text) => `images-in-mirror: ${text}`), unknown: [] });
});

it("leaves out what is excepted, in the program or the configuration", () => {
  const all = (options: MirrorPolicyOptions, config: MirrorPolicyOptions = {}) =>
    told(DEPLOYMENT, { ...workload("nginx:1"), metadata: { namespace: "tools" } }, options, config).violations.length;
  expect([
    all({}),
    all({ ignoreImages: ["nginx:*"] }),
    all({ ignoreNamespaces: ["tools"] }),
    all({}, { ignoreNamespaces: ["tools"] }),
    all({ mirrors: [] }, { mirrors: ["docker.io"] }),
  ]).toEqual([1, 0, 0, 0, 0]);
});

it("does not pass in silence what is not known yet, and judges the rest", () => {
  const spec = pod("nginx");
  spec.containers.push(unknownAt({ name: "b" }, "image") as never);
  expect(told("kubernetes:core/v1:Pod", { spec })).toEqual({
    violations: ["images-in-mirror: spec.containers[0].image would pull nginx"],
    unknown: ["image is not known"],
  });
  expect(told(DEPLOYMENT, unknownAt({}, "spec")).unknown).toEqual(["spec is not known"]);
});

it("is not kept from judging by what is no image", () => {
  const spec = { containers: [unknownAt({ name: "a", image: "r.test/p/x" }, "args")] };
  expect(told("kubernetes:core/v1:Pod", { metadata: unknownAt({}, "labels"), spec }).unknown).toEqual([]);
  expect(told("kubernetes:core/v1:Service", unknownAt({}, "spec")).unknown).toEqual([]);
});

it("says that it does not see what a Release deploys, but for those of this package", () => {
  const release = "kubernetes:helm.sh/v3:Release";
  expect(told(release, {}).violations).toEqual([
    expect.stringContaining("release-not-seen: what this Release deploys"),
  ]);
  expect(
    told(release, {}, {}, {}, `urn:pulumi:a::b::pulumi-chart-mirror:index:MirroredRelease$${release}::c`).violations,
  ).toEqual([]);
});

it.each([[[]], [["no host"]], [["nginx"]]])("refuses the mirrors %j", (mirrors) => {
  expect(() => told(DEPLOYMENT, workload("nginx"), { mirrors })).toThrow(
    expect.objectContaining({ code: "INVALID_POLICY" }) as Error,
  );
});
