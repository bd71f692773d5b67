import { makeImage, pushImage } from "../../support/images";
import { at, failure, Fixture } from "../fixture";

import { expectComplete, multiPlatform, writes } from "./copies";

const fixture = new Fixture();

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
