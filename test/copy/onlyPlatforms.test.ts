/** `ImageCopy` of some platforms alone, over registries that speak: from the first preview to a moved tag. */
import { imageCopyProvider } from "../../src/copy/imageCopyProvider";
import type { ImageCopyInputs } from "../../src/copy/imageCopyInputs";
import { CopyMethod } from "../../src/copy/copyMethod";
import { digestOf } from "../../src/image/digest";
import { TagPolicy } from "../../src/plan/tagPolicy";
import { makeImage, pushImage } from "../support/images";
import type { TestRegistry } from "../support/registry";
import { failure, Fixture, reach } from "../oci/fixture";

const fixture = new Fixture();
const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];
const image = makeImage({ platforms, layers: (platform) => [{ size: 1000, seed: platform }] });
const newer = makeImage({ platforms, layers: (platform) => [{ size: 2000, seed: `newer ${platform}` }] });
const AMD64 = ["linux/amd64"];

interface CheckResult {
  inputs: ImageCopyInputs;
  failures?: { reason: string }[];
}

let source: TestRegistry;
let target: TestRegistry;
let messages: string[];
let provider: ReturnType<typeof imageCopyProvider>;
let news: ImageCopyInputs;

beforeEach(async () => {
  [source, target] = await fixture.pair();
  await pushImage(source, "team/web:1", image);
  messages = [];
  const say = (level: string) => (text: string) => void messages.push(`${level} ${text}`);
  provider = imageCopyProvider({
    registriesFor: (access) =>
      fixture.client([source, target].filter(({ host }) => access.some((entry) => entry.host === host))),
    log: { info: say("info"), warn: say("warn"), status: () => undefined },
    now: () => new Date(0),
  });
  news = {
    source: `${source.host}/team/web:1`,
    target: `${target.host}/m/web:1`,
    onlyPlatforms: AMD64,
    access: [source, target].map((server) => ({ host: server.host, plainHttp: reach(server).plainHttp ?? false })),
  };
});

const check = async (olds: object, inputs: ImageCopyInputs = news): Promise<ImageCopyInputs> => {
  const answer = (await provider.check?.(olds, inputs)) as CheckResult;
  if (answer.failures) throw new Error(answer.failures.map(({ reason }) => reason).join("; "));
  return answer.inputs;
};
const create = (inputs: ImageCopyInputs) => provider.create(inputs) as Promise<{ outs: ImageCopyInputs }>;
const reads = (server: TestRegistry) =>
  server.requests.all.filter(({ method, path }) => method === "GET" && /\/manifests\//.test(path));

/** Makes the copy as the engine does. */
async function copied(inputs: ImageCopyInputs = news): Promise<ImageCopyInputs> {
  const checked = await check({}, inputs);
  await provider.create(checked);
  return checked;
}

it("shows in a preview what will be there, makes just that, and asks for it with one HEAD at each end later", async () => {
  const checked = await check({});
  expect(checked).toMatchObject({ sourceDigest: image.digest, platforms: AMD64 });
  expect(checked.digest).not.toBe(image.digest);
  expect(checked.size).toBe(makeImage({ layers: [{ size: 1000, seed: "linux/amd64" }] }).size);
  expect(target.repositories()).toEqual([]);

  const { outs } = await create(checked);
  expect(outs).toMatchObject({ digest: checked.digest, sourceDigest: image.digest, onlyPlatforms: AMD64 });
  expect(target.tag("m/web", "1")).toBe(checked.digest);
  expect(await target.defects("m/web", "1")).toEqual([]);

  source.requests.clear();
  target.requests.clear();
  const again = await check(checked);
  expect(again).toEqual(checked);
  expect(await provider.diff?.("", outs, again)).toEqual({ changes: false });
  expect([...source.requests.all, ...target.requests.all].map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
  expect(await provider.read?.("id", outs)).toEqual({ id: "id", props: outs });
});

it("is known to a plan that has both digests and the size: no registry is asked for it", async () => {
  const checked = await check({});
  source.requests.clear();
  expect(await check({}, checked)).toEqual(checked);
  expect(source.requests.all).toEqual([]);
});

it("heals a target that has been given the whole index", async () => {
  const checked = await copied();
  await pushImage(target, "m/web:1", image);
  expect(await provider.diff?.("", checked, checked)).toEqual({ changes: true });
  await provider.update?.("", checked, checked);
  expect(target.tag("m/web", "1")).toBe(checked.digest);
});

it.each<[string, string[] | undefined]>([
  ["others", ["linux/arm64", "linux/amd64"]],
  ["all", undefined],
])("becomes %s when that is wished, which is no other image", async (_, wish) => {
  const before = await copied();
  for (const tags of Object.values(TagPolicy)) {
    const { onlyPlatforms: _before, ...rest } = news;
    const after = await check(before, { ...rest, ...(wish && { onlyPlatforms: wish }), tags });
    expect(after.sourceDigest ?? after.digest).toBe(image.digest);
    expect(after.platforms).toEqual(wish ? ["linux/amd64", "linux/arm64"] : platforms);
    messages = [];
    expect(await provider.diff?.("", before, after)).toEqual({ changes: true });
    expect(messages).toEqual([expect.stringMatching(/^info .* of the same image: it was sha256/)]);
    await provider.update?.("", before, after);
    expect(target.tag("m/web", "1")).toBe(after.digest);
    await provider.update?.("", after, before);
  }
});

it("is the same for the same wish in another order or form", async () => {
  const before = await copied({ ...news, onlyPlatforms: ["linux/arm64", "linux/amd64"] });
  source.requests.clear();
  const after = await check(before, { ...news, onlyPlatforms: ["linux/amd64", "linux/arm64", "linux/amd64"] });
  expect(after.digest).toBe(before.digest);
  expect(reads(source)).toEqual([]);
});

describe("when its tag has moved", () => {
  let before: ImageCopyInputs;
  beforeEach(async () => {
    before = await copied();
    await pushImage(source, "team/web:1", newer);
    messages = [];
  });

  it("follows, and says so", async () => {
    const after = await check(before);
    expect(after.sourceDigest).toBe(newer.digest);
    expect(await provider.diff?.("", before, after)).toEqual({ changes: true });
    expect(messages.join()).toMatch(/^warn .* is another image than before/);
  });

  it("stays where tags are pinned, also with other platforms", async () => {
    expect(await check(before, { ...news, tags: TagPolicy.Pin })).toMatchObject({ digest: before.digest });
    const other = await check(before, { ...news, onlyPlatforms: ["linux/arm64"], tags: TagPolicy.Pin });
    expect(other.sourceDigest).toBe(image.digest);
    await provider.update?.("", before, other);
    expect(await target.defects("m/web", "1")).toEqual([]);
  });

  it("fails where tags must not move, with the digests of the sources", async () => {
    await expect(check(before, { ...news, tags: TagPolicy.Fail })).rejects.toThrow(
      `it was ${image.digest} and is ${newer.digest} now`,
    );
  });
});

it("stays as it is while its source is out of reach, and is an error with other platforms then", async () => {
  const before = await copied();
  await source.close();
  expect(await check(before)).toEqual(before);
  await expect(check(before, { ...news, onlyPlatforms: ["linux/arm64"] })).rejects.toThrow(source.host);
});

it.each([
  ["a platform that the image lacks", { onlyPlatforms: ["linux/s390x"] }, /has no linux\/s390x.*linux\/arm\/v7/],
  ["a text that is none", { onlyPlatforms: ["amd64"] }, /"amd64" is no platform/],
  ["a way that brings images whole", { method: CopyMethod.AcrImport }, /done by method process, not by acr-import/],
])("refuses %s in the preview", async (_, change, words) => {
  await expect(check({}, { ...news, ...change })).rejects.toThrow(words);
});

it("writes no tag when a lock file's digest is not that of the platforms", async () => {
  const wrong = { ...(await check({})), digest: digestOf("edited") };
  expect(await failure(provider.create(wrong))).toMatchObject({ code: "TARGET_DIGEST_DIFFERS" });
  expect(target.tags("m/web")).toEqual([]);
});
