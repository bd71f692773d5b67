import { digestOf } from "../../src/image/digest";
import { parsePlatform, type Platform } from "../../src/image/platform";
import { MediaType } from "../../src/oci/mediaTypes";
import type { CopyEvent } from "../../src/oci/progress";
import {
  makeArtifact,
  makeChartArtifact,
  makeImage,
  makeSchema1Image,
  pushImage,
  seededBlob,
  type SyntheticImage,
} from "../support/images";
import type { BehaviourOption, TestRegistry } from "../support/registry";
import { at, failure, Fixture } from "./fixture";

const fixture = new Fixture();
const BLOB_GET = { method: "GET", path: /\/blobs\/sha/ };
const WRITES = ["POST", "PUT", "PATCH"];

const writes = (server: TestRegistry) => server.requests.all.filter(({ method }) => WRITES.includes(method));
const multiPlatform = () =>
  makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (platform) => [
      { size: 700_000, seed: platform },
      { size: 3_000, seed: "shared" },
    ],
  });

async function expectComplete(target: TestRegistry, repository: string, tag: string, image: SyntheticImage) {
  expect(await target.defects(repository, tag)).toEqual([]);
  expect(target.tag(repository, tag)).toBe(image.digest);
}

describe("what is copied", () => {
  it("an index with all platforms: children by digest first, the tag last and only for the index", async () => {
    const [source, target] = await fixture.pair();
    const image = multiPlatform();
    await pushImage(source, "team/app:1.0", image);
    const events: CopyEvent[] = [];
    const result = await fixture
      .client([source, target])
      .copy(at(source, "team/app:1.0"), at(target, "mirror/app:1.0"), { onProgress: (event) => events.push(event) });
    expect(result).toMatchObject({ digest: image.digest, unchanged: false, bytesCopied: image.size, bytesSkipped: 0 });
    await expectComplete(target, "mirror/app", "1.0", image);
    const puts = target.requests.find({ method: "PUT", path: /\/manifests\// }).map(({ path }) => path);
    expect(puts).toHaveLength(3);
    expect(puts.at(-1)).toBe("/v2/mirror/app/manifests/1.0");
    expect(puts.slice(0, 2).every((path) => path.includes("/manifests/sha256:"))).toBe(true);
    expect(events[0]).toMatchObject({ type: "planned", bytesTotal: image.size, blobs: image.blobs.length });
    expect(events.filter(({ type }) => type === "blob")).toHaveLength(image.blobs.length);
    expect(events.at(-1)).toEqual({ type: "copied", image: `${target.host}/mirror/app:1.0`, result });
  });

  const docker = { mediaTypes: "docker" as const };
  const cases: [string, () => SyntheticImage][] = [
    ["an image without index", () => makeImage()],
    ["a Docker image", () => makeImage(docker)],
    ["a Docker manifest list", () => makeImage({ ...docker, platforms: ["linux/amd64", "linux/s390x"] })],
    ["an image without layers", () => makeImage({ layers: [] })],
    ["an image with an empty layer", () => makeImage({ layers: [{ bytes: Buffer.alloc(0) }] })],
    [
      "an image with the same layer twice",
      () => makeImage({ layers: [1, 1].map((seed) => ({ size: 900_000, seed })) }),
    ],
    ["an artifact with the empty config", () => makeArtifact({ artifactType: "application/vnd.example+json" })],
    ["a Helm chart", () => makeChartArtifact(Buffer.from("archive"), { name: "c", version: "1.0.0" })],
  ];
  it.each(cases)("%s, byte for byte", async (_, make) => {
    const [source, target] = await fixture.pair();
    const image = make();
    await pushImage(source, "a/b:1", image);
    await fixture.client([source, target]).copy(at(source, "a/b:1"), at(target, "c/d:2"));
    await expectComplete(target, "c/d", "2", image);
    expect(target.manifest("c/d", "2")?.mediaType).toBe(image.mediaType);
  });

  it("a manifest without a config is read; a target that takes none says so, and gets no tag", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    const blob = seededBlob(2000, "sbom");
    const layers = [{ mediaType: "text/plain", digest: blob.digest, size: blob.size }];
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, layers }));
    await source.putBlob("a", blob.digest, blob.read());
    source.putManifest("a", MediaType.OCI_MANIFEST, bytes, "1");
    const client = fixture.client([source, target]);
    expect(await client.resolve(at(source, "a:1"))).toMatchObject({
      digest: digestOf(bytes),
      size: 2000,
      platforms: [],
    });
    const error = await failure(client.copy(at(source, "a:1"), at(target, "a:1")));
    expect(error).toMatchObject({ code: "REGISTRY_FAILED", status: 400 });
    expect(target.tags("a")).toEqual([]);
  });

  it("not an index whose registry lacks a part of it: the error says which, and no tag names the rest", async () => {
    const [source, target] = await fixture.pair();
    const image = multiPlatform();
    await pushImage(source, "a:1", image);
    const [, second] = image.manifests;
    source.deleteManifest("a", second?.digest as typeof image.digest);
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "m:1")));
    expect(error.code).toBe("INDEX_INCOMPLETE");
    expect(error.message).toContain(`for linux/arm64, ${second?.digest}, which its registry does not have`);
    expect(target.tags("m")).toEqual([]);
    const platforms = [{ os: "linux", architecture: "amd64" }];
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "m:1"), { platforms });
    expect(await target.defects("m", "1")).toEqual([]);
  });

  it("not Docker schema 1: the error says why", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "old:1", makeSchema1Image("old", "1"));
    const error = await failure(fixture.client([source, target]).copy(at(source, "old:1"), at(target, "old:1")));
    expect(error).toMatchObject({ code: "UNSUPPORTED_MANIFEST" });
    expect(error.message).toContain(`${source.host}/old:1`);
    expect(error.message).toContain("schema 1");
    expect(writes(target)).toEqual([]);
  });

  it("an image named by tag and digest, to a target with its tag", async () => {
    const [source, target] = await fixture.pair();
    const image = multiPlatform();
    await pushImage(source, "a", image);
    await fixture.client([source, target]).copy(at(source, `a:gone@${image.digest}`), at(target, "a:1"));
    await expectComplete(target, "a", "1", image);
  });

  it("an image to a target named by digest alone, which stays untagged", async () => {
    const [source, target] = await fixture.pair();
    const image = makeImage();
    await pushImage(source, "a:1", image);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, `a@${image.digest}`));
    expect(await target.defects("a", image.digest)).toEqual([]);
    expect(target.tags("a")).toEqual([]);
  });

  it("nothing to a target pinned to another digest", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", makeImage());
    const other = digestOf("other");
    const copy = fixture.client([source, target]).copy(at(source, "a:1"), at(target, `a:1@${other}`));
    expect(await failure(copy)).toMatchObject({ code: "TARGET_DIGEST_DIFFERS" });
    expect(writes(target)).toEqual([]);
  });
});

describe("what is there already", () => {
  it("an unchanged image costs one HEAD at each end", async () => {
    const [source, target] = await fixture.pair();
    const image = multiPlatform();
    await pushImage(source, "a:1", image);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    source.requests.clear();
    target.requests.clear();
    const result = await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    expect(result).toMatchObject({ unchanged: true, digest: image.digest, bytesCopied: 0 });
    expect([...source.requests.all, ...target.requests.all].map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
  });

  it("an unchanged image pinned by digest is not asked for at its source", async () => {
    const [source, target] = await fixture.pair();
    const image = multiPlatform();
    await pushImage(target, "b:1", image);
    await fixture.client([source, target]).copy(at(source, `a@${image.digest}`), at(target, "b:1"));
    expect(source.requests.all).toEqual([]);
    expect(target.requests.count()).toBe(1);
  });

  it("a tag that moved is moved, and only the new layer travels", async () => {
    const [source, target] = await fixture.pair();
    const layers = (seed: string) => [
      { size: 600_000, seed: "base" },
      { size: 1000, seed },
    ];
    const [old, fresh] = [makeImage({ layers: layers("old") }), makeImage({ layers: layers("new") })];
    await pushImage(target, "b:1", old);
    await pushImage(source, "a:1", fresh);
    const result = await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", fresh);
    expect(result.bytesSkipped).toBeGreaterThanOrEqual(600_000);
    expect(result.bytesCopied).toBeLessThan(10_000);
  });

  it("a deleted image is healed from the blobs that are left, children that are left are not read again", async () => {
    const [source, target] = await fixture.pair();
    const image = multiPlatform();
    await pushImage(source, "a:1", image);
    await pushImage(target, "b:1", image);
    target.deleteManifest("b", image.digest);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", image);
    expect(source.requests.count({ method: "GET" })).toBe(1);
    expect(writes(target)).toHaveLength(1);
  });

  it("a part that was deleted below an index is named by a preview, and healed once the index is deleted, too", async () => {
    const [source, target] = await fixture.pair();
    const image = multiPlatform();
    await pushImage(source, "a:1", image);
    await pushImage(target, "b:1", image);
    const [, second] = image.manifests;
    target.deleteManifest("b", second?.digest as typeof image.digest);
    const error = await failure(fixture.client([source, target]).preview(at(source, "a:1"), at(target, "b:1")));
    expect(error).toMatchObject({ code: "INDEX_INCOMPLETE", missing: second?.digest });
    expect(error.message).toMatch(/The index .*b@.* for linux\/arm64.*delete the index and copy it again/);
    target.deleteManifest("b", image.digest);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
    await expectComplete(target, "b", "1", image);
  });

  it("an image that is there under its digest only gets its tag", async () => {
    const [source, target] = await fixture.pair();
    const image = multiPlatform();
    await pushImage(source, "a:1", image);
    await pushImage(target, "b", image);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:2"));
    await expectComplete(target, "b", "2", image);
    expect(writes(target)).toHaveLength(1);
  });

  it("what the client remembers is not believed against the registry", async () => {
    const [source, target] = await fixture.pair();
    const layers = [{ size: 600_000, seed: "base" }];
    const [one, two] = [makeImage({ layers }), makeImage({ layers, config: { User: "1" } })];
    await pushImage(source, "a:1", one);
    await pushImage(source, "a:2", two);
    const client = fixture.client([source, target]);
    await client.copy(at(source, "a:1"), at(target, "b:1"));
    const blob = one.blobs.find(({ size }) => size === 600_000);
    target.deleteBlob("b", blob?.digest as never);
    await client.copy(at(source, "a:2"), at(target, "b:2"));
    await expectComplete(target, "b", "2", two);
  });
});

describe("blobs that images share", () => {
  const images = () =>
    [1, 2, 3, 4].map((seed) =>
      makeImage({
        layers: [
          { size: 1_500_000, seed: "base" },
          { size: 20_000, seed: "tools" },
          { size: 5000, seed },
        ],
      }),
    );
  const targets: [string, BehaviourOption, { mountWorks: boolean; tags?: boolean }][] = [
    ["where mounts work", "specification", { mountWorks: true }],
    ["where a mount is answered with an upload", { mount: "upload" }, { mountWorks: false }],
    ["where mounts are refused", { mount: "refused" }, { mountWorks: false }],
  ];
  it.each(targets)("arrive whole %s", async (_, behaviour, { mountWorks }) => {
    const [source, target] = await fixture.pair({ behaviour });
    const all = images();
    await Promise.all(all.map((image, i) => pushImage(source, `app${i}:1`, image)));
    const client = fixture.client([source, target]);
    await Promise.all(all.map((_, i) => client.copy(at(source, `app${i}:1`), at(target, `m/app${i}:1`))));
    for (const [i, image] of all.entries()) await expectComplete(target, `m/app${i}`, "1", image);
    const distinct = new Set(all.flatMap(({ blobs }) => blobs.map(({ digest }) => digest)));
    if (mountWorks) expect(source.requests.count(BLOB_GET)).toBe(distinct.size);
    expect(target.requests.find({ path: /mount=/ }).every(({ path }) => path.includes("&from="))).toBe(true);
  });

  it("are read once although the mount is first answered with 500", async () => {
    const [source, target] = await fixture.pair();
    const all = images();
    await Promise.all(all.map((image, i) => pushImage(source, `app${i}:1`, image)));
    target.faults.add({ match: { path: /mount=/ }, action: { kind: "answer", status: 500 } });
    const client = fixture.client([source, target]);
    await Promise.all(all.map((_, i) => client.copy(at(source, `app${i}:1`), at(target, `m/app${i}:1`))));
    for (const [i, image] of all.entries()) await expectComplete(target, `m/app${i}`, "1", image);
  });

  it("are mounted from the source's repository where source and target are one registry", async () => {
    const registry = await fixture.registry();
    const image = multiPlatform();
    await pushImage(registry, "dev/app:1", image);
    const result = await fixture.client([registry]).copy(at(registry, "dev/app:1"), at(registry, "prod/app:1"));
    await expectComplete(registry, "prod/app", "1", image);
    expect(result).toMatchObject({ bytesMounted: image.size, bytesCopied: 0 });
    expect(registry.requests.count(BLOB_GET)).toBe(0);
  });

  it("need nothing when an image only gets another tag in its repository", async () => {
    const registry = await fixture.registry();
    const image = multiPlatform();
    await pushImage(registry, "app:1", image);
    await fixture.client([registry]).copy(at(registry, "app:1"), at(registry, "app:stable"));
    await expectComplete(registry, "app", "stable", image);
    expect(writes(registry)).toHaveLength(1);
  });

  it("are led by another image when the first one that needs them fails", async () => {
    const [source, target] = await fixture.pair();
    const all = images();
    await Promise.all(all.map((image, i) => pushImage(source, `app${i}:1`, image)));
    source.deleteBlob("app0", all[0]?.blobs.find(({ size }) => size === 1_500_000)?.digest as never);
    const client = fixture.client([source, target]);
    const results = await Promise.allSettled(
      all.map((_, i) => client.copy(at(source, `app${i}:1`), at(target, `m/app${i}:1`))),
    );
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
    expect(target.tags("m/app0")).toEqual([]);
    for (const [i, image] of all.entries()) if (i > 0) await expectComplete(target, `m/app${i}`, "1", image);
  });
});

describe("a subset of platforms", () => {
  const three = () => makeImage({ platforms: ["linux/amd64", "linux/arm64", "linux/s390x"] });
  const amd64 = { os: "linux", architecture: "amd64" };

  it("gives a valid index of its own digest", async () => {
    const [source, target] = await fixture.pair();
    const image = three();
    await pushImage(source, "a:1", image);
    const wish = { platforms: [amd64, { os: "linux", architecture: "arm64" }] };
    const client = fixture.client([source, target]);
    const result = await client.copy(at(source, "a:1"), at(target, "a:1"), wish);
    expect(result.digest).not.toBe(image.digest);
    expect(target.tag("a", "1")).toBe(result.digest);
    expect(await target.defects("a", "1")).toEqual([]);
    const index = JSON.parse(String(target.manifest("a", "1")?.bytes)) as { manifests: { platform: object }[] };
    expect(index.manifests.map(({ platform }) => platform)).toEqual(wish.platforms);
    expect(await client.copy(at(source, "a:1"), at(target, "a:1"), wish)).toMatchObject({ unchanged: true });
  });

  it("keeps the index as it is when it takes everything", async () => {
    const [source, target] = await fixture.pair();
    const image = makeImage({ platforms: ["linux/amd64"], index: true });
    await pushImage(source, "a:1", image);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { platforms: [amd64] });
    await expectComplete(target, "a", "1", image);
  });

  it.each<[string, string | undefined]>([
    ["linux/amd64", undefined],
    ["linux/arm64", "PLATFORM_NOT_FOUND"],
  ])("takes an image that stands in no index for %s when it is for that", async (text, code) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", makeImage({ platforms: ["linux/amd64"] }));
    const platforms = [parsePlatform(text) as Platform, { os: "linux", architecture: "s390x" }];
    const copy = fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { platforms });
    if (code === undefined) await copy;
    else
      expect(await failure(copy)).toMatchObject({
        code,
        message: expect.stringContaining("It has linux/amd64") as string,
      });
    expect(target.tags("a")).toEqual(code === undefined ? ["1"] : []);
  });

  it.each([
    ["a chart", makeChartArtifact(Buffer.from("chart"), { name: "c", version: "1" })],
    ["an artifact", makeArtifact({ artifactType: "application/vnd.example" })],
  ])("takes %s whole, which is for all platforms", async (_, artifact) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", artifact);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { platforms: [amd64] });
    await expectComplete(target, "a", "1", artifact);
  });

  it("knows the platforms that an index does not say, by the images' configurations; nested indexes stay whole", async () => {
    const [source, target] = await fixture.pair();
    const image = three();
    await pushImage(source, "a", image);
    const children = (JSON.parse(String(image.manifests.at(-1)?.bytes)) as { manifests: { platform?: object }[] })
      .manifests;
    const silent = children.map(({ platform: _, ...entry }) => entry);
    const nested = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests: children.slice(0, 2) }),
    );
    const inner = source.putManifest("a", MediaType.OCI_INDEX, nested);
    const entry = { mediaType: MediaType.OCI_INDEX, digest: inner, size: nested.length };
    const absent = { ...entry, mediaType: MediaType.OCI_MANIFEST, digest: digestOf("absent") };
    const index = (manifests: object[]) =>
      Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests }));
    const keptOf = async (tag: string, manifests: object[]) => {
      source.putManifest("a", MediaType.OCI_INDEX, index(manifests), tag);
      const client = fixture.client([source, target]);
      await client.copy(at(source, `a:${tag}`), at(target, `a:${tag}`), { platforms: [amd64] });
      expect(await target.defects("a", tag)).toEqual([]);
      return (JSON.parse(String(target.manifest("a", tag)?.bytes)) as { manifests: object[] }).manifests;
    };
    expect(await keptOf("silent", silent)).toEqual(silent.slice(0, 1));
    expect(await keptOf("nested", [entry, children[2] as object])).toEqual([entry]);
    expect(await keptOf("sparse", [children[0] as object, absent])).toEqual(children.slice(0, 1));
  });

  it("fails for a platform that the image lacks, and names those that it has", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", three());
    const copy = fixture
      .client([source, target])
      .copy(at(source, "a:1"), at(target, "a:1"), { platforms: [amd64, { os: "windows", architecture: "amd64" }] });
    const error = await failure(copy);
    expect(error.code).toBe("PLATFORM_NOT_FOUND");
    expect(error.message).toContain("windows/amd64");
    expect(error.message).toContain("linux/s390x");
    expect(writes(target)).toEqual([]);
  });
});

describe("foreign layers", () => {
  const make = (server: TestRegistry) =>
    makeImage({
      layers: [
        { size: 1000, seed: 1 },
        { foreign: { urls: [`${server.url}/v2/layers/blobs/${seededBlob(4000, "w").digest}`], size: 4000, seed: "w" } },
      ],
    });

  it("stay where they are by default", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    const image = make(source);
    await pushImage(source, "a:1", image);
    const result = await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"));
    expect(target.tag("a", "1")).toBe(image.digest);
    expect(result.bytesCopied).toBe(image.size);
  });

  it("are refused on request, before anything is written", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", make(source));
    const copy = fixture
      .client([source, target])
      .copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "refuse" });
    expect(await failure(copy)).toMatchObject({ code: "FOREIGN_LAYER" });
    expect(writes(target)).toEqual([]);
  });

  it("that the target does not take are told as what they are", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    await pushImage(source, "a:1", make(source));
    target.faults.add({
      match: { method: "PUT", path: /manifests/, times: Infinity },
      action: { kind: "answer", status: 500, body: '{"errors":[{"code":"UNKNOWN","message":"unknown error"}]}' },
    });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1")));
    expect(error.code).toBe("FOREIGN_LAYER_REFUSED");
    expect(error.message).toMatch(new RegExp(`${seededBlob(4000, "w").digest}.*status 500.*urls\\.allow`));
    expect(target.tags("a")).toEqual([]);
  });

  it("are copied on request, from their owner where the registry lacks them", async () => {
    const [source, target] = await fixture.pair();
    const layer = seededBlob(4000, "w");
    await source.putBlob("layers", layer.digest, layer.read());
    await pushImage(source, "a:1", make(source));
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "copy" });
    expect(await target.blob("a", layer.digest)).toHaveLength(4000);
  });
});

describe("kinds of registries", () => {
  const big = () =>
    makeImage({
      platforms: ["linux/amd64", "linux/arm64"],
      layers: (p) => [
        { size: 6_000_000, seed: p },
        { size: 10, seed: p },
      ],
    });

  it.each<[string, BehaviourOption]>([
    ["Azure", "acr"],
    ["Artifact Registry", "artifactRegistry"],
    ["Quay", "quay"],
    ["Distribution", "distribution"],
    ["Harbor", "harbor"],
    ["GHCR", { chunks: "overwritten" }],
    ["one that takes no PUT of a whole blob", { maximumMonolithic: 0 }],
  ])("%s takes an image", async (_, behaviour) => {
    const [source, target] = await fixture.pair({ behaviour });
    const image = big();
    await pushImage(source, "a:1", image);
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"));
    await expectComplete(target, "a", "1", image);
  });

  it("a registry that takes blobs in one POST gets small ones so; any other is asked for that once", async () => {
    const image = makeImage({ layers: [1, 2, 3, 4, 5].map((seed) => ({ size: 2000, seed })) });
    const sessions = { [String(true)]: 0, [String(false)]: image.blobs.length };
    for (const singlePost of [true, false]) {
      const [source, target] = await fixture.pair({ behaviour: { singlePost } });
      await pushImage(source, "a:1", image);
      await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"));
      await expectComplete(target, "a", "1", image);
      expect(target.requests.count({ method: "PUT", path: /uploads/ })).toBe(sessions[String(singlePost)]);
      expect(target.requests.count({ method: "POST", path: /uploads/ })).toBe(image.blobs.length);
    }
  });

  it("ECR takes an image into a repository that exists, and the same one again", async () => {
    const [source, target] = await fixture.pair({ behaviour: "ecr" });
    const image = big();
    await pushImage(source, "a:1", image);
    target.createRepository("a");
    const client = fixture.client([source, target]);
    await Promise.all([1, 2, 3].map(() => client.copy(at(source, "a:1"), at(target, "a:1"))));
    await expectComplete(target, "a", "1", image);
  });

  it("a missing repository is an error with a remedy, and no upload is tried again and again", async () => {
    const [source, target] = await fixture.pair({ behaviour: "ecr" });
    await pushImage(source, "a:1", big());
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "none/a:1")));
    expect(error).toMatchObject({ code: "REPOSITORY_MISSING", repository: "none/a" });
    expect(error.message).toMatch(/Create it/);
    expect(target.requests.count({ method: "POST" })).toBeLessThanOrEqual(4);
  });

  it("an immutable tag with another digest is an error that names both", async () => {
    const [source, target] = await fixture.pair({ behaviour: { immutableTags: true } });
    const [old, fresh] = [makeImage({ config: { User: "1" } }), makeImage({ config: { User: "2" } })];
    await pushImage(target, "a:1", old);
    await pushImage(source, "a:1", fresh);
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1")));
    expect(error.code).toBe("TAG_IMMUTABLE");
    expect(error.message).toContain(old.digest);
    expect(error.message).toContain(fresh.digest);
    expect(target.tag("a", "1")).toBe(old.digest);
  });

  it("an empty blob that the target refuses is an error, not a tag without it", async () => {
    const [source, target] = await fixture.pair({ behaviour: { emptyBlobs: false } });
    await pushImage(source, "a:1", makeImage({ layers: [{ bytes: Buffer.alloc(0) }] }));
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1")));
    expect(error).toMatchObject({ code: "REGISTRY_FAILED" });
    expect(target.tags("a")).toEqual([]);
  });
});

describe("digests of SHA-512", () => {
  it("name a manifest that a tag then names by the registry's own", async () => {
    const [source, target] = await fixture.pair();
    const image = makeImage();
    await pushImage(source, "a:1", image);
    const { bytes, mediaType } = image.manifests.at(-1) as (typeof image.manifests)[number];
    const digest = digestOf(bytes, "sha512");
    const headers = { "content-type": mediaType, "docker-content-digest": digest };
    const action = { kind: "answer", status: 200, headers, body: bytes.toString("utf8") } as const;
    source.faults.add({ match: { path: /manifests\/sha512/, times: Infinity }, action });
    const result = await fixture.client([source, target]).copy(at(source, `a@${digest}`), at(target, "m:1"));
    expect(result.digest).toBe(digest);
    await expectComplete(target, "m", "1", image);
  });
});

describe("mistakes", () => {
  it.each([
    ["a tag that is not there", "a:2", "TAG_NOT_FOUND"],
    ["a digest that is not there", `a@${digestOf("x")}`, "IMAGE_NOT_FOUND"],
    ["a repository that is not there", "none:1", "IMAGE_NOT_FOUND"],
  ])("%s", async (_, name, code) => {
    const [source, target] = await fixture.pair({}, { behaviour: { createOnPush: false } });
    source.createRepository("a");
    await pushImage(source, "a:1", makeImage());
    const error = await failure(fixture.client([source, target]).copy(at(source, name), at(target, "a:1")));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(source.host);
    expect(writes(target)).toEqual([]);
  });

  it("a registry that is not there", async () => {
    const [source, target] = await fixture.pair();
    await source.close();
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1")));
    expect(error).toMatchObject({ code: "REGISTRY_UNREACHABLE", registry: source.host });
  });

  it("plain http that nobody asked for", async () => {
    const [source, target] = await fixture.pair();
    const client = fixture.client([source, target], {}, () => ({ plainHttp: false }));
    const error = await failure(client.copy(at(source, "a:1"), at(target, "a:1")));
    expect(error).toMatchObject({ code: "REGISTRY_SPEAKS_PLAIN_HTTP" });
    expect(error.message).toContain("plainHttp");
  });
});
