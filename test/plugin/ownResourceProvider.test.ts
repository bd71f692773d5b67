import * as pulumi from "@pulumi/pulumi";
import type * as dynamic from "@pulumi/pulumi/dynamic";
import { AsyncLocalStorage } from "node:async_hooks";
import { Cancellation } from "../../src/plugin/cancellation";
import { ownResourceProvider } from "../../src/plugin/ownResourceProvider";
import { OWN_RESOURCES, type OwnResourceKind } from "../../src/resource/ownResource";

const urn = (kind: string) => `urn:pulumi:test::shop::my:index:Parent$chart-mirror:index:${kind}::it`;
const secret = (value: unknown) => ({ [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value });

/** The plugin's part, with this provider for every kind. */
function serve(provider: Partial<dynamic.ResourceProvider>) {
  const urnNow = new AsyncLocalStorage<string>();
  const cancellation = new Cancellation();
  let closed = 0;
  const of = Object.fromEntries(Object.keys(OWN_RESOURCES).map((kind) => [kind, provider])) as Record<
    OwnResourceKind,
    dynamic.ResourceProvider
  >;
  const served = ownResourceProvider({ providers: { of, close: () => void closed++ }, urnNow, cancellation });
  return { served, urnNow, closed: () => closed };
}

it("hands on plain values, and takes secrets back as such", async () => {
  const seen: unknown[] = [];
  const { served } = serve({
    create: (inputs: object) => {
      seen.push(inputs);
      return Promise.resolve({ id: "it", outs: { ...inputs, digest: "sha256:1", size: undefined } });
    },
  });
  const inputs = { source: secret("s"), target: "t", access: [{ password: "p" }], __provider: "text" };
  expect(await served.create(urn("ImageCopy"), inputs)).toEqual({
    id: "it",
    // Logins are secret whoever forgets to say it; the dynamic provider's text is kept for the way back.
    outs: {
      source: secret("s"),
      target: "t",
      access: secret([{ password: "p" }]),
      digest: "sha256:1",
      __provider: "text",
    },
  });
  expect(seen).toEqual([{ source: "s", target: "t", access: [{ password: "p" }], __provider: "text" }]);
});

it.each<[OwnResourceKind, string]>([
  ["AcrTokenPassword", "password"],
  ["QuayRobot", "token"],
])("the %s's %s is a secret although no input is", async (kind, output) => {
  const { served } = serve({ create: () => Promise.resolve({ id: "it", outs: { [output]: "made" } }) });
  expect((await served.create(urn(kind), {})).outs).toEqual({ [output]: secret("made") });
});

it("keeps secrets over check, update and read, and tells what is gone", async () => {
  const { served } = serve({
    check: (_olds: unknown, news: object) => Promise.resolve({ inputs: { ...news, digest: "d" } }),
    update: (_id: string, _olds: unknown, news: object) => Promise.resolve({ outs: news }),
    read: (id: string, props: { gone?: boolean }) => Promise.resolve(props.gone ? {} : { id, props }),
  });
  const news = { target: secret("t") };
  expect(await served.check(urn("ImageCopy"), {}, news)).toEqual({ inputs: { target: secret("t"), digest: "d" } });
  expect(await served.update("it", urn("ImageCopy"), news, { target: "t" })).toEqual({ outs: { target: secret("t") } });
  expect(await served.read("it", urn("ImageCopy"), news)).toEqual({ id: "it", props: news });
  expect(await served.read("it", urn("ImageCopy"), { gone: true })).toEqual({});
});

it("says which resource is being served, to whoever tells the engine", async () => {
  const places: (string | undefined)[] = [];
  const { served, urnNow } = serve({
    diff: async () => {
      await Promise.resolve();
      places.push(urnNow.getStore());
      return { changes: false };
    },
  });
  await Promise.all(["ImageCopy", "PullCheck"].map((kind) => served.diff("it", urn(kind), {}, {})));
  expect(places).toEqual([urn("ImageCopy"), urn("PullCheck")]);
});

it("a cancelled update ends copies at once, and waits for whatever makes a password", async () => {
  let made!: () => void;
  const under = new Promise<void>((resolve) => (made = resolve));
  const { served, closed } = serve({ create: () => under.then(() => ({ id: "it", outs: {} })) });
  const copy = served.create(urn("ImageCopy"), {});
  const robot = served.create(urn("QuayRobot"), {});
  await served.cancel();
  await expect(copy).rejects.toMatchObject({ code: "UPDATE_CANCELLED" });
  expect(closed()).toBe(1);
  made();
  expect(await robot).toMatchObject({ id: "it" });
});

it.each(["Nothing", "toString", "MirroredRelease"])("refuses the type %s, which it has not", async (kind) => {
  const { served } = serve({});
  await expect(served.create(urn(kind), {})).rejects.toMatchObject({ code: "UNKNOWN_PLUGIN_TYPE" });
});
