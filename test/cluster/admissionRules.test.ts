/** The rules of admission as a real API server evaluates them, without nodes: dry runs of pods and of what makes pods. */
import fc from "fast-check";
import { formatReference, parseReference, tryParseReference } from "../../src/image/reference";
import { AdmissionMode } from "../../src/kubernetes/admission/admissionMode";
import {
  admissionBindings,
  admissionPolicies,
  admittedNamespace,
  type AdmissionObject,
} from "../../src/kubernetes/admission/admissionObjects";
import type { MutatingVersion } from "../../src/kubernetes/admission/mutatingPolicy";
import { admissionParameters, type AdmissionParameters } from "../../src/kubernetes/admission/parameters";
import { isInMirror, targetReference, type LayoutOptions, type MirrorAddress } from "../../src/plan/layout";
import { startAdmissionServer, until, type AdmissionServer, type Answer } from "../support/admission";
import * as pods from "../support/admission/pods";
import { imagesOf, makeNamespace, named, podOf } from "../support/admission/pods";
import { isKubernetesNext } from "../support/tools";

jest.setTimeout(600_000);

const MIRROR: MirrorAddress = { host: "mirror.test:5443", path: "platform" };
const DIGEST = `sha256:${"a".repeat(64)}`;

let server: AdmissionServer;
/** That of the policies that change pods. */
let version: MutatingVersion;

beforeAll(async () => {
  server = await startAdmissionServer();
  const supported = await server.supports(AdmissionMode.Rewrite);
  expect(supported).toEqual({ mode: AdmissionMode.Rewrite, version: isKubernetesNext() ? "v1" : "v1beta1" });
  version = supported.version;
}, 15 * 60_000);

afterAll(async () => {
  await server?.stop();
});

const makePod = (namespace: string, spec: object): Promise<Answer> => pods.makePod(server, namespace, spec);

/** What a release adds for a mode in a namespace. */
const objectsOf = (namespace: string, mode: AdmissionMode, parameters: Partial<AdmissionParameters> = {}) => [
  ...admissionPolicies(mode, version),
  ...admissionBindings(mode, version),
  admittedNamespace(namespace, mode, admissionParameters({ mirror: MIRROR, layout: {}, ...parameters })),
];

/** An image that the mirror has, to see that a mode holds. */
const PROBE = { source: "probe.test/app:1", target: "mirror.test:5443/platform/probe:1" };

/** A namespace in which a mode holds, of which the API server has learnt. */
async function admitted(
  namespace: string,
  mode: AdmissionMode,
  parameters: Partial<AdmissionParameters> = {},
): Promise<AdmissionObject[]> {
  await makeNamespace(server, namespace);
  const rewrites = mode === AdmissionMode.Rewrite;
  // It learns of each kind of policy by itself.
  const images = rewrites ? [...(parameters.images ?? []), PROBE] : [];
  const objects = objectsOf(namespace, mode, { ...parameters, images });
  await server.contribute(`of-${namespace}`, objects);
  await until(
    () => makePod(namespace, { containers: named(["outside.test/probe:1", PROBE.source]) }),
    (answer) =>
      answer.status !== 201 || (answer.warnings.length > 0 && (!rewrites || imagesOf(answer)[1] === PROBE.target)),
  );
  return objects;
}

describe("deny", () => {
  beforeAll(async () => {
    await admitted("deny", AdmissionMode.Deny, { exceptions: ["quay.io/team/*", "busybox"] });
  });

  const template = { metadata: { labels: { app: "a" } }, spec: { containers: named(["nginx"]) } };
  const selector = { matchLabels: { app: "a" } };
  const job = { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } };

  it.each<[string, string, string, object]>([
    ["Deployment", "/apis/apps/v1", "deployments", { selector, template }],
    ["StatefulSet", "/apis/apps/v1", "statefulsets", { selector, template, serviceName: "a" }],
    ["DaemonSet", "/apis/apps/v1", "daemonsets", { selector, template }],
    ["ReplicaSet", "/apis/apps/v1", "replicasets", { selector, template }],
    ["ReplicationController", "/api/v1", "replicationcontrollers", { selector: { app: "a" }, template }],
    ["Job", "/apis/batch/v1", "jobs", job],
    ["CronJob", "/apis/batch/v1", "cronjobs", { schedule: "0 0 * * *", jobTemplate: { spec: job } }],
  ])("refuses a %s of which pods would be refused", async (kind, api, resource, spec) => {
    const apiVersion = api.replace(/^\/apis?\//, "");
    const object = { apiVersion, kind, metadata: { name: "a", namespace: "deny" }, spec };
    const answer = await server.ask("POST", `${api}/namespaces/deny/${resource}`, object);
    expect(answer.body.message).toMatch(
      /container c0 would pull nginx, outside the mirror \(mirror\.test:5443\/platform\/\)/,
    );
    expect(answer.status).toBe(422);
  });

  it("refuses what a PodTemplate would make, and lets an image that a webhook sets be", async () => {
    const make = (image: string): Promise<Answer> =>
      server.ask("POST", "/api/v1/namespaces/deny/podtemplates", {
        apiVersion: "v1",
        kind: "PodTemplate",
        metadata: { name: "a", namespace: "deny" },
        template: { metadata: {}, spec: { containers: named([image]) } },
      });
    expect((await make("nginx")).status).toBe(422);
    expect((await make("auto")).status).toBe(201);
    expect((await makePod("deny", { containers: named(["auto"]) })).status).toBe(422);
  });

  it("names each image and its place: containers, init containers, volumes", async () => {
    const { body } = await makePod("deny", {
      containers: [
        { name: "main", image: "mirror.test:5443/platform/app:1" },
        { name: "side", image: "quay.io/x/y:1" },
      ],
      initContainers: [{ name: "setup", image: `ghcr.io/a/b@${DIGEST}` }],
      volumes: [{ name: "models", image: { reference: "quay.io/models/m:2" } }],
    });
    expect(body.message).toContain(
      `container side would pull quay.io/x/y:1; init container setup would pull ghcr.io/a/b@${DIGEST}; volume models would pull quay.io/models/m:2, outside the mirror (mirror.test:5443/platform/). Name the image there and bring it there (extraImages of the release), or except it (admission.exceptions)`,
    );
  });

  it.each([
    ["mirror.test:5443/platform/app:1", 201],
    ["MIRROR.test:05443/platform/app:1", 201],
    ["mirror.test:5443/platform-of-others/app:1", 422],
    ["mirror.test:5443/app:1", 422],
    ["mirror.test/platform/app:1", 422],
    ["quay.io/team/deep/app:1", 201],
    ["quay.io:443/team/app", 201],
    ["busybox", 201],
    ["busybox:1", 422],
    ["docker.io/library/busybox", 422],
  ])("%s: %d", async (image, status) => {
    expect((await makePod("deny", { containers: named([image]) })).status).toBe(status);
  });

  it("judges an update by what it sets: what an object had stays", async () => {
    await server.withdraw("of-deny", [objectsOf("deny", AdmissionMode.Deny).at(-1) as AdmissionObject]);
    await until(
      () => makePod("deny", { containers: named(["outside.test/probe:1"]) }),
      ({ status }) => status === 201,
    );
    const path = "/api/v1/namespaces/deny/pods";
    const running = podOf("deny", { containers: named(["nginx", "quay.io/x/y:1"]) });
    expect((await server.ask("POST", path, running, { write: true })).status).toBe(201);
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "old" },
      spec: { selector, template },
    };
    const deployments = "/apis/apps/v1/namespaces/deny/deployments";
    expect((await server.ask("POST", deployments, deployment, { write: true })).status).toBe(201);
    await server.contribute(
      "of-deny",
      objectsOf("deny", AdmissionMode.Deny, { exceptions: ["quay.io/team/*", "busybox"] }),
    );
    await until(
      () => makePod("deny", { containers: named(["outside.test/probe:1"]) }),
      ({ status }) => status === 422,
    );

    const patch = (to: string, change: object): Promise<Answer> =>
      server.ask("PATCH", to, change, { type: "application/strategic-merge-patch+json" });
    const one = `${path}/made-by-hand`;
    expect((await patch(one, { metadata: { labels: { a: "b" } } })).status).toBe(200);
    expect((await patch(one, { spec: { containers: [{ name: "c0", image: "quay.io/x/y:1" }] } })).status).toBe(200);
    expect((await patch(one, { spec: { containers: [{ name: "c0", image: "nginx:2" }] } })).body.message).toMatch(
      /container c0 would pull nginx:2, outside/,
    );
    expect((await patch(`${deployments}/old`, { spec: { replicas: 3 } })).status).toBe(200);
    const debug = (image: string): Promise<Answer> =>
      patch(`${one}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: "debugger", image }] } });
    expect((await debug("busybox:2")).body.message).toMatch(/ephemeral container debugger would pull busybox:2/);
    expect((await debug("mirror.test:5443/platform/busybox")).status).toBe(200);
    await server.ask("DELETE", one, undefined, { write: true });
  });

  it("stays within the API server's limits with 100 containers, and still says what is wrong", async () => {
    const long = (i: number): string =>
      `registry-${i}.example.com:8443/a-department/a-team/an-application-${i}:1.${i}@${DIGEST}`;
    const answer = await makePod("deny", { containers: named(Array.from({ length: 100 }, (_, i) => long(i))) });
    expect(answer.body.message).toContain(`container c0 would pull ${long(0)}; and 99 more, outside the mirror`);
    const all = named(Array.from({ length: 100 }, (_, i) => `mirror.test:5443/platform/app-${i}:1`));
    expect((await makePod("deny", { containers: all })).status).toBe(201);
  });

  it("stays within them with 50 exceptions and 40 containers", async () => {
    const exceptions = Array.from({ length: 50 }, (_, i) => `registry.example.com/a-department/a-team/*/app-${i}:*`);
    await admitted("many-exceptions", AdmissionMode.Deny, { exceptions });
    const image = (i: number): string => `registry.example.com/a-department/a-team/x${i}/app-50:1@${DIGEST}`;
    const { body } = await makePod("many-exceptions", {
      containers: named(Array.from({ length: 40 }, (_, i) => image(i))),
    });
    expect(body.message).toContain(`container c0 would pull ${image(0)}; and 39 more, outside the mirror`);
  });

  it("leaves other namespaces alone", async () => {
    await makeNamespace(server, "elsewhere");
    const answer = await makePod("elsewhere", { containers: named(["nginx"]) });
    expect([answer.status, answer.warnings]).toEqual([201, []]);
  });
});

it("warns without refusing", async () => {
  await admitted("warn", AdmissionMode.Warn);
  const answer = await makePod("warn", { containers: named(["nginx"]) });
  expect(answer.status).toBe(201);
  expect(answer.warnings).toEqual([expect.stringContaining("container c0 would pull nginx, outside the mirror")]);
});

describe("rewrite", () => {
  beforeAll(async () => {
    await admitted("rewrite", AdmissionMode.Rewrite, {
      layout: {
        upstreams: [
          { upstream: "ghcr.io", path: "github" },
          { upstream: "ghcr.io/vendor", path: "vendor", copied: true },
        ],
      },
      images: [
        { source: "docker.io/library/nginx:1.27", target: "mirror.test:5443/platform/nginx:1.27", digest: DIGEST },
        { source: "docker.io/library/nginx", target: "mirror.test:5443/platform/nginx" },
        { source: "quay.io/x/y:1", target: "mirror.test:5443/platform/of/x/y:1" },
        { source: "localhost:5001/a/b:1", target: "mirror.test:5443/platform/a/b:1" },
      ],
      exceptions: ["quay.io/x/y:1"],
      pullSecrets: ["login"],
    });
  });

  it.each<[string, string]>([
    ["nginx", "mirror.test:5443/platform/nginx"],
    ["nginx:1.27", "mirror.test:5443/platform/nginx:1.27"],
    ["library/nginx:1.27", "mirror.test:5443/platform/nginx:1.27"],
    ["docker.io/nginx:1.27", "mirror.test:5443/platform/nginx:1.27"],
    ["index.docker.io/library/nginx:latest", "mirror.test:5443/platform/nginx:latest"],
    [`nginx:any@${DIGEST}`, `mirror.test:5443/platform/nginx:any@${DIGEST}`],
    [`nginx@${DIGEST}`, `mirror.test:5443/platform/nginx@${DIGEST}`],
    ["nginx:1.28", "nginx:1.28"],
    ["localhost:5001/a/b:1", "mirror.test:5443/platform/a/b:1"],
    ["localhost:5002/a/b:1", "localhost:5002/a/b:1"],
    ["ghcr.io/any/thing:3", "mirror.test:5443/github/any/thing:3"],
    ["ghcr.io/vendor/thing:3", "ghcr.io/vendor/thing:3"],
    ["quay.io/x/y:1", "quay.io/x/y:1"],
    ["mirror.test:5443/platform/app", "mirror.test:5443/platform/app"],
    ["nginx:1.27@sha256:no", "nginx:1.27@sha256:no"],
    ["ghcr.io/Any/thing", "ghcr.io/Any/thing"],
  ])("%s becomes %s", async (image, target) => {
    const answer = await makePod("rewrite", { containers: named([image]) });
    expect(imagesOf(answer)).toEqual([target]);
    expect(answer.warnings.length).toBe(target.startsWith("mirror.test:5443/") || image === "quay.io/x/y:1" ? 0 : 1);
  });

  it("finds images wherever pods have them, and gives the login to pods that lack it", async () => {
    const answer = await makePod("rewrite", {
      containers: named(["nginx"]),
      initContainers: [{ name: "setup", image: "nginx:1.27" }],
      volumes: [
        { name: "empty", emptyDir: {} },
        { name: "models", image: { reference: "ghcr.io/models/m:2" } },
      ],
      imagePullSecrets: [{ name: "of-the-pod" }],
    });
    expect(imagesOf(answer, "initContainers")).toEqual(["mirror.test:5443/platform/nginx:1.27"]);
    expect(answer.body.spec).toMatchObject({
      volumes: [{}, { image: { reference: "mirror.test:5443/github/models/m:2" } }],
      imagePullSecrets: [{ name: "of-the-pod" }, { name: "login" }],
    });
    const none = await makePod("rewrite", { containers: named(["nginx"]) });
    expect(none.body.spec).toMatchObject({ imagePullSecrets: [{ name: "login" }] });
    const has = await makePod("rewrite", { containers: named(["nginx"]), imagePullSecrets: [{ name: "login" }] });
    expect(has.body.spec).toMatchObject({ imagePullSecrets: [{ name: "login" }] });
    const outside = await makePod("rewrite", { containers: named(["quay.io/x/y:1"]) });
    expect(outside.body.spec).not.toHaveProperty("imagePullSecrets");
  });

  it("leaves running pods as they are, but for images that are set and debuggers", async () => {
    const path = "/api/v1/namespaces/rewrite/pods";
    expect(
      (await server.ask("POST", path, podOf("rewrite", { containers: named(["other"]) }), { write: true })).status,
    ).toBe(201);
    const patch = (to: string, change: object): Promise<Answer> =>
      server.ask("PATCH", to, change, { type: "application/strategic-merge-patch+json" });
    const one = `${path}/made-by-hand`;
    expect(imagesOf(await patch(one, { metadata: { labels: { a: "b" } } }))).toEqual(["other"]);
    expect(imagesOf(await patch(one, { spec: { containers: [{ name: "c0", image: "nginx" }] } }))).toEqual([
      "mirror.test:5443/platform/nginx",
    ]);
    const debug = { spec: { ephemeralContainers: [{ name: "debugger", image: "nginx" }] } };
    expect(imagesOf(await patch(`${one}/ephemeralcontainers`, debug), "ephemeralContainers")).toEqual([
      "mirror.test:5443/platform/nginx",
    ]);
    await server.ask("DELETE", one, undefined, { write: true });
  });

  it("stays within the API server's limits with 100 containers and 300 repositories", async () => {
    const source = (i: number): string => `registry.example.com/a-department/a-team/an-application-${i}`;
    const images = Array.from({ length: 300 }, (_, i) => ({
      source: `${source(i)}:1.${i}`,
      target: `mirror.test:5443/platform/${i}:1.${i}`,
      digest: DIGEST,
    }));
    await admitted("many", AdmissionMode.Rewrite, { images });
    const answer = await makePod("many", {
      containers: named(Array.from({ length: 100 }, (_, i) => `${source(i)}:1.${i}`)),
    });
    expect([answer.status, answer.warnings]).toEqual([201, []]);
    expect(imagesOf(answer)).toEqual(Array.from({ length: 100 }, (_, i) => `mirror.test:5443/platform/${i}:1.${i}`));
  });
});

it("is shared by releases: what one takes out, the other keeps, and with the last all is gone", async () => {
  const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
  const bindings = async (): Promise<number> => ((await server.ask("GET", path)).body.items as unknown[]).length;
  const before = await bindings();
  await makeNamespace(server, "shared");
  const [one, other] = ["a.test", "b.test"].map((host) =>
    objectsOf("shared", AdmissionMode.Deny, { mirror: { host }, exceptions: ["quay.io/both"] }),
  ) as [AdmissionObject[], AdmissionObject[]];
  const make = (image: string) => (): Promise<Answer> => makePod("shared", { containers: named([image]) });
  const allowed = ({ status }: Answer): boolean => status === 201;
  const denied = ({ status }: Answer): boolean => status === 422;
  await server.contribute("one", one);
  await until(make("b.test/app"), denied);
  await server.contribute("other", other);
  await until(make("b.test/app"), allowed);
  expect((await make("a.test/app")()).status).toBe(201);
  await server.withdraw("one", one);
  await until(make("a.test/app"), denied);
  expect((await make("quay.io/both")()).status).toBe(201);
  await server.withdraw("other", other);
  await until(make("nginx"), allowed);
  expect(await bindings()).toBe(before);
  const { metadata } = (await server.ask("GET", "/api/v1/namespaces/shared")).body;
  expect(metadata).toMatchObject({ labels: { "kubernetes.io/metadata.name": "shared" } });
  expect(JSON.stringify(metadata)).not.toContain('"pulumi-chart-mirror/');
  // An API server holds to what comes after the last was taken out.
  await server.contribute("one", one);
  await until(make("nginx"), denied);
});

describe("as the layout says", () => {
  const segment = fc.constantFrom("a", "app", "b-c", "x_y", "n.1", "library", "team", "very--long-name");
  const hosts = [
    "docker.io",
    "index.docker.io",
    "quay.io",
    "QUAY.io",
    "quay.io:443",
    "quay.io.",
    "gcr.io:0443",
    "localhost",
    "localhost:5001",
    "r.test:5000",
    "R.test:05000",
    "sub.mirror.test",
    "mirror.test:5443",
    "MIRROR.test:5443",
    "registry:443",
    "Team",
  ];
  const valid = fc
    .record({
      host: fc.option(fc.constantFrom(...hosts), { nil: undefined }),
      path: fc.array(segment, { minLength: 1, maxLength: 4 }),
      tag: fc.option(fc.constantFrom("1", "latest", "v1.2.3-rc.1", "A_b", "0"), { nil: undefined }),
      digest: fc.option(fc.constantFrom(DIGEST, `sha512:${"b".repeat(128)}`), { nil: undefined }),
    })
    .map(({ host, path, tag, digest }) =>
      [
        host === undefined ? "" : `${host}/`,
        path.join("/"),
        tag === undefined ? "" : `:${tag}`,
        digest === undefined ? "" : `@${digest}`,
      ].join(""),
    );
  const broken = fc
    .tuple(valid, fc.constantFrom("@", ":", "/", "//", "A", " x", "@sha256:1", ":1:2", "$", "é", "[", ".."), fc.nat())
    .map(([text, noise, at]) => {
      const place = at % (text.length + 1);
      // Kubernetes refuses what begins or ends with a blank.
      return (text.slice(0, place) + noise + text.slice(place)).trim();
    });
  const texts = fc.sample(fc.oneof({ arbitrary: valid, weight: 4 }, { arbitrary: broken, weight: 1 }), {
    seed: 24,
    numRuns: 5000,
  });
  const upstreams = ["docker.io", "quay.io", "gcr.io", "localhost:5001", "r.test:5000"];

  it.each<[string, LayoutOptions]>([
    ["plain", {}],
    ["with hosts", { keepHost: true }],
    [
      "with upstreams",
      {
        upstreams: [
          { upstream: "docker.io", path: "hub" },
          { upstream: "quay.io/team", path: "ours", copied: true },
          { upstream: "quay.io", path: "quay" },
          { upstream: "r.test:5000/a/app", path: "deep" },
        ],
      },
    ],
  ])("moves and judges 5,000 references: %s", async (name, layout) => {
    const namespace = `layout-${name.replace(/ /g, "-")}`;
    await admitted(namespace, AdmissionMode.Rewrite, { layout, upstreams });
    const expected = texts.map((text) => {
      const source = tryParseReference(text);
      if (!source || isInMirror(formatReference(source), MIRROR, layout) || !upstreams.includes(source.registry))
        return text;
      return targetReference(source, MIRROR, layout);
    });
    const moved: string[] = [];
    const told = new Set<string>();
    for (let at = 0; at < texts.length; at += 10) {
      const answer = await makePod(namespace, { containers: named(texts.slice(at, at + 10)) });
      expect([answer.status, answer.body.message]).toEqual([201, undefined]);
      moved.push(...imagesOf(answer));
      const [warning = ""] = answer.warnings;
      expect(warning).not.toContain(" more, outside");
      for (const [, i = ""] of warning.matchAll(/container c(\d+) would pull /g)) told.add(String(at + Number(i)));
    }
    expect(moved).toEqual(expected);
    const outside = expected.flatMap((text, i) => {
      const reference = tryParseReference(text);
      // What no node can pull is in no mirror, unless it begins like what is there.
      const known = reference ? formatReference(reference) : text;
      return isInMirror(known, MIRROR, layout) ? [] : [String(i)];
    });
    expect([...told].sort()).toEqual(outside.sort());
    expect(parseReference(texts.find((text) => tryParseReference(text)) ?? "").path).not.toBe("");
  });
});
