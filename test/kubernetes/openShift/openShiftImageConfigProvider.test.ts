import type { JsonObject } from "../../../src/json";
import {
  openShiftImageConfigProvider,
  type OpenShiftImageConfigInputs,
} from "../../../src/kubernetes/openShift/openShiftImageConfigProvider";
import { FakeObjects } from "../contribution/fakeObjects";

const IMAGE = { apiVersion: "config.openshift.io/v1", kind: "Image", name: "cluster" };
const configMap = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", namespace: "openshift-config", name });
const image = (spec: JsonObject): JsonObject => ({
  apiVersion: IMAGE.apiVersion,
  kind: IMAGE.kind,
  metadata: { name: "cluster" },
  spec,
});
const certificates = (name: string, data: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "openshift-config" },
  data,
});
const inputs = (more: Partial<OpenShiftImageConfigInputs>): OpenShiftImageConfigInputs => ({
  mirror: { host: "r.test:5000", path: "p" },
  contributor: "us",
  ...more,
});
const HTTP = inputs({ plainHttp: true });
const CA = inputs({ caCertificate: "PEM" });
const OWN = "chart-mirror-registry-ca";

function setup(...present: readonly JsonObject[]) {
  const objects = new FakeObjects(...present);
  const provider = openShiftImageConfigProvider({
    clientFor: () => Promise.resolve(objects),
    log: { info: () => undefined, status: () => undefined, warn: () => undefined },
    clock: { now: () => 0, date: () => 0, sleep: () => Promise.resolve() },
  }) as Required<ReturnType<typeof openShiftImageConfigProvider>>;
  const create = async (wanted: OpenShiftImageConfigInputs): Promise<never> =>
    (await provider.create(wanted)).outs as never;
  const update = async (olds: never, wanted: OpenShiftImageConfigInputs): Promise<never> =>
    (await provider.update("id", olds, wanted)).outs as never;
  const spec = (): unknown => objects.content(IMAGE)?.spec;
  const data = (name: string): unknown => objects.content(configMap(name))?.data;
  return { objects, provider, create, update, spec, data };
}

it.each<[string, JsonObject, JsonObject[], OpenShiftImageConfigInputs, JsonObject, Record<string, JsonObject>]>([
  ["an http registry", {}, [], HTTP, { registrySources: { insecureRegistries: ["r.test:5000"] } }, {}],
  [
    "an http registry beside others, where registries are allowed one by one",
    {
      registrySources: { insecureRegistries: ["old.test"], allowedRegistries: ["quay.io"] },
      externalRegistryHostnames: ["a"],
    },
    [],
    HTTP,
    {
      registrySources: {
        insecureRegistries: ["old.test", "r.test:5000"],
        allowedRegistries: ["quay.io", "r.test:5000"],
      },
      externalRegistryHostnames: ["a"],
    },
    {},
  ],
  ["a certificate", {}, [], CA, { additionalTrustedCA: { name: OWN } }, { [OWN]: { "r.test..5000": "PEM" } }],
  [
    "a certificate in the ConfigMap that the cluster uses",
    { additionalTrustedCA: { name: "theirs" } },
    [certificates("theirs", { "old.test": "OLD" })],
    CA,
    { additionalTrustedCA: { name: "theirs" } },
    { theirs: { "old.test": "OLD", "r.test..5000": "PEM" } },
  ],
  ["nothing for a registry that everyone trusts", { registrySources: {} }, [], inputs({}), { registrySources: {} }, {}],
  [
    "a registry that a wildcard allows already",
    { registrySources: { allowedRegistries: ["*.test"] } },
    [],
    inputs({}),
    { registrySources: { allowedRegistries: ["*.test"] } },
    {},
  ],
])("adds %s, changes nothing a second time, and leaves all as it was", async (_, before, maps, wanted, after, data) => {
  const test = setup(image(before), ...maps);
  const outs = await test.create(wanted);
  expect(test.spec()).toEqual(after);
  for (const [name, expected] of Object.entries(data)) expect(test.data(name)).toEqual(expected);
  expect(await test.provider.diff("id", outs, wanted)).toEqual({ changes: false });
  const writes = test.objects.writes.length;
  const again = await test.update(outs, wanted);
  expect(test.objects.writes).toHaveLength(writes);
  await test.provider.delete("id", again);
  expect(await test.objects.read(IMAGE)).toMatchObject({ metadata: { name: "cluster" } });
  expect(test.spec() ?? {}).toEqual(before);
  expect((await test.objects.read(IMAGE))?.metadata).not.toHaveProperty("annotations");
  for (const name of [OWN, "theirs"])
    expect(test.data(name)).toEqual(maps.find(({ metadata }) => (metadata as JsonObject).name === name)?.data);
});

it("refuses a registry that the cluster blocks, and changes nothing", async () => {
  const { objects, create } = setup(image({ registrySources: { blockedRegistries: ["r.test:5000"] } }));
  await expect(create(CA)).rejects.toMatchObject({ code: "REGISTRY_BLOCKED" });
  expect(objects.writes).toEqual([]);
});

it("shares the ConfigMap and the list of allowed registries with another stack, whichever goes first", async () => {
  for (const first of ["a", "b"]) {
    const test = setup(image({ registrySources: { allowedRegistries: ["quay.io"] } }));
    const made = {
      a: await test.create({ ...CA, contributor: "a" }),
      b: await test.create({ ...CA, contributor: "b" }),
    } as Record<string, never>;
    await test.provider.delete("id", made[first]);
    const other = first === "a" ? "b" : "a";
    expect(await test.provider.diff("id", made[other] as never, { ...CA, contributor: other })).toEqual({
      changes: false,
    });
    expect(test.data(OWN)).toEqual({ "r.test..5000": "PEM" });
    await test.provider.delete("id", made[other]);
    expect(test.spec()).toEqual({ registrySources: { allowedRegistries: ["quay.io"] } });
    expect(test.data(OWN)).toBeUndefined();
  }
});

it("moves into the ConfigMap that somebody has the cluster use instead", async () => {
  const test = setup(image({}), certificates("theirs", { "old.test": "OLD" }));
  const outs = await test.create(CA);
  const live = (await test.objects.read(IMAGE)) as JsonObject;
  test.objects.set({ ...live, spec: { additionalTrustedCA: { name: "theirs" } } });
  expect(await test.provider.diff("id", outs, CA)).toEqual({ changes: true });
  const moved = await test.update(outs, CA);
  expect(test.data("theirs")).toEqual({ "old.test": "OLD", "r.test..5000": "PEM" });
  expect(test.data(OWN)).toBeUndefined();
  expect(test.spec()).toEqual({ additionalTrustedCA: { name: "theirs" } });
  await test.provider.delete("id", moved);
  expect(test.data("theirs")).toEqual({ "old.test": "OLD" });
  expect(test.spec()).toEqual({ additionalTrustedCA: { name: "theirs" } });
});

it("is added to allowed registries from the day that somebody restricts them", async () => {
  const test = setup(image({}));
  const outs = await test.create(HTTP);
  const live = (await test.objects.read(IMAGE)) as JsonObject;
  const sources = { insecureRegistries: ["r.test:5000"], allowedRegistries: ["quay.io"] };
  test.objects.set({ ...live, spec: { registrySources: sources } });
  expect(await test.provider.diff("id", outs, HTTP)).toEqual({ changes: true });
  await test.update(outs, HTTP);
  expect(test.spec()).toMatchObject({ registrySources: { allowedRegistries: ["quay.io", "r.test:5000"] } });
});

it("follows a renewed certificate, another host, and http in place of a certificate", async () => {
  const test = setup(image({}), certificates("unused", {}));
  let outs = await test.create(CA);
  const renewed = inputs({ caCertificate: "NEW" });
  expect(await test.provider.diff("id", outs, renewed)).toEqual({ changes: true });
  outs = await test.update(outs, renewed);
  expect(test.data(OWN)).toEqual({ "r.test..5000": "NEW" });
  outs = await test.update(outs, inputs({ caCertificate: "NEW", mirror: { host: "s.test" } }));
  expect(test.data(OWN)).toEqual({ "s.test": "NEW" });
  await test.update(outs, HTTP);
  expect(test.data(OWN)).toBeUndefined();
  expect(test.spec()).toEqual({ registrySources: { insecureRegistries: ["r.test:5000"] } });
});
