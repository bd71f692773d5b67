import { parseManifest } from "../../../src/oci/manifest/manifest";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { makeChartArtifact, makeImage, makeSchema1Image, pushImage } from "../../support/images";
import { at, failure, Fixture } from "../fixture";

const fixture = new Fixture();

describe("resolving a reference", () => {
  const image = makeImage({
    platforms: ["linux/amd64", "linux/arm64/v8"],
    layers: (seed) => [
      { size: 5000, seed },
      { size: 700, seed: "shared" },
    ],
  });

  it("tells digest, platforms, and the size of all blobs, each counted once", async () => {
    const registry = await fixture.registry();
    await pushImage(registry, "a:1", image);
    const resolved = await fixture.client([registry]).resolve(at(registry, "a:1"));
    expect(resolved).toMatchObject({
      digest: image.digest,
      mediaType: MediaType.OCI_INDEX,
      size: image.size,
      platforms: [
        { os: "linux", architecture: "amd64" },
        { os: "linux", architecture: "arm64", variant: "v8" },
      ],
    });
    expect(resolved.manifests.map(({ digest }) => digest)).toEqual(image.manifests.map(({ digest }) => digest));
  });

  it("reads the platform of an image without index from its config", async () => {
    const registry = await fixture.registry();
    await pushImage(registry, "a:1", makeImage({ platforms: ["linux/s390x"] }));
    const { platforms } = await fixture.client([registry]).resolve(at(registry, "a:1"));
    expect(platforms).toEqual([{ os: "linux", architecture: "s390x" }]);
  });

  it("reads each manifest once, however often it is asked for by digest", async () => {
    const registry = await fixture.registry();
    await pushImage(registry, "a:1", image);
    const client = fixture.client([registry]);
    const reference = at(registry, `a@${image.digest}`);
    await client.resolve(reference);
    await client.resolve(reference);
    expect(registry.requests.count({ method: "GET", path: /manifests/ })).toBe(3);
  });

  it("fills a pull-through cache by tag where it does not fill by digest", async () => {
    const upstream = await fixture.registry();
    await pushImage(upstream, "a:1", image);
    const cache = await fixture.registry({ behaviour: { fillsByDigest: false }, upstreams: [{ url: upstream.url }] });
    const { digest } = await fixture.client([cache]).resolve(at(cache, `a:1@${image.digest}`));
    expect(digest).toBe(image.digest);
  });

  it("has no platforms for an artifact", async () => {
    const registry = await fixture.registry();
    await pushImage(registry, "c:1", makeChartArtifact(Buffer.from("tgz"), { name: "c", version: "1.0.0" }));
    expect((await fixture.client([registry]).resolve(at(registry, "c:1"))).platforms).toEqual([]);
  });

  it("refuses schema 1", async () => {
    const registry = await fixture.registry();
    await pushImage(registry, "old:1", makeSchema1Image("old", "1"));
    expect(await failure(fixture.client([registry]).resolve(at(registry, "old:1")))).toMatchObject({
      code: "UNSUPPORTED_MANIFEST",
    });
  });
});

describe("head", () => {
  it("tells digest, type and size of what is there, and undefined of what is not", async () => {
    const registry = await fixture.registry();
    const image = makeImage();
    await pushImage(registry, "a:1", image);
    const client = fixture.client([registry]);
    const size = image.manifests.at(-1)?.bytes.length;
    expect(await client.head(at(registry, "a:1"))).toEqual({ digest: image.digest, mediaType: image.mediaType, size });
    expect(await client.head(at(registry, "a:2"))).toBeUndefined();
    expect(await client.head(at(registry, "b:1"))).toBeUndefined();
    expect(registry.requests.all.every(({ method }) => method === "HEAD")).toBe(true);
  });

  it("works where a registry does not know HEAD, or does not name the digest", async () => {
    const registry = await fixture.registry();
    const image = makeImage();
    await pushImage(registry, "a:1", image);
    registry.faults.add({ match: { method: "HEAD" }, action: { kind: "answer", status: 405 } });
    registry.faults.add({ match: { method: "HEAD", nth: 2 }, action: { kind: "answer", status: 200 } });
    const client = fixture.client([registry]);
    for (let i = 0; i < 2; i++) expect((await client.head(at(registry, "a:1")))?.digest).toBe(image.digest);
  });
});

describe("tags", () => {
  it("are listed over pages", async () => {
    const registry = await fixture.registry();
    const image = makeImage();
    const expected = Array.from({ length: 250 }, (_, i) => `v${String(i).padStart(3, "0")}`);
    for (const tag of expected) await pushImage(registry, `a:${tag}`, image);
    expect(await fixture.client([registry]).listTags(at(registry, "a"))).toEqual(expected);
  });

  it("of a missing repository are an error", async () => {
    const registry = await fixture.registry({ behaviour: "ecr" });
    expect(await failure(fixture.client([registry]).listTags(at(registry, "a")))).toMatchObject({
      code: "IMAGE_NOT_FOUND",
    });
  });
});

describe("artifacts", () => {
  const chart = Buffer.from("a chart archive");

  it("are pulled with config and layers", async () => {
    const registry = await fixture.registry();
    const made = makeChartArtifact(chart, { name: "c", version: "1.0.0" });
    await pushImage(registry, "charts/c:1.0.0", made);
    const pulled = await fixture.client([registry]).pullArtifact(at(registry, "charts/c:1.0.0"));
    expect(pulled.digest).toBe(made.digest);
    expect(JSON.parse(pulled.config.toString())).toMatchObject({ name: "c", version: "1.0.0" });
    expect(pulled.layers.map(({ descriptor, bytes }) => [descriptor.mediaType, bytes.toString()])).toEqual([
      [MediaType.HELM_CHART, chart.toString()],
    ]);
  });

  it("are pushed, and pushed again without uploads", async () => {
    const registry = await fixture.registry();
    const client = fixture.client([registry]);
    const artifact = {
      config: { mediaType: MediaType.HELM_CONFIG, bytes: Buffer.from("{}") },
      layers: [
        { mediaType: MediaType.HELM_CHART, bytes: chart, annotations: { "org.opencontainers.image.title": "c" } },
      ],
    };
    const pushed = await client.pushArtifact(at(registry, "charts/c:1"), artifact);
    expect(await registry.defects("charts/c", "1")).toEqual([]);
    expect(registry.tag("charts/c", "1")).toBe(pushed.digest);
    const bytes = registry.manifest("charts/c", "1")?.bytes as Buffer;
    expect(parseManifest(bytes, undefined, "c")).toMatchObject({
      config: { mediaType: MediaType.HELM_CONFIG, size: 2 },
      layers: [{ mediaType: MediaType.HELM_CHART, annotations: { "org.opencontainers.image.title": "c" } }],
    });
    registry.requests.clear();
    await client.pushArtifact(at(registry, "charts/c:2"), artifact);
    expect(registry.requests.count({ method: "POST" })).toBe(0);
  });

  it("survive a registry that is busy for a while", async () => {
    const registry = await fixture.registry();
    registry.faults.add({ match: { method: "PUT", times: 3 }, action: { kind: "answer", status: 503 } });
    const layers = [{ mediaType: MediaType.HELM_CHART, bytes: chart }];
    const config = { mediaType: MediaType.HELM_CONFIG, bytes: Buffer.from("{}") };
    await fixture.client([registry]).pushArtifact(at(registry, "c:1"), { config, layers });
    expect(await registry.defects("c", "1")).toEqual([]);
  });

  it("are not images of several platforms", async () => {
    const registry = await fixture.registry();
    await pushImage(registry, "a:1", makeImage({ platforms: ["linux/amd64", "linux/arm64"] }));
    expect(await failure(fixture.client([registry]).pullArtifact(at(registry, "a:1")))).toMatchObject({
      code: "UNSUPPORTED_MANIFEST",
    });
  });

  it("too large for memory are refused before they are read", async () => {
    const registry = await fixture.registry({ behaviour: { strict: false } });
    const huge = { mediaType: "x/y", digest: `sha256:${"1".repeat(64)}`, size: 10 ** 10 };
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, layers: [huge] }));
    registry.putManifest("a", MediaType.OCI_MANIFEST, bytes, "1");
    expect(await failure(fixture.client([registry]).pullArtifact(at(registry, "a:1")))).toMatchObject({
      code: "INVALID_MANIFEST",
    });
    expect(registry.requests.count({ path: /blobs/ })).toBe(0);
  });
});
