import { UNKNOWN } from "../../../src/resource/unknownInputs";
import type { JsonObject } from "../../../src/json";
import {
  objectContributionProvider,
  type ObjectContributionInputs,
} from "../../../src/kubernetes/contribution/objectContributionProvider";
import { FakeObjects } from "./fakeObjects";

const ACCOUNT = { apiVersion: "v1", kind: "ServiceAccount", namespace: "shop", name: "default" };
const account = (...secrets: string[]): JsonObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "default", namespace: "shop" },
  ...(secrets.length > 0 && { imagePullSecrets: names(secrets) }),
});
const names = (secrets: readonly string[]): JsonObject[] => secrets.map((name) => ({ name }));
const inputs = (more: Partial<ObjectContributionInputs> = {}): ObjectContributionInputs => ({
  ...ACCOUNT,
  contribution: { imagePullSecrets: names(["ours"]) },
  contributor: "us",
  ...more,
});

function setup(objects = new FakeObjects(account("theirs"))) {
  const warnings: string[] = [];
  const logins: unknown[] = [];
  let now = 0;
  let onSleep = (): void => undefined;
  const provider = objectContributionProvider({
    clientFor: (login) => {
      logins.push(login);
      return Promise.resolve(objects);
    },
    log: { info: () => undefined, status: () => undefined, warn: (message) => void warnings.push(message) },
    clock: {
      now: () => now,
      date: () => now,
      sleep: (milliseconds) => {
        now += milliseconds;
        onSleep();
        return Promise.resolve();
      },
    },
  }) as Required<ReturnType<typeof objectContributionProvider>>;
  const secrets = (): unknown =>
    (objects.content(ACCOUNT)?.imagePullSecrets as JsonObject[] | undefined)?.map(({ name }) => name);
  const made = async (more?: Partial<ObjectContributionInputs>): Promise<never> =>
    (await provider.create(inputs(more))).outs as never;
  return { provider, objects, warnings, logins, secrets, made, whenSleeping: (act: () => void) => (onSleep = act) };
}

it("adds to what is there, changes nothing a second time, and takes out its own", async () => {
  const { provider, objects, secrets, made } = setup();
  const outs = await made();
  expect(secrets()).toEqual(["theirs", "ours"]);
  expect(await provider.diff("id", outs, inputs())).toEqual({ changes: false });
  await provider.update("id", outs, inputs());
  expect(objects.writes).toEqual(["patch ServiceAccount shop/default"]);
  await provider.delete("id", outs);
  expect(await objects.read(ACCOUNT)).toMatchObject(account("theirs"));
});

it("decides anew when somebody else writes in between", async () => {
  const { provider, objects, secrets } = setup();
  let disturbed = 0;
  objects.beforeWrite = () => {
    if (disturbed++ < 3) objects.set(account("theirs", `other-${disturbed}`));
  };
  await provider.create(inputs());
  expect(secrets()).toEqual(["theirs", "other-3", "ours"]);
});

it("gives up on an object that others write without end", async () => {
  const { objects, made } = setup();
  objects.beforeWrite = () => objects.set(account("theirs"));
  await expect(made()).rejects.toMatchObject({ code: "OBJECT_BUSY" });
});

it("waits for an account that is about to be made", async () => {
  const { objects, secrets, made, whenSleeping } = setup(new FakeObjects());
  let polls = 0;
  whenSleeping(() => {
    if (++polls === 5) objects.set(account());
  });
  await made();
  expect(secrets()).toEqual(["ours"]);
});

it("says which object is missing when nobody makes it, and makes it itself when asked", async () => {
  const { objects, secrets, made, provider } = setup(new FakeObjects());
  await expect(made()).rejects.toMatchObject({
    code: "OBJECT_MISSING",
    message: expect.stringContaining("ServiceAccount shop/default") as string,
  });
  const outs = await made({ create: true });
  expect(secrets()).toEqual(["ours"]);
  await provider.delete("id", outs);
  expect(objects.content(ACCOUNT)).toBeUndefined();
});

it("stays in its object when the API has a newer version, and takes its own out by whichever is still served", async () => {
  const policy = { apiVersion: "a.b/v1beta1", kind: "Policy", name: "shared" };
  const objects = new FakeObjects();
  const { provider } = setup(objects);
  const { namespace: _, ...rest } = inputs({ ...policy, create: true, contribution: { spec: { a: "b" } } });
  const outs = (await provider.create(rest)).outs as { added: object };
  const newer = { ...rest, apiVersion: "a.b/v1" };
  expect(await provider.diff("id", outs, newer)).toEqual({ changes: true });
  const updated = await provider.update("id", outs, newer);
  expect(updated.outs).toMatchObject({ apiVersion: "a.b/v1", added: outs.added });
  expect(objects.writes).toEqual(["create Policy shared"]);
  objects.served = ["a.b/v1"];
  expect(await provider.read("id", outs)).toMatchObject({ id: "id" });
  await provider.delete("id", outs);
  expect(objects.content(policy)).toBeUndefined();
});

it("has nothing to take out of an object that is gone", async () => {
  const { provider, objects, made } = setup();
  const outs = await made();
  objects.delete(ACCOUNT);
  await provider.delete("id", outs);
  expect(objects.content(ACCOUNT)).toBeUndefined();
});

it("has nothing to take out of objects whose definition is gone, and all of them as long as it cannot be asked", async () => {
  const { provider, objects, warnings, made } = setup();
  const outs = await made();
  objects.unreachable = true;
  await expect(provider.delete("id", outs)).rejects.toMatchObject({ code: "OBJECT_REFUSED" });
  expect(await provider.read("id", outs)).toMatchObject({ id: "id" });
  expect(warnings).toHaveLength(1);
  objects.unreachable = false;
  objects.served = [];
  expect(await provider.read("id", outs)).toEqual({});
  await provider.delete("id", outs);
  expect(warnings[1]).toMatch(/^The cluster has no ServiceAccount .* any more/);
  expect(objects.writes).toEqual(["patch ServiceAccount shop/default"]);
});

it("asks for an update when an entry was taken out, which puts it back", async () => {
  const { provider, objects, secrets, warnings, made } = setup();
  const outs = await made();
  objects.set(account("theirs", "another"));
  expect(await provider.diff("id", outs, inputs())).toEqual({ changes: true });
  expect(warnings).toEqual([expect.stringContaining("ServiceAccount shop/default no longer has all")]);
  await provider.update("id", outs, inputs());
  expect(secrets()).toEqual(["theirs", "another", "ours"]);
});

it("refuses more than the annotations of an object hold before it writes, and takes out what is too much", async () => {
  const { provider, objects, made } = setup();
  const annotations = (bytes: number): JsonObject => ({ metadata: { annotations: { a: "x".repeat(bytes) } } });
  await expect(made({ contribution: annotations(300_000) })).rejects.toMatchObject({ code: "ANNOTATIONS_TOO_LARGE" });
  const outs = await made({ contribution: annotations(200_000) });
  await expect(
    made({ contributor: "them", contribution: { metadata: { annotations: { b: "x".repeat(70_000) } } } }),
  ).rejects.toThrow(/annotations would be 27\d{4} bytes/);
  await provider.delete("id", outs);
  expect(objects.writes).toEqual(["patch ServiceAccount shop/default", "patch ServiceAccount shop/default"]);
});

it("never takes out what was there before", async () => {
  const { provider, secrets, made } = setup(new FakeObjects(account("ours", "theirs")));
  await provider.delete("id", await made());
  expect(secrets()).toEqual(["ours", "theirs"]);
});

it("follows what it is to contribute", async () => {
  const { provider, secrets, made } = setup();
  const outs = await made();
  const news = inputs({ contribution: { imagePullSecrets: names(["new"]) } });
  expect(await provider.diff("id", outs, news)).toEqual({ changes: true });
  await provider.update("id", outs, news);
  expect(secrets()).toEqual(["theirs", "new"]);
});

it("refuses to overwrite somebody else's value", async () => {
  const objects = new FakeObjects({ ...account(), data: { ca: "theirs" } });
  const { provider } = setup(objects);
  await expect(provider.create(inputs({ contribution: { data: { ca: "ours" } } }))).rejects.toMatchObject({
    code: "ENTRY_CONFLICT",
    message: expect.stringContaining("/data/ca") as string,
  });
  expect(objects.writes).toEqual([]);
});

describe("diff", () => {
  it.each<[string, Partial<ObjectContributionInputs>, object]>([
    // What is another object surely has the new entries before the old one loses its own.
    ["another object", { name: "builder" }, { changes: true, replaces: ["name"], deleteBeforeReplace: false }],
    ["another kind", { kind: "Secret" }, { changes: true, replaces: ["kind"], deleteBeforeReplace: false }],
    ["another version of its API, by which it is the same object", { apiVersion: "v2" }, { changes: true }],
    ["another API", { apiVersion: "a.b/v1" }, { changes: true, replaces: ["apiVersion"], deleteBeforeReplace: true }],
    ["another namespace", { namespace: "jobs" }, { changes: true, replaces: ["namespace"], deleteBeforeReplace: true }],
    ["a namespace that is not known yet", { namespace: UNKNOWN }, { changes: true }],
    ["a login that is not known yet", { kubeconfig: UNKNOWN }, { changes: false }],
    ["another login, which the state needs", { kubeconfig: "clusters: []\n" }, { changes: true }],
    ["the same login as a file", { kubeconfig: "/home/ada/config" }, { changes: false }],
  ])("of %s", async (_, more, expected) => {
    const { provider, made } = setup();
    expect(await provider.diff("id", await made(), inputs(more))).toEqual(expected);
  });

  it("warns and goes on where the cluster cannot be reached", async () => {
    const { provider, objects, warnings, made } = setup();
    const outs = await made();
    objects.unreachable = true;
    expect(await provider.diff("id", outs, inputs())).toEqual({ changes: false });
    expect(warnings).toEqual([expect.stringContaining("no route to host")]);
    expect(await provider.read("id", outs)).toEqual({ id: "id", props: outs });
  });
});

it("keeps the name that it contributes under when its program is renamed", async () => {
  const { provider } = setup();
  expect(await provider.check(inputs(), inputs({ contributor: "renamed" }))).toEqual({ inputs: inputs() });
});

it("is made again when its object was, and is itself while it is there", async () => {
  const { provider, objects, made } = setup();
  const outs = await made();
  expect(await provider.read("id", outs)).toEqual({ id: "id", props: outs });
  objects.delete(ACCOUNT);
  expect(await provider.read("id", outs)).toEqual({});
});

it("takes the kubeconfig and the context that it was given", async () => {
  const { logins, made } = setup();
  await made({ kubeconfig: "K", context: "C" });
  await made();
  // As the engine sends it where the provider turned out to have none.
  await made({ kubeconfig: null, context: null });
  expect(logins).toEqual([{ kubeconfig: "K", context: "C" }, {}, {}]);
});
