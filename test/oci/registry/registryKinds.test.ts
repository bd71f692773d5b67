/** The test of registry/client.ts and blobRequests.ts, with oddAnswers.test.ts: each request as kinds of registries answer it. */
import { makeImage, pushImage } from "../../support/images";
import type { BehaviourOption } from "../../support/registry";
import { at, failure, Fixture } from "../fixture";

import { expectComplete } from "../copy/copies";

const fixture = new Fixture();

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
