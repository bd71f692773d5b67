import { digestOf } from "../../../src/image/digest";
import { parsePlatform, type Platform } from "../../../src/image/platform";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { makeArtifact, makeChartArtifact, makeImage, pushImage } from "../../support/images";
import { at, failure, Fixture } from "../fixture";

import { expectComplete, writes } from "./copies";

const fixture = new Fixture();

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
