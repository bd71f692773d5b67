import { digestOf } from "../../../src/image/digest";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import type { CopyEvent } from "../../../src/oci/copy/progress";
import {
  makeArtifact,
  makeChartArtifact,
  makeImage,
  makeSchema1Image,
  pushImage,
  seededBlob,
  type SyntheticImage,
} from "../../support/images";
import { at, failure, Fixture } from "../fixture";

import { expectComplete, multiPlatform, writes } from "./copies";

const fixture = new Fixture();

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
