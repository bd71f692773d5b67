import type { JsonObject } from "../../src/json";
import { MirrorNames } from "../../src/prune/mirrorNames";
import { usesOfObject } from "../../src/prune/usesOfObject";

const A = `sha256:${"a".repeat(64)}` as const;
const names = new MirrorNames(
  { host: "mirror.example.com", path: "platform" },
  [{ host: "cache.internal:5000" }, { host: "cache.internal:5000", path: "all/platform" }],
  { upstreams: [{ upstream: "ghcr.io/vendor", path: "platform/own", copied: true }] },
);
const repositories = new Set([
  "platform/shop/api",
  "platform/nginx",
  "platform/own/tool",
  "platform/quay.io/shop/api",
  "platform/shop/job",
]);

const pod = (spec: JsonObject, status: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "Pod",
  spec,
  status,
});
const image = (text: string): JsonObject => pod({ containers: [{ name: "a", image: text }] });

const cases: [string, JsonObject, string[]][] = [
  ["a tag", image("mirror.example.com/platform/shop/api:1"), ["platform/shop/api:1"]],
  ["no tag", image("mirror.example.com/platform/shop/api"), ["platform/shop/api:latest"]],
  ["another spelling of the host", image("MIRROR.example.com:443/platform/shop/api:1"), ["platform/shop/api:1"]],
  ["a digest, whatever its tag", image(`mirror.example.com/platform/shop/api:1@${A}`), [`platform/shop/api@${A}`]],
  ["another name of the mirror", image("cache.internal:5000/shop/api:1"), ["platform/shop/api:1"]],
  ["another path of it", image("cache.internal:5000/all/platform/shop/api:1"), ["platform/shop/api:1"]],
  ["a name of it that nobody has told", image("10.0.0.9:5000/platform/shop/api:1"), ["platform/shop/api:1"]],
  ["a place beside the mirror", image("mirror.example.com/other/shop/api:1"), []],
  ["its name upstream", image("quay.io/shop/api:1"), ["platform/shop/api:1", "platform/quay.io/shop/api:1"]],
  ["Docker Hub's short form", image("nginx:1"), ["platform/nginx:1"]],
  ["Docker Hub's long form", image("index.docker.io/library/nginx:1"), ["platform/nginx:1"]],
  ["a mapped upstream", image("ghcr.io/vendor/tool:1"), ["platform/own/tool:1"]],
  ["an image that none can pull", image("mirror.example.com/platform/shop/api:1:2"), []],
  [
    "every kind of container, and volumes",
    pod({
      initContainers: [{ name: "a", image: "mirror.example.com/platform/shop/api:1" }],
      ephemeralContainers: [{ name: "b", image: "mirror.example.com/platform/shop/api:2" }],
      volumes: [{ name: "c", image: { reference: "mirror.example.com/platform/shop/api:3" } }],
    }),
    ["platform/shop/api:1", "platform/shop/api:2", "platform/shop/api:3"],
  ],
  [
    "what runs, under whatever host it was pulled",
    pod({}, { initContainerStatuses: [{ imageID: `10.0.0.1:5000/x/api@${A}` }] }),
    [`@${A}`, `platform/shop/api@${A}`, `platform/quay.io/shop/api@${A}`],
  ],
  [
    "what Docker runs",
    pod({}, { containerStatuses: [{ imageID: `docker-pullable://r.io/nginx@${A}` }] }),
    [`@${A}`, `platform/nginx@${A}`],
  ],
  ["a config that Docker runs", pod({}, { containerStatuses: [{ imageID: `docker://${A}` }] }), [`@${A}`]],
  ["a container that has not begun", pod({}, { containerStatuses: [{ imageID: "" }] }), []],
  [
    "an argument, and the environment",
    pod({
      containers: [
        {
          name: "a",
          args: ["--job-image=mirror.example.com/platform/shop/job:7"],
          env: [{ name: "SIDECAR", value: "docker://mirror.example.com/platform/nginx:2." }],
        },
      ],
    }),
    ["platform/shop/job:7", "platform/nginx:2"],
  ],
  [
    "a repository whose tag stands elsewhere",
    { kind: "Operator", spec: { image: "mirror.example.com/platform/shop/job", version: "7" } },
    ["platform/shop/job"],
  ],
  [
    "a registry and a repository apart",
    { kind: "Operator", spec: { registry: "mirror.example.com/platform", job: { repository: "shop/job", tag: "7" } } },
    ["platform/shop/job"],
  ],
  [
    "a host and a repository with its tag apart",
    { kind: "Operator", spec: { host: "cache.internal:5000", job: "/shop/job:7" } },
    ["platform/shop/job:7"],
  ],
  [
    "a registry, a group and a name apart",
    { kind: "Operator", spec: { registry: "mirror.example.com", group: "platform/shop", image: "job", version: "7" } },
    ["platform/shop/job"],
  ],
  [
    "a file of settings",
    {
      kind: "ConfigMap",
      data: {
        "config.yaml":
          'runner:\n  image: "mirror.example.com/platform/nginx:2"\n  registry: mirror.example.com/platform\n  helper: shop/job:7\n',
      },
    },
    ["platform/nginx:2", "platform/shop/job:7"],
  ],
  [
    "what it was, which is no use",
    {
      kind: "Deployment",
      metadata: {
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": '"mirror.example.com/platform/shop/job:6"' },
        managedFields: [{ manager: "mirror.example.com/platform/shop/job:5" }],
      },
      status: { note: "mirror.example.com/platform/shop/job:4" },
    },
    [],
  ],
  [
    "keys of every name",
    JSON.parse('{"__proto__":{"image":"mirror.example.com/platform/shop/job:7"}}') as JsonObject,
    ["platform/shop/job:7"],
  ],
];

it.each(cases)("knows %s", (_, object, expected) => {
  const uses = usesOfObject(object, { names, repositories }, "it");
  const found = uses.map(
    ({ repository = "", tag, digest }) =>
      `${repository}${tag === undefined ? "" : `:${tag}`}${digest ? `@${digest}` : ""}`,
  );
  expect([...new Set(found)].sort()).toEqual([...expected].sort());
});

it("takes no longer for objects that name the mirror everywhere", () => {
  const texts = Array.from({ length: 20_000 }, (_, i) => `mirror.example.com/platform/r${i}`);
  const uses = usesOfObject(
    { spec: { texts, paths: texts.map((text) => text.slice(19)) } },
    { names, repositories },
    "it",
  );
  expect(uses).toEqual([]);
});
