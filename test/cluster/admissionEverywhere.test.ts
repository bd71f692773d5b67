/** Admission for all namespaces as a real API server holds to it, without nodes: dry runs of pods. */
import { AdmissionMode } from "../../src/kubernetes/admission/admissionMode";
import {
  admissionBindings,
  admissionPolicies,
  admittedCluster,
  admittedNamespace,
  clusterBindings,
  type AdmissionObject,
} from "../../src/kubernetes/admission/admissionObjects";
import type { MutatingVersion } from "../../src/kubernetes/admission/mutatingPolicy";
import { admissionParameters, type AdmissionParameters } from "../../src/kubernetes/admission/parameters";
import { startAdmissionServer, until, type AdmissionServer, type Answer } from "../support/admission";
import { imagesOf, makeNamespace, makePod, named, podOf } from "../support/admission/pods";

jest.setTimeout(300_000);

let server: AdmissionServer;
let version: MutatingVersion;
beforeAll(async () => {
  server = await startAdmissionServer();
  ({ version } = await server.supports(AdmissionMode.Rewrite));
  for (const name of ["shop", "tools", "ci"]) await makeNamespace(server, name);
}, 15 * 60_000);
afterAll(async () => {
  await server?.stop();
});

type Told = Partial<AdmissionParameters> & { readonly host?: string };

const parametersOf = ({ host = "mirror.test", ...told }: Told): Record<string, string> =>
  admissionParameters({ mirror: { host }, layout: {}, ...told });

/** What `MirrorAdmission` adds for all namespaces, in its order. */
const everywhere = (mode: AdmissionMode, left: readonly string[] = [], told: Told = {}): AdmissionObject[] => [
  ...admissionPolicies(mode, version),
  admittedCluster(mode, parametersOf(told), left),
  ...clusterBindings(mode, version, left),
];
const inNamespace = (namespace: string, mode: AdmissionMode, told: Told): AdmissionObject[] => [
  ...admissionPolicies(mode, version),
  ...admissionBindings(mode, version),
  admittedNamespace(namespace, mode, parametersOf(told)),
];

const pull = (namespace: string, image: string, metadata?: object) => (): Promise<Answer> =>
  makePod(server, namespace, { containers: named([image]) }, metadata);
const allowed = ({ status }: Answer): boolean => status === 201;
const denied = ({ status }: Answer): boolean => status === 422;

it("refuses in every namespace, also in one that is made later, but in Kubernetes' own and those that are left alone", async () => {
  const objects = everywhere(AdmissionMode.Deny, ["tools"], { exceptions: ["busybox:*"] });
  await server.contribute("platform", objects);
  const { body } = await until(pull("shop", "nginx"), denied);
  expect(body.message).toContain("container c0 would pull nginx, outside the mirror (mirror.test/)");
  await makeNamespace(server, "later");
  expect((await pull("later", "nginx")()).status).toBe(422);
  for (const image of ["mirror.test/app:1", "busybox:1"]) expect((await pull("later", image)()).status).toBe(201);
  for (const namespace of ["kube-system", "kube-public", "kube-node-lease", "tools"])
    expect([namespace, (await pull(namespace, "nginx")()).status]).toEqual([namespace, 201]);
  await server.withdraw("platform", objects);
  await until(pull("shop", "nginx"), allowed);
});

it("leaves alone what a kubelet tells of its static pods, and nothing that others say is one", async () => {
  const objects = everywhere(AdmissionMode.Deny);
  await server.contribute("platform", objects);
  await until(pull("shop", "nginx"), denied);
  const annotations = { "kubernetes.io/config.mirror": "a" };
  const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "n1", uid: "1", controller: true }];
  const mirrorPod = podOf("shop", { nodeName: "n1", containers: named(["nginx"]) }, { annotations, ownerReferences });
  const pods = "/api/v1/namespaces/shop/pods";
  const told = await server.ask("POST", pods, mirrorPod, { node: "n1" });
  expect([told.status, told.body.message]).toEqual([201, undefined]);
  const said = await server.ask("POST", pods, mirrorPod);
  expect([said.status, said.body.message]).toEqual([422, expect.stringContaining("would pull nginx")]);
  expect((await server.ask("POST", pods, podOf("shop", { containers: named(["nginx"]) }), { node: "n1" })).status).toBe(
    422,
  );
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "static", annotations },
    spec: {
      selector: { matchLabels: { app: "a" } },
      template: { metadata: { labels: { app: "a" } }, spec: { containers: named(["nginx"]) } },
    },
  };
  expect((await server.ask("POST", "/apis/apps/v1/namespaces/shop/deployments", deployment)).status).toBe(422);
  // Without a node it is none, and a pod that is there does not become one.
  expect((await pull("shop", "mirror.test/a", { annotations })()).body.message).toMatch(
    /must set spec.nodeName if mirror pod/,
  );
  const path = "/api/v1/namespaces/shop/pods";
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "own" },
    spec: { containers: named(["mirror.test/a"]) },
  };
  expect((await server.ask("POST", path, pod, { write: true })).status).toBe(201);
  const changed = { metadata: { annotations }, spec: { containers: [{ name: "c0", image: "nginx" }] } };
  const { status, body } = await server.ask("PATCH", `${path}/own`, changed, {
    type: "application/strategic-merge-patch+json",
  });
  expect([status, body.message]).toEqual([422, expect.stringContaining("may not")]);
  await server.ask("DELETE", `${path}/own`, undefined, { write: true });
  await server.withdraw("platform", objects);
  await until(pull("shop", "nginx"), allowed);
});

it("judges nothing while no mirror is known, and takes what it cannot read for nothing", async () => {
  const told = { images: [{ source: "docker.io/library/nginx:1", target: "mirror.test/nginx:1" }] };
  const objects = [...everywhere(AdmissionMode.Deny), ...everywhere(AdmissionMode.Rewrite, [], told)];
  await server.contribute("platform", objects);
  await until(pull("shop", "busybox"), denied);
  const isMoved = (answer: Answer): boolean => allowed(answer) && imagesOf(answer)[0] === "mirror.test/nginx:1";
  await until(pull("shop", "nginx:1"), isMoved);
  const annotate = async (annotations: Record<string, string | null>): Promise<void> => {
    const path = "/api/v1/namespaces/kube-public";
    await server.ask(
      "PATCH",
      path,
      { metadata: { annotations } },
      { write: true, type: "application/merge-patch+json" },
    );
  };
  const key = (kind: string): string => `pulumi-chart-mirror/cluster-admission.${kind}.by-hand`;
  await annotate({ [key("rule")]: "", [key("image")]: "docker.io/library/nginx :1", [key("mirror")]: "by-hand.test/" });
  await until(pull("shop", "by-hand.test/a"), allowed);
  expect(imagesOf(await pull("shop", "nginx:1")())).toEqual(["mirror.test/nginx:1"]);
  // An expression of nobody's is an error for whatever it could take, and for nothing else.
  await annotate({ [key("rule")]: null, [key("image")]: null, [key("exception")]: "(" });
  const broken = await until(pull("shop", "busybox"), ({ body }) =>
    JSON.stringify(body).includes("error parsing regexp"),
  );
  expect(broken.status).toBe(422);
  expect((await pull("shop", "mirror.test/a")()).status).toBe(201);
  const prefixes = Object.keys(parametersOf({})).map((one) => one.replace("/admission", "/cluster-admission"));
  await annotate(Object.fromEntries([...prefixes, key("mirror"), key("exception")].map((one) => [one, null])));
  expect((await until(pull("shop", "busybox"), allowed)).warnings).toEqual([]);
  await server.withdraw("platform", objects);
});

it("is shared by programs: their mirrors and what they leave alone hold together, and each takes out its own", async () => {
  const one = everywhere(AdmissionMode.Deny, ["tools"], { host: "a.test" });
  const other = everywhere(AdmissionMode.Deny, ["tools", "ci"], { host: "b.test" });
  await server.contribute("one", one);
  await until(pull("ci", "b.test/app"), denied);
  await server.contribute("other", other);
  await until(pull("shop", "b.test/app"), allowed);
  await until(pull("ci", "nginx"), allowed);
  expect((await pull("shop", "nginx")()).status).toBe(422);
  await server.withdraw("one", one);
  await until(pull("shop", "a.test/app"), denied);
  expect((await pull("tools", "nginx")()).status).toBe(201);
  await server.withdraw("other", other);
  await until(pull("shop", "nginx"), allowed);
  const left = await server.ask("GET", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings");
  expect(left.body.items).toEqual([]);
  const { metadata } = (await server.ask("GET", "/api/v1/namespaces/kube-public")).body;
  expect(JSON.stringify(metadata)).not.toContain('"pulumi-chart-mirror/');
});

it("knows of namespaces, and of what holds in all of them, after the last was taken out", async () => {
  for (const host of ["c.test", "d.test"]) {
    const objects = everywhere(AdmissionMode.Deny, [], { host });
    await server.contribute("again", objects);
    await until(pull("shop", "nginx"), denied);
    await makeNamespace(server, `made-for-${host.replace(".", "-")}`);
    expect((await pull(`made-for-${host.replace(".", "-")}`, `${host}/app`)()).status).toBe(201);
    await server.withdraw("again", objects);
    await until(pull("shop", "nginx"), allowed);
  }
});

it("is stricter in namespaces with a mode of their own, whose images it knows, as they know its own", async () => {
  const all = everywhere(AdmissionMode.Warn, [], { exceptions: ["busybox"] });
  const own = inNamespace("shop", AdmissionMode.Deny, { host: "shop.test" });
  await server.contribute("platform", all);
  await server.contribute("shop", own);
  await until(pull("shop", "nginx"), denied);
  await until(pull("ci", "nginx"), ({ warnings }) => warnings.length > 0);
  for (const image of ["shop.test/app", "mirror.test/app", "busybox"]) {
    const answer = await pull("shop", image)();
    expect([image, answer.status, answer.warnings]).toEqual([image, 201, []]);
  }
  expect((await pull("ci", "shop.test/app")()).warnings).toEqual([expect.stringContaining("would pull shop.test/app")]);
  await server.withdraw("shop", own);
  await server.withdraw("platform", all);
});

it("rewrites everywhere, and gives the login to pods", async () => {
  const objects = everywhere(AdmissionMode.Rewrite, ["tools"], {
    images: [{ source: "docker.io/library/nginx:1", target: "mirror.test/nginx:1" }],
    layout: { upstreams: [{ upstream: "quay.io", path: "quay" }] },
    pullSecrets: ["login"],
  });
  await server.contribute("platform", objects);
  const isMoved = (answer: Answer): boolean => answer.status === 201 && imagesOf(answer)[0] === "mirror.test/nginx:1";
  const answer = await until(pull("shop", "nginx:1"), isMoved);
  expect(answer.body.spec).toMatchObject({ imagePullSecrets: [{ name: "login" }] });
  expect(imagesOf(await pull("ci", "quay.io/x/y:2")())).toEqual(["mirror.test/quay/x/y:2"]);
  for (const namespace of ["kube-system", "tools"])
    expect(imagesOf(await pull(namespace, "nginx:1")())).toEqual(["nginx:1"]);
  await server.withdraw("platform", objects);
  const policies = await server.ask("GET", `/apis/admissionregistration.k8s.io/${version}/mutatingadmissionpolicies`);
  expect(policies.body.items).toEqual([]);
});
