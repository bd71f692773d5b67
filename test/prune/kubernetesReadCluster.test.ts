import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { connectCluster } from "../../src/cluster/clusterConnection";
import { clusterUses } from "../../src/prune/clusterUses";
import { contextsOf, kubernetesReadCluster } from "../../src/prune/kubernetesReadCluster";
import { MirrorNames } from "../../src/prune/mirrorNames";
import type { Use } from "../../src/prune/use";

const names = new MirrorNames({ host: "mirror.example.com", path: "platform" }, [], {});
const search = { names, repositories: new Set(["platform/app"]) };
const image = (tag: string): string => `mirror.example.com/platform/app:${tag}`;

/** What an API server lists, by path; a function answers by itself. */
type Lists = Record<string, readonly object[] | ((response: ServerResponse, query: URLSearchParams) => void)>;

let close: (() => void)[] = [];
afterEach(() => {
  for (const one of close) one();
  close = [];
});

/** What reads the kubeconfig of an API server that gives out one object at a time; jest cannot load the client itself. */
async function connection(lists: Lists, seen: string[] = []): Promise<typeof connectCluster> {
  const server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? "", "http://api");
    seen.push(`${url.pathname} ${request.headers.authorization}`);
    const list = lists[url.pathname] ?? [];
    if (typeof list === "function") return list(response, url.searchParams);
    const at = Number(url.searchParams.get("continue") ?? 0);
    const isLast = at + 1 >= list.length;
    response.end(
      JSON.stringify({ items: list.slice(at, at + 1), metadata: isLast ? {} : { continue: String(at + 1) } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close.push(() => server.close());
  const config = {
    getCurrentCluster: () => ({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }),
    getCurrentContext: () => "prod",
    getContexts: () => [{ name: "prod" }, { name: "test" }],
    applyToHTTPSOptions: (options: { headers?: Record<string, string> }) => {
      options.headers = { ...options.headers, Authorization: "Bearer t" };
      return Promise.resolve();
    },
  };
  return () => Promise.resolve({ config } as unknown as Awaited<ReturnType<typeof connectCluster>>);
}

async function usesIn(lists: Lists, seen?: string[]): Promise<Use[]> {
  return clusterUses(await kubernetesReadCluster({}, await connection(lists, seen)), search);
}

const workload = (name: string, tag: string): object => ({
  metadata: { name, namespace: "shop" },
  spec: { template: { spec: { containers: [{ name: "a", image: image(tag) }] } } },
});

const packed = (version: number, release: object): string =>
  gzipSync(JSON.stringify({ name: "shop", namespace: "shop", version, ...release })).toString("base64");
const stored = (version: number, data: string): object => ({
  metadata: { name: `sh.helm.release.v1.shop.v${version}`, namespace: "shop", labels: { owner: "helm" } },
  data: { release: data },
});
const podOf = (tag: string): string => `kind: Pod\nspec:\n  containers:\n  - {name: a, image: "${image(tag)}"}\n`;

it("reads every kind that makes pods, each page of it", async () => {
  const seen: string[] = [];
  const uses = await usesIn(
    {
      "/api/v1/pods": [workload("p", "1"), workload("q", "2")],
      "/apis/apps/v1/deployments": [workload("d", "3")],
      "/apis/apps/v1/controllerrevisions": [{ metadata: {}, data: workload("s", "4") as never }],
      "/apis/batch/v1/cronjobs": [{ spec: { jobTemplate: workload("c", "5") } }],
    },
    seen,
  );
  expect(uses.map(({ tag }) => tag)).toEqual(["1", "2", "3", "4", "5"]);
  expect(uses[1]?.why).toBe("pod shop/q of the context prod");
  expect([...new Set(seen)].map((path) => path.replace(/.*\//, ""))).toEqual(
    [
      ...["pods", "replicationcontrollers", "podtemplates", "deployments", "replicasets", "statefulsets", "daemonsets"],
      ...["controllerrevisions", "jobs", "cronjobs", "customresourcedefinitions", "secrets", "configmaps"],
    ].map((name) => `${name} Bearer t`),
  );
});

it("reads what helm could roll back to, hooks among it, from Secrets and ConfigMaps", async () => {
  const uses = await usesIn({
    "/api/v1/secrets": [
      stored(1, Buffer.from(packed(1, { manifest: `---\n${podOf("1")}---\n${podOf("2")}` })).toString("base64")),
      stored(
        2,
        Buffer.from(packed(2, { manifest: "", hooks: [{ kind: "Pod", name: "h", manifest: podOf("3") }] })).toString(
          "base64",
        ),
      ),
      { metadata: { name: "other", labels: { owner: "helm" } }, data: { password: "x" } },
    ],
    "/api/v1/configmaps": [stored(3, packed(3, { manifest: podOf("4"), hooks: null }))],
  });
  expect(uses.map(({ tag }) => tag)).toEqual(["1", "2", "3", "4"]);
  expect(uses[2]?.why).toBe("revision 2 of the release shop/shop of the context prod");
});

it("begins a list anew whose continuation has expired", async () => {
  let asked = 0;
  const uses = await usesIn({
    "/api/v1/pods": (response, query) => {
      asked++;
      if (query.has("continue") && asked < 3) {
        response.statusCode = 410;
        response.end(JSON.stringify({ message: "The provided continue parameter is too old" }));
        return;
      }
      const isFirst = !query.has("continue");
      response.end(
        JSON.stringify({ items: [workload("p", isFirst ? "1" : "2")], metadata: isFirst ? { continue: "x" } : {} }),
      );
    },
  });
  expect(uses.map(({ tag }) => tag)).toEqual(["1", "2"]);
});

const definition = (plural: string, kind: string, versions: readonly object[]): object => ({
  metadata: { name: `${plural}.jobs.example.com` },
  spec: { group: "jobs.example.com", names: { plural, kind }, versions },
});

it("reads what operators and runners of jobs make pods of later: custom resources as they are stored, and ConfigMaps", async () => {
  const uses = await usesIn({
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": [
      definition("nightlies", "Nightly", [
        { name: "v1alpha1", served: false, storage: false },
        { name: "v1beta1", served: true, storage: false },
        { name: "v1", served: true, storage: true },
      ]),
      definition("plans", "Plan", [
        { name: "v2", served: true, storage: false },
        { name: "v3", served: false, storage: true },
      ]),
      definition("retired", "Retired", [{ name: "v1", served: false, storage: true }]),
      definition("going", "Going", [{ name: "v1", served: true, storage: true }]),
    ],
    "/apis/jobs.example.com/v1/nightlies": [workload("n", "1")],
    "/apis/jobs.example.com/v1beta1/nightlies": (response) => void response.writeHead(500).end("{}"),
    "/apis/jobs.example.com/v2/plans": [{ metadata: { name: "p" }, spec: { tool: image("2") } }],
    "/apis/jobs.example.com/v1/going": (response) => void response.writeHead(404).end("{}"),
    "/api/v1/configmaps": [{ metadata: { namespace: "ci", name: "runner" }, data: { image: image("3") } }],
  });
  expect(uses.map(({ tag, why }) => `${tag} ${why}`)).toEqual([
    "1 Nightly shop/n of the context prod",
    "2 Plan ?/p of the context prod",
    "3 ConfigMap ci/runner of the context prod",
  ]);
});

const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, 0x20)).toString("base64");
const answers: [string, Lists, RegExp][] = [
  [
    "refuses a list",
    { "/apis/batch/v1/jobs": (response) => void response.writeHead(403).end('{"message":"jobs.batch is forbidden"}') },
    /Listing the jobs of all namespaces of the context prod failed: 403 jobs.batch is forbidden/,
  ],
  [
    "refuses a list of custom resources",
    {
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": [
        definition("plans", "Plan", [{ name: "v1", served: true, storage: true }]),
      ],
      "/apis/jobs.example.com/v1/plans": (response) =>
        void response.writeHead(403).end('{"message":"plans is forbidden"}'),
    },
    /Listing the plans of all namespaces of the context prod failed: 403 plans is forbidden/,
  ],
  [
    "defines what is no resource",
    {
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": [
        definition("../secrets", "Secret", [{ name: "v1", served: true, storage: true }]),
      ],
    },
    /the definition ..\/secrets.jobs.example.com names no resource/,
  ],
  ["answers no list", { "/api/v1/pods": (response) => void response.end("<html>") }, /Listing the pods .* failed: 200/],
  ["answers without items", { "/api/v1/pods": (response) => void response.end("{}") }, /it answered no list/],
  ["lists what is no object", { "/api/v1/pods": (response) => void response.end('{"items":[1]}') }, /no objects/],
  [
    "breaks off",
    {
      "/api/v1/pods": (response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write('{"items":[]');
        response.destroy();
      },
    },
    /Listing the pods/,
  ],
  [
    "has a list without end",
    { "/api/v1/pods": (response) => void response.end('{"items":[],"metadata":{"continue":"x"}}') },
    /its list has no end/,
  ],
  [
    "has a release that is none",
    { "/api/v1/secrets": [stored(1, "bm9uZQ==")] },
    /Secret shop\/sh.helm.release.v1.shop.v1 of the context prod/,
  ],
  [
    "has a release without content",
    {
      "/api/v1/configmaps": [
        { metadata: { namespace: "shop", name: "sh.helm.release.v1.a.v1", labels: { owner: "helm" } } },
      ],
    },
    /ConfigMap shop\/sh/,
  ],
  ["has a release that unpacks without end", { "/api/v1/configmaps": [stored(1, bomb)] }, /no release of helm's/],
  [
    "has a release whose manifest is no YAML",
    { "/api/v1/configmaps": [stored(1, packed(1, { manifest: "a: [secret-text" }))] },
    /no release of helm's/,
  ],
];

it.each(answers)("knows nothing of a cluster that %s", async (_, lists, message) => {
  const failed = usesIn(lists);
  await expect(failed).rejects.toMatchObject({
    code: "USES_UNKNOWN",
    message: expect.stringMatching(message) as string,
  });
  await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining("secret-text") as string });
});

it("knows the contexts of a kubeconfig", async () => {
  expect(await contextsOf(undefined, true, await connection({}))).toEqual(["prod", "test"]);
  expect(await contextsOf(undefined, false)).toEqual([undefined]);
});
