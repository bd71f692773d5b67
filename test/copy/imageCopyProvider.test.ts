import { imageCopyProvider } from "../../src/copy/imageCopyProvider";
import type { AccessInput, ImageCopyInputs } from "../../src/copy/imageCopyInputs";
import { digestOf } from "../../src/image/digest";
import { formatReference, type ImageReference } from "../../src/image/reference";
import {
  AccessDeniedError,
  ImageNotFoundError,
  LoginRefusedError,
  LoginRequiredError,
  RegistryUnreachableError,
} from "../../src/oci/errors/errors";
import { messageWithAddresses } from "../../src/machine/errorAddress";
import { MovedTagError, TagPolicy } from "../../src/plan/tagPolicy";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const source = "quay.io/a/b:1";
const target = "mirror.test/a/b:1";
const digest = digestOf("one");
const other = digestOf("two");
const access: AccessInput[] = [{ host: "mirror.test", username: "ci", password: "hunter2!" }];
const done: ImageCopyInputs = { source, target, digest, size: 10, platforms: ["linux/amd64"], access };

/** Registries that hold these digests by reference, and note what they are asked. */
function registries(content: Record<string, string | Error>) {
  const asked: string[] = [];
  const logins: (readonly AccessInput[])[] = [];
  const warnings: string[] = [];
  const infos: string[] = [];
  const find = (what: string, reference: ImageReference): string | undefined => {
    const { registry, repository, tag } = reference;
    const text = formatReference({ registry, repository, ...(tag !== undefined && { tag }) });
    asked.push(`${what} ${text}`);
    const found = content[text];
    if (found instanceof Error) throw found;
    return found;
  };
  const provider = imageCopyProvider({
    registriesFor: (logged) => {
      logins.push(logged);
      return {
        head: async (reference) => {
          const found = find("head", reference);
          return (await Promise.resolve(found)) === undefined ? undefined : ({ digest: found } as never);
        },
        resolve: async (reference) => {
          const found = find("resolve", reference);
          if (found === undefined) throw new ImageNotFoundError(formatReference(reference));
          return Promise.resolve({
            digest: found,
            size: 10,
            platforms: [{ os: "linux", architecture: "amd64" }],
          } as never);
        },
        client: () => {
          throw new Error("this process copies by copy()");
        },
        copy: async (from, to) => {
          const found = find("copy", from);
          content[formatReference(to)] = found ?? "";
          return Promise.resolve({ digest: from.digest } as never);
        },
      };
    },
    log: { info: (message) => infos.push(message), warn: (message) => warnings.push(message), status: () => undefined },
    now: () => new Date("2026-01-02T03:04:05Z"),
  });
  return { provider, asked, logins, warnings, infos, content };
}

describe("check", () => {
  it("resolves the tag to digest, size and platforms", async () => {
    const { provider, asked } = registries({ [source]: digest });
    expect(await provider.check?.({}, { source, target, access })).toEqual({ inputs: done });
    expect(asked).toEqual([`resolve ${source}`]);
  });

  it("asks with one HEAD when the last update has resolved it, and reads manifests only for a new digest", async () => {
    const same = registries({ [source]: digest });
    expect(await same.provider.check?.(done, { source, target, access })).toEqual({ inputs: done });
    expect(same.asked).toEqual([`head ${source}`]);

    const moved = registries({ [source]: other });
    expect(await moved.provider.check?.(done, { source, target, access })).toEqual({
      inputs: { ...done, digest: other },
    });
    expect(moved.asked).toEqual([`head ${source}`, `resolve ${source}`]);
  });

  it("asks nothing for a digest that the program and the last update agree on", async () => {
    const { provider, asked } = registries({});
    expect(await provider.check?.(done, { source, target, digest, access })).toEqual({ inputs: done });
    expect(asked).toEqual([]);
  });

  it.each([
    ["source", { source: UNKNOWN, target, access }],
    ["login", { source, target, access: [{ host: "mirror.test", username: "ci", password: UNKNOWN }] }],
  ])("waits for an unknown %s", async (_, news) => {
    const { provider, asked } = registries({});
    expect(await provider.check?.({}, news)).toEqual({ inputs: news });
    expect(asked).toEqual([]);
  });

  it("fails for an image that is not there", async () => {
    const { provider } = registries({});
    const result = await provider.check?.({}, { source, target, access });
    expect(result?.failures).toEqual([{ property: "source", reason: expect.stringContaining(source) as string }]);
  });

  it("keeps what the last update knew while the source cannot be reached", async () => {
    const { provider, warnings } = registries({ [source]: new RegistryUnreachableError("quay.io", "timeout") });
    expect(await provider.check?.(done, { source, target, access })).toEqual({ inputs: done });
    expect(warnings).toEqual([expect.stringContaining(digest)]);
    const first = await provider.check?.({}, { source, target, access });
    expect(first?.failures).toHaveLength(1);
  });

  it("names an invalid reference", async () => {
    const { provider } = registries({});
    const result = await provider.check?.({}, { source: "Quay.io/A B", target, access });
    expect(result?.failures?.[0]?.reason).toContain("Quay.io/A B");
  });
});

describe("layouts that stand for every host", () => {
  const layouts: AccessInput = { host: "*", layouts: ["bundle.tar"] };
  it.each<[string, AccessInput[], AccessInput[]]>([
    ["without an entry", [layouts], [layouts, { host: "mirror.test" }]],
    [
      "with an entry, however it is spelled",
      [layouts, { host: "Mirror.test:443" }],
      [layouts, { host: "Mirror.test:443" }],
    ],
  ])("are not read in place of a target %s", async (_, given, reached) => {
    const { provider, logins } = registries({ [source]: digest });
    await provider.diff?.(target, done, { ...done, access: given });
    await provider.create({ ...done, access: given });
    expect(logins).toEqual([reached, reached]);
  });
});

describe("diff", () => {
  it("sees no change in another login", async () => {
    const { provider } = registries({ [target]: digest });
    const rotated = { ...done, access: [{ host: "mirror.test", username: "ci", password: "rotated!" }] };
    expect(await provider.diff?.(target, done, rotated)).toEqual({ changes: false });
  });

  it("checks with the new login", async () => {
    const { provider, logins } = registries({ [target]: digest });
    const rotated = [{ host: "mirror.test", username: "ci", password: "rotated!" }];
    await provider.diff?.(target, done, { ...done, access: rotated });
    expect(logins).toEqual([rotated]);
  });

  it.each([
    ["missing", {}, "missing"],
    ["retagged", { [target]: other }, other],
  ])("heals a target that is %s, and says so", async (_, content, word) => {
    const { provider, warnings } = registries(content);
    expect(await provider.diff?.(target, done, done)).toEqual({ changes: true });
    expect(warnings).toEqual([expect.stringContaining(word)]);
  });

  it.each([
    ["digest", { digest: other }, { changes: true }],
    ["source", { source: "quay.io/a/c:1" }, { changes: true }],
    ["target", { target: "mirror.test/x:1" }, { changes: true, replaces: ["target"] }],
  ])("sees a changed %s", async (_, change, expected) => {
    const { provider } = registries({ [target]: digest });
    expect(await provider.diff?.(target, done, { ...done, ...change })).toEqual(expected);
  });

  it.each([
    ["another digest beside the same tag", `${target}@${digest}`, `${target}@${other}`, undefined],
    ["a digest beside the tag", target, `${target}@${digest}`, undefined],
    ["another tag", `${target}@${digest}`, `mirror.test/a/b:2@${digest}`, ["target"]],
    ["another digest without a tag", `mirror.test/a/b@${digest}`, `mirror.test/a/b@${other}`, ["target"]],
  ])("brings %s to where it is", async (_, before, now, replaces) => {
    const { provider } = registries({ [target]: digest });
    const answer = await provider.diff?.(before, { ...done, target: before }, { ...done, target: now });
    expect(answer).toEqual({ changes: true, ...(replaces && { replaces }) });
  });

  it("finds a pinned target gone when its tag is", async () => {
    const pinned = { ...done, target: `${target}@${digest}` };
    const { provider, asked } = registries({ [target]: digest });
    expect(await provider.diff?.(target, pinned, pinned)).toEqual({ changes: false });
    expect(asked).toEqual([`head ${target}`]);
    expect(await registries({}).provider.diff?.(target, pinned, pinned)).toEqual({ changes: true });
  });

  it("brings signatures to an image that came without them, and takes none away", async () => {
    const { provider } = registries({ [target]: digest });
    const signed = { ...done, referrers: true };
    expect(await provider.diff?.(target, done, signed)).toEqual({ changes: true });
    expect(await provider.diff?.(target, signed, signed)).toEqual({ changes: false });
    expect(await provider.diff?.(target, signed, done)).toEqual({ changes: false });
  });

  it("has foreign layers brought or refused that were left out", async () => {
    const { provider } = registries({ [target]: digest });
    const [copied, refused, skipped] = (["copy", "refuse", "skip"] as const).map((foreignLayers) => ({
      ...done,
      foreignLayers,
    }));
    for (const news of [copied, refused]) {
      expect(await provider.diff?.(target, done, news)).toEqual({ changes: true });
      expect(await provider.diff?.(target, news, news)).toEqual({ changes: false });
      expect(await provider.diff?.(target, news, done)).toEqual({ changes: false });
    }
    expect(await provider.diff?.(target, done, skipped)).toEqual({ changes: false });
  });

  it.each([
    new LoginRefusedError("mirror.test", "ci"),
    new LoginRequiredError("mirror.test", "looking for an image"),
    new AccessDeniedError("mirror.test", "ci", "looking for an image"),
  ])("lets an update look again where the mirror does not tell what it has ($code)", async (error) => {
    const { provider, warnings } = registries({ [target]: error });
    expect(await provider.diff?.(target, done, done)).toEqual({ changes: true });
    expect(warnings).toHaveLength(1);
  });

  it("does not stop a preview that cannot reach the mirror", async () => {
    const { provider, warnings } = registries({ [target]: new RegistryUnreachableError("mirror.test", "timeout") });
    expect(await provider.diff?.(target, done, done)).toEqual({ changes: false });
    expect(warnings).toHaveLength(1);
  });
});

describe("a tag that has moved", () => {
  const since = { ...done, mirroredAt: "2026-01-02T03:04:05.000Z" };

  it("is followed, and shown with both digests and the day of the old one", async () => {
    const { provider, warnings } = registries({ [source]: other });
    const checked = await provider.check?.(done, { source, target, access });
    expect(await provider.diff?.(target, since, checked?.inputs as ImageCopyInputs)).toEqual({ changes: true });
    expect(warnings).toEqual([
      `${source} is another image than before: it was ${digest}, mirrored since 2026-01-02, and becomes ${other}`,
    ]);
  });

  it("is kept where tags are pinned, and shown", async () => {
    const news = { source, target, access, tags: TagPolicy.Pin };
    const { provider, warnings, asked } = registries({ [source]: other });
    expect(await provider.check?.(done, news)).toEqual({ inputs: { ...done, tags: "pin" } });
    expect(asked).toEqual([`head ${source}`]);
    expect(warnings).toEqual([
      `The tag of ${source} has moved: it was ${digest} and is ${other} now. It stays what it was: tags are pinned`,
    ]);
  });

  it.each([
    ["is where it was", { [source]: digest }],
    ["has gone", {}],
    ["is in a registry that cannot be reached", { [source]: new RegistryUnreachableError("quay.io", "timeout") }],
  ])("is no matter where it %s and tags are pinned", async (_, content) => {
    const { provider, warnings } = registries(content);
    const news = { source, target, access, tags: TagPolicy.Pin };
    expect(await provider.check?.(done, news)).toEqual({ inputs: { ...done, tags: "pin" } });
    expect(warnings).toEqual([]);
  });

  it("is resolved the first time where tags are pinned, and for another source", async () => {
    const { provider } = registries({ [source]: other });
    const news = { source, target, access, tags: TagPolicy.Pin };
    const resolved = { inputs: { ...done, digest: other, tags: "pin" } };
    expect(await provider.check?.({}, news)).toEqual(resolved);
    expect(await provider.check?.({ ...done, source: "quay.io/a/b:0" }, news)).toEqual(resolved);
  });

  it("is an error with both digests and the ways out where tags must not move", async () => {
    const news = { source, target, access, tags: TagPolicy.Fail };
    expect(await registries({ [source]: other }).provider.check?.(done, news)).toEqual({
      failures: [{ property: "source", reason: messageWithAddresses(new MovedTagError(source, digest, other)) }],
    });
    expect(await registries({ [source]: digest }).provider.check?.(done, news)).toEqual({
      inputs: { ...done, tags: "fail" },
    });
  });
});

describe("what many images have in common is told of the first", () => {
  const names = ["a", "b", "c"];
  const of = (name: string): ImageCopyInputs => ({
    ...done,
    source: `quay.io/a/${name}:1`,
    target: `mirror.test/a/${name}:1`,
  });
  it.each<[string, (name: string) => Error, number]>([
    ["a refused login", () => new LoginRefusedError("mirror.test", "ci"), 1],
    ["a missing login", (name) => new LoginRequiredError("mirror.test", `looking for ${name}`), 1],
    ["a missing right", (name) => new AccessDeniedError("mirror.test", "ci", `looking for ${name}`), 1],
    ["a mirror that does not answer", () => new RegistryUnreachableError("mirror.test", "it is down"), 1],
    ["errors of other kinds", (name) => new Error(name), 3],
  ])("%s", async (_, error, count) => {
    const failing = Object.fromEntries(names.map((name) => [of(name).target, error(name)]));
    const looking = registries(failing);
    for (const name of names) await looking.provider.diff?.("id", of(name), of(name));
    expect(looking.warnings).toHaveLength(count);
    const reading = registries(failing);
    for (const name of names) await reading.provider.read?.("id", of(name));
    expect(reading.warnings).toHaveLength(count);
  });

  it("and of each registry once", async () => {
    const { provider, warnings } = registries({
      "mirror.test/a/b:1": new LoginRefusedError("mirror.test", "ci"),
      "other.test/a/b:1": new LoginRefusedError("other.test", "ci"),
    });
    for (const place of ["mirror.test", "other.test", "mirror.test"]) {
      const there = { ...done, target: `${place}/a/b:1` };
      await provider.diff?.("id", there, there);
    }
    expect(warnings.map((text) => /Registry (\S+)/.exec(text)?.[1])).toEqual(["mirror.test", "other.test"]);
  });

  it("as is a source that cannot be reached", async () => {
    const down = new RegistryUnreachableError("quay.io", "it is down");
    const { provider, warnings } = registries(Object.fromEntries(names.map((name) => [of(name).source, down])));
    for (const name of names) {
      const { digest: _, size: __, platforms: ___, ...asked } = of(name);
      expect(await provider.check?.(of(name), asked)).toMatchObject({ inputs: { digest } });
    }
    expect(warnings).toHaveLength(1);
  });
});

describe("create, update, read and delete", () => {
  it("copies by digest", async () => {
    const { provider, asked, content } = registries({ [source]: digest });
    const outs = { ...done, mirroredAt: "2026-01-02T03:04:05.000Z" };
    expect(await provider.create(done)).toEqual({ id: target, outs });
    expect(asked).toEqual([`copy ${source}`]);
    expect(content[target]).toBe(digest);
    expect(await provider.update?.(target, done, done)).toEqual({ outs });
  });

  it("reads what the target holds now", async () => {
    expect(await registries({ [target]: other }).provider.read?.(target, done)).toEqual({
      id: target,
      props: { ...done, digest: other },
    });
    expect(await registries({}).provider.read?.(target, done)).toEqual({});
  });

  it("leaves the image when it goes, and says so", async () => {
    const { provider, asked, infos } = registries({ [target]: digest });
    await provider.delete?.(target, done);
    expect(asked).toEqual([]);
    expect(infos).toEqual([`${target} stays in the mirror: pods may still pull it`]);
  });

  it("never says a password", async () => {
    const failing = registries({
      [source]: new RegistryUnreachableError("quay.io", "timeout"),
      [target]: new Error("no"),
    });
    const result = await failing.provider.check?.({}, { source, target, access });
    await failing.provider.diff?.(target, done, done);
    const error = await failing.provider.create(done).catch((e: unknown) => e);
    expect(JSON.stringify([result, failing.warnings, String(error)])).not.toContain("hunter2!");
  });
});
