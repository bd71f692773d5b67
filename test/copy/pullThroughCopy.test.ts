import { CopyMethod } from "../../src/copy/copyMethod";
import type { ImageCopyInputs } from "../../src/copy/imageCopyInputs";
import { registryAccess } from "../../src/copy/imageCopyInputs";
import { imageCopyProvider } from "../../src/copy/imageCopyProvider";
import { Registries } from "../../src/oci/registries";
import { makeImage, pushImage } from "../support/images";
import type { BehaviourOption, TestRegistry } from "../support/registry";
import { registriesOfTest } from "../support/registry/registriesOfTest";

const start = registriesOfTest();
const image = makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 2000, seed: "one" }] });
const moved = makeImage({ layers: [{ size: 2000, seed: "two" }] });

const open: Registries[] = [];
afterEach(() => open.splice(0).forEach((registries) => registries.close()));

/** A cache before a registry that has `team/app:1.0`, and the provider that warms it. */
async function cached(behaviour: BehaviourOption, auth = false) {
  const upstream = await start(auth ? { auth: { scheme: "basic", users: { robot: "secret" } } } : {});
  await pushImage(upstream, "team/app:1.0", image);
  const login = auth ? { username: "robot", password: "secret" } : {};
  const cache = await start({ behaviour, upstreams: [{ url: upstream.url, prefix: "hub", ...login }] });
  const warnings: string[] = [];
  const provider = imageCopyProvider({
    registriesFor: (access) => {
      const registries = new Registries({ access: access.map(registryAccess) });
      open.push(registries);
      return registries;
    },
    log: { info: () => undefined, warn: (message) => warnings.push(message), status: () => undefined },
    now: () => new Date("2026-01-02T03:04:05Z"),
  });
  const inputs = (tail: string, more: Partial<ImageCopyInputs> = {}): ImageCopyInputs => ({
    source: `${upstream.host}/team/app${tail}`,
    target: `${cache.host}/hub/team/app${tail}`,
    access: [upstream, cache].map(({ host }) => ({ host, plainHttp: true })),
    method: CopyMethod.PullThrough,
    ...more,
  });
  return { upstream, cache, provider, warnings, inputs };
}

/** Pulumi types what providers answer as `any`. */
const created = async (provider: ReturnType<typeof imageCopyProvider>, inputs: ImageCopyInputs) =>
  (await provider.create(inputs)) as { id: string; outs: ImageCopyInputs };

const writes = ({ requests }: TestRegistry) => requests.all.filter(({ method }) => !["GET", "HEAD"].includes(method));

describe.each<BehaviourOption>(["specification", "ecr"])("through a cache as of %s", (behaviour) => {
  it.each([
    ["tag", ":1.0"],
    ["tag and digest", `:1.0@${image.digest}`],
  ])("an image by %s is asked for, and nothing is written", async (_, tail) => {
    const { cache, provider, warnings, inputs } = await cached(behaviour);
    const news = inputs(tail);
    const checked = (await provider.check?.({}, news))?.inputs as ImageCopyInputs;
    expect(checked).toMatchObject({ digest: image.digest });
    expect(cache.requests.all).toEqual([]);

    const { id, outs } = await created(provider, checked);
    expect(id).toBe(news.target);
    expect(outs).toEqual({ ...checked, mirroredAt: "2026-01-02T03:04:05.000Z" });
    expect(cache.tag("hub/team/app", "1.0")).toBe(image.digest);
    for (const { digest } of image.manifests)
      expect(cache.requests.all.map(({ path }) => path)).toContainEqual(
        expect.stringContaining(digest === image.digest ? (tail.slice(1).split("@")[0] ?? "") : digest),
      );
    expect(writes(cache)).toEqual([]);
    expect(warnings).toEqual([]);

    // Asking would make the cache fetch, and a preview must not.
    cache.requests.clear();
    expect(await provider.diff?.(id, outs, checked)).toEqual({ changes: false });
    expect(await provider.read?.(id, outs)).toEqual({ id, props: outs });
    expect(cache.requests.all).toEqual([]);
  });

  it("a cache that has an older image under the tag is an error with both digests and the ways out", async () => {
    const { upstream, provider, inputs } = await cached(behaviour);
    const first = (await provider.check?.({}, inputs(":1.0")))?.inputs as ImageCopyInputs;
    await provider.create(first);
    await pushImage(upstream, "team/app:1.0", moved);
    const checked = (await provider.check?.(first, inputs(":1.0")))?.inputs as ImageCopyInputs;
    expect(await provider.diff?.(first.target, first, checked)).toEqual({ changes: true });
    const failed = provider.update?.(first.target, first, checked);
    await expect(failed).rejects.toMatchObject({ code: "PULL_THROUGH_OUTDATED" });
    await expect(failed).rejects.toThrow(image.digest);
    await expect(failed).rejects.toThrow(moved.digest);
    await expect(failed).rejects.toThrow(/TagPolicy\.Pin/);
  });

  it("an image that the upstream does not give is an error about the cache", async () => {
    const { provider, inputs } = await cached(behaviour);
    await expect(provider.create(inputs(":2.0", { digest: image.digest }))).rejects.toMatchObject({
      code: "PULL_THROUGH_FAILED",
    });
  });
});

it("an image that is known by digest alone comes through a cache that fills by digest", async () => {
  const { cache, provider, inputs } = await cached("specification");
  const { outs } = await created(provider, inputs(`@${image.digest}`, { digest: image.digest }));
  expect(outs).toMatchObject({ digest: image.digest });
  expect(writes(cache)).toEqual([]);
});

it("an image that is known by digest alone is an error where a cache fills by tag", async () => {
  const { provider, inputs } = await cached("ecr");
  const digest = { digest: image.digest };
  await expect(provider.create(inputs(`@${image.digest}`, digest))).rejects.toMatchObject({
    code: "PULL_THROUGH_FAILED",
  });
});

it("an upstream that only the mirror may ask tells its digest through the mirror", async () => {
  const { provider, inputs } = await cached("specification", true);
  const news = inputs(":1.0");
  const checked = (await provider.check?.({}, news))?.inputs as ImageCopyInputs;
  expect(checked).toEqual(news);
  const { id, outs } = await created(provider, checked);
  expect(outs).toMatchObject({ digest: image.digest });
  expect(await provider.diff?.(id, outs, news)).toEqual({ changes: false });
});

it("says which platforms the mirror does not serve", async () => {
  const { upstream, provider, warnings, inputs } = await cached("specification");
  const [, arm] = image.manifests;
  upstream.faults.add({
    match: { path: new RegExp(`manifests/${arm?.digest}`), times: Infinity },
    action: { kind: "answer", status: 404 },
  });
  await provider.create(inputs(":1.0", { digest: image.digest }));
  expect(warnings).toEqual([expect.stringMatching(/does not serve linux\/(?:arm64|amd64) of it/)]);
});

it("another way to bring an image is a change, and one that is not known an error", async () => {
  const { provider, inputs } = await cached("specification");
  const { method: _, ...copied } = inputs(":1.0", { digest: image.digest });
  expect(await provider.diff?.(copied.target, copied, { ...copied, method: CopyMethod.PullThrough })).toEqual({
    changes: true,
  });
  await expect(provider.create({ ...copied, method: "carrier pigeon" as CopyMethod })).rejects.toMatchObject({
    code: "UNKNOWN_COPY_METHOD",
  });
});
