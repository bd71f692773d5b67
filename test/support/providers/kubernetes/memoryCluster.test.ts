import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiError, KubernetesObject } from "./cluster";
import { kindOfObject } from "./objects/kinds";
import { MemoryCluster } from "./memoryCluster";
import { MemoryState } from "./memoryState";

let folder: string;
let cluster: MemoryCluster;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "memory-cluster-"));
  const state = new MemoryState(join(folder, "cluster.json"));
  state.create([]);
  await MemoryCluster.initialize(state);
  cluster = new MemoryCluster(state);
});
afterEach(() => rmSync(folder, { recursive: true }));

const settings = (data: Record<string, string>, more: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", ...more },
  data,
});
const by = (fieldManager: string, force = false) => ({ fieldManager, force, dryRun: false });
const get = (object: KubernetesObject) => cluster.get({ kind: kindOfObject(object), ...object.metadata });
const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: ApiError) => error.reason,
  );

describe("server-side apply", () => {
  it("takes away only what the same manager had applied", async () => {
    await cluster.apply(settings({ a: "1", b: "1" }), by("ada"));
    await cluster.apply(settings({ c: "1" }), by("bob"));
    await cluster.apply(settings({ a: "2" }), by("ada"));
    expect((await get(settings({})))?.["data"]).toEqual({ a: "2", c: "1" });
    await cluster.apply(settings({}), by("bob"));
    expect((await get(settings({})))?.["data"]).toEqual({ a: "2" });
  });

  it("keeps what another manager applies as well", async () => {
    await cluster.apply(settings({ a: "1" }), by("ada"));
    await cluster.apply(settings({ a: "1" }), by("bob"));
    await cluster.apply(settings({}), by("ada"));
    expect((await get(settings({})))?.["data"]).toEqual({ a: "1" });
  });

  it("refuses to change what another manager owns, unless it is forced", async () => {
    await cluster.apply(settings({ a: "1" }), by("ada"));
    await expect(cluster.apply(settings({ a: "2" }), by("bob"))).rejects.toThrow(
      'Apply failed with 1 conflict: conflict with "ada": .data.a',
    );
    await cluster.apply(settings({ a: "2" }), by("bob", true));
    expect((await get(settings({})))?.["data"]).toEqual({ a: "2" });
  });

  it("gives to a manager that forces it what it changes", async () => {
    await cluster.apply(settings({ a: "1", b: "1" }), by("ada"));
    await cluster.apply(settings({ a: "2" }), by("bob", true));
    await cluster.apply(settings({ b: "2" }), by("ada"));
    expect((await get(settings({})))?.["data"]).toEqual({ a: "2", b: "2" });
  });

  it("moves what a creator owns to whoever updates it first", async () => {
    await cluster.create(settings({ a: "1", b: "1" }), by("pulumi-kubernetes"));
    await cluster.apply(settings({ a: "2" }), { ...by("ada"), takeOver: "pulumi-kubernetes" });
    expect((await get(settings({})))?.["data"]).toEqual({ a: "2" });
  });

  it("changes the version only with the content", async () => {
    const { metadata: first } = await cluster.apply(settings({ a: "1" }), by("ada"));
    const { metadata: second } = await cluster.apply(settings({ a: "1" }), by("ada"));
    const { metadata: third } = await cluster.apply(settings({ a: "2" }), by("ada"));
    expect(second["resourceVersion"]).toBe(first["resourceVersion"]);
    expect(third["resourceVersion"]).not.toBe(first["resourceVersion"]);
    expect(third["uid"]).toBe(first["uid"]);
  });

  it("stores nothing in a dry run", async () => {
    const answer = await cluster.apply(settings({ a: "1" }), { ...by("ada"), dryRun: true });
    expect(answer.metadata["uid"]).toBeDefined();
    expect(await get(settings({}))).toBeUndefined();
  });
});

describe("admission", () => {
  const secret = (more: object): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "login" },
    ...more,
  });

  it.each<[string, KubernetesObject, string]>([
    ["a namespace that is not there", settings({}, { namespace: "nowhere" }), "NotFound"],
    ["a name in capitals", settings({}, { name: "Settings" }), "Invalid"],
    ["an unknown kind", { apiVersion: "a.example/v1", kind: "Dog", metadata: { name: "rex" } }, "NoMatch"],
    ["a pull secret without its config", secret({ type: "kubernetes.io/dockerconfigjson" }), "Invalid"],
    [
      "a pull secret that is not JSON",
      secret({ type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": "{" } }),
      "Invalid",
    ],
    ["data that is not base64", secret({ data: { a: "not base64!" } }), "Other"],
    [
      "a fine pull secret",
      secret({ type: "kubernetes.io/dockerconfigjson", stringData: { ".dockerconfigjson": "{}" } }),
      "none",
    ],
  ])("answers to %s", async (_, object, expected) => {
    expect(await reason(cluster.create(object, by("ada")))).toBe(expected);
  });

  it("never shows the content of a Secret", async () => {
    const stringData = { ".dockerconfigjson": "swordfish" };
    const creation = cluster.create(secret({ type: "kubernetes.io/dockerconfigjson", stringData }), by("ada"));
    await expect(creation).rejects.not.toThrow("swordfish");
    await expect(creation).rejects.toThrow("redacted");
  });

  it("encodes the text of Secrets, and fills in the defaults", async () => {
    const created = await cluster.create(secret({ stringData: { a: "b" }, data: { c: "ZA==" } }), by("ada"));
    expect(created).toMatchObject({
      type: "Opaque",
      data: { a: "Yg==", c: "ZA==" },
      metadata: { namespace: "default" },
    });
    expect(created).not.toHaveProperty("stringData");
    expect(await reason(cluster.create(secret({}), by("ada")))).toBe("AlreadyExists");
  });
});

it("deletes a namespace with all that is in it", async () => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } };
  await cluster.create(namespace, by("ada"));
  await cluster.create(settings({}, { namespace: "team" }), by("ada"));
  await cluster.delete({ kind: kindOfObject(namespace), name: "team" });
  expect(await get(settings({}, { namespace: "team" }))).toBeUndefined();
  expect(await reason(cluster.delete({ kind: kindOfObject(namespace), name: "team" }))).toBe("NotFound");
});

it("lets several processes write at once", async () => {
  const others = [1, 2, 3, 4].map(() => new MemoryCluster(new MemoryState(join(folder, "cluster.json"))));
  await Promise.all(others.map((other, index) => other.create(settings({}, { name: `settings-${index}` }), by("ada"))));
  for (const index of [0, 1, 2, 3]) expect(await get(settings({}, { name: `settings-${index}` }))).toBeDefined();
});

describe("what an API server refuses", () => {
  const object = (apiVersion: string, kind: string, more: object, labels: Record<string, string> = {}) =>
    ({ apiVersion, kind, metadata: { name: "web", labels }, ...more }) as unknown as KubernetesObject;
  const spec = (selector: string, image: string, secrets: string[] = []) => ({
    spec: {
      selector: { matchLabels: { app: selector } },
      template: {
        metadata: { labels: { app: selector } },
        spec: { containers: [{ name: "web", image }], imagePullSecrets: secrets.map((name) => ({ name })) },
      },
    },
  });

  it.each([
    ["the hash behind a version", "web-1.0.0+0123456789ab"],
    ["64 characters", "x".repeat(64)],
    ["a joint at the end", "web-1.0.0_"],
  ])("a label with %s", async (_, label) => {
    const labelled = object("apps/v1", "Deployment", spec("web", "a"), { "helm.sh/chart": label });
    await expect(cluster.apply(labelled, by("helm"))).rejects.toThrow(
      /Deployment\.apps "web" is invalid: metadata\.labels/,
    );
    await expect(cluster.apply(object("apps/v1", "Deployment", spec(label, "a")), by("helm"))).rejects.toThrow(
      /spec\.selector\.matchLabels/,
    );
  });

  const template = (image: string) => ({ spec: { template: spec("web", image).spec.template } });
  it.each<[string, KubernetesObject, KubernetesObject, string]>([
    [
      "another selector",
      object("apps/v1", "Deployment", spec("web", "a")),
      object("apps/v1", "Deployment", spec("api", "a")),
      "field is immutable",
    ],
    [
      "another image of a Job",
      object("batch/v1", "Job", template("a")),
      object("batch/v1", "Job", template("b")),
      "spec.template: Invalid value: field is immutable",
    ],
    [
      "another service of a StatefulSet",
      object("apps/v1", "StatefulSet", { spec: { serviceName: "a" } }),
      object("apps/v1", "StatefulSet", { spec: { serviceName: "b" } }),
      "updates to statefulset spec for fields other than",
    ],
    [
      "a pull secret of a Pod",
      object("v1", "Pod", { spec: { containers: [{ name: "a", image: "a" }] } }),
      object("v1", "Pod", { spec: { containers: [{ name: "a", image: "a" }], imagePullSecrets: [{ name: "p" }] } }),
      "pod updates may not change fields other than",
    ],
  ])("%s", async (_, before, after, message) => {
    await cluster.apply(before, by("helm"));
    await expect(cluster.apply(after, by("helm"))).rejects.toThrow(message);
    expect(await get(before)).toMatchObject({ spec: before["spec"] });
  });

  it("and nothing else: images move, and pods of a template get secrets", async () => {
    await cluster.apply(object("apps/v1", "Deployment", spec("web", "a")), by("helm"));
    await cluster.apply(object("apps/v1", "Deployment", spec("web", "b", ["pull"])), by("helm"));
    const pod = (image: string) => object("v1", "Pod", { spec: { containers: [{ name: "a", image }] } });
    await cluster.apply(pod("a"), by("helm"));
    expect(await cluster.apply(pod("b"), by("helm"))).toMatchObject(pod("b"));
  });
});
