import { digestOf, type Digest } from "../../../src/image/digest";
import type { CopyEvent } from "../../../src/oci/copy/progress";
import { makeImage, pushImage, seededBlob } from "../../support/images";
import type { TestRegistry } from "../../support/registry";
import { at, failure, Fixture } from "../fixture";

import { writes } from "./copies";

const fixture = new Fixture();

describe("foreign layers", () => {
  const make = (server: TestRegistry) =>
    makeImage({
      layers: [
        { size: 1000, seed: 1 },
        { foreign: { urls: [`${server.url}/v2/layers/blobs/${seededBlob(4000, "w").digest}`], size: 4000, seed: "w" } },
      ],
    });

  it("stay where they are by default, which is told with what to do", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    const image = make(source);
    await pushImage(source, "a:1", image);
    const events: CopyEvent[] = [];
    const onProgress = (event: CopyEvent) => void events.push(event);
    const result = await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { onProgress });
    expect(target.tag("a", "1")).toBe(image.digest);
    expect(result.warnings).toEqual([
      expect.stringMatching(
        new RegExp(
          `foreign layer ${seededBlob(4000, "w").digest} is not copied: nodes pull it from ${source.host}\\. .*ForeignLayers\\.Copy`,
        ),
      ),
    ]);
    expect(events.filter(({ type }) => type === "warning")).toHaveLength(1);
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

  // Gitea, olareg and others ask for each blob of a manifest, and not all say which one is missing.
  it.each<[string, number, string]>([
    ["BLOB_UNKNOWN", 404, "blob unknown to registry"],
    ["MANIFEST_BLOB_UNKNOWN", 400, ""],
  ])("that the target misses are told at once as what they are: %s", async (code, status, message) => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    await pushImage(source, "a:1", make(source));
    target.faults.add({
      match: { method: "PUT", path: /manifests/, times: Infinity },
      action: { kind: "answer", status, body: JSON.stringify({ errors: [{ code, message }] }) },
    });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1")));
    expect(error).toMatchObject({ code: "FOREIGN_LAYER_REFUSED", digest: seededBlob(4000, "w").digest });
    expect(error.message).toMatch(/ForeignLayers\.Copy/);
    expect(target.requests.count({ method: "PUT", path: /manifests/ })).toBe(1);
  });

  it("are not blamed for another layer that is gone, which is brought again", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    const image = make(source);
    await pushImage(source, "a:1", image);
    const gone = seededBlob(1000, 1).digest;
    target.faults.add({
      match: { method: "PUT", path: /manifests/ },
      action: { kind: "answer", status: 404, body: '{"errors":[{"code":"BLOB_UNKNOWN"}]}' },
    });
    target.faults.add({
      match: { method: "HEAD", path: new RegExp(gone), nth: 2 },
      action: { kind: "answer", status: 404 },
    });
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"));
    expect(target.tag("a", "1")).toBe(image.digest);
    expect(target.requests.count({ method: "PUT", path: /manifests/ })).toBe(2);
  });

  it("are copied on request, from their owner where the registry lacks them", async () => {
    const [source, target] = await fixture.pair();
    const layer = seededBlob(4000, "w");
    await source.putBlob("layers", layer.digest, layer.read());
    await pushImage(source, "a:1", make(source));
    await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "copy" });
    expect(await target.blob("a", layer.digest)).toHaveLength(4000);
  });

  it.each([
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  ])("are known by their type alone: %s", async (mediaType) => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    const layer = await pushTyped(source, mediaType);
    const client = fixture.client([source, target]);
    const { warnings } = await client.copy(at(source, "a:1"), at(target, "a:1"));
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`${layer}.*from no place`))]);
    expect(target.has("a", layer)).toBe(false);
    await client.copy(at(source, "a:1"), at(target, "b:1"), { foreignLayers: "copy" });
    expect(target.has("b", layer)).toBe(true);
  });

  it("are brought after the image itself was, and not twice", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    const layer = seededBlob(4000, "w");
    await source.putBlob("layers", layer.digest, layer.read());
    await pushImage(source, "a:1", make(source));
    const client = fixture.client([source, target]);
    await client.copy(at(source, "a:1"), at(target, "a:1"));
    expect(target.has("a", layer.digest)).toBe(false);
    const whole = { foreignLayers: "copy" } as const;
    expect(await client.copy(at(source, "a:1"), at(target, "a:1"), whole)).toMatchObject({ unchanged: false });
    expect(target.has("a", layer.digest)).toBe(true);
    const written = writes(target).length;
    const again = fixture.client([source, target]);
    expect(await again.copy(at(source, "a:1"), at(target, "a:1"), whole)).toMatchObject({ unchanged: true });
    expect(writes(target).length).toBe(written);
  });

  it("are refused in what is there already, too", async () => {
    const [source, target] = await fixture.pair({ behaviour: { strict: false } });
    await pushImage(source, "a:1", make(source));
    const client = fixture.client([source, target]);
    await client.copy(at(source, "a:1"), at(target, "a:1"));
    const error = await failure(client.copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "refuse" }));
    expect(error).toMatchObject({ code: "FOREIGN_LAYER", digest: seededBlob(4000, "w").digest });
  });

  it("are had from any of their addresses; where none has them, they are named", async () => {
    const [source, target] = await fixture.pair();
    const layer = seededBlob(4000, "w");
    const urls = [`${source.url}/v2/nowhere/blobs/${layer.digest}`, `${source.url}/v2/layers/blobs/${layer.digest}`];
    await pushImage(source, "a:1", makeImage({ layers: [{ foreign: { urls, size: 4000, seed: "w" } }] }));
    const copy = () =>
      fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "copy" });
    const error = await failure(copy());
    expect(error.code).toBe("FOREIGN_LAYER_MISSING");
    expect(error.message).toMatch(new RegExp(`${layer.digest} is neither in .*/a nor to be had from ${source.host}`));
    await source.putBlob("layers", layer.digest, layer.read());
    await copy();
    expect(target.has("a", layer.digest)).toBe(true);
  });

  it.each([
    [
      "whose address nobody answers",
      ["http://127.0.0.1:1/layer?sig=hidden"],
      "to be had from 127.0.0.1:1: .*refused the connection",
    ],
    ["whose addresses are none", ["layer", "", "../x", "ftp://127.0.0.1/layer"], "to be had from 127.0.0.1: "],
  ])("are named where they were to be copied: %s", async (_, urls, words) => {
    const [source, target] = await fixture.pair();
    const { digest } = seededBlob(4000, "w");
    await pushImage(source, "a:1", makeImage({ layers: [{ foreign: { urls, size: 4000, seed: "w" } }] }));
    const error = await failure(
      fixture.client([source, target]).copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "copy" }),
    );
    expect(error).toMatchObject({ code: "FOREIGN_LAYER_MISSING", digest });
    expect(error.message).toMatch(new RegExp(`${digest} is neither in .*/a nor ${words}`));
    expect(error.message).not.toContain("hidden");
    expect(source.requests.count({ path: /\/layer|\/x/ })).toBe(0);
  });

  it.each([503, 429, 404, 403])("are had from another address where the first answers %s", async (status) => {
    const [source, target] = await fixture.pair();
    const layer = seededBlob(4000, "w");
    await source.putBlob("layers", layer.digest, layer.read());
    const urls = ["first", "layers"].map((name) => `${source.url}/v2/${name}/blobs/${layer.digest}`);
    await pushImage(source, "a:1", makeImage({ layers: [{ foreign: { urls, size: 4000, seed: "w" } }] }));
    const match = { path: /\/first\//, times: Infinity };
    source.faults.add({ match, action: { kind: "answer", status } });
    const client = fixture.client([source, target]);
    await client.copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "copy" });
    expect(target.has("a", layer.digest)).toBe(true);
  });

  it("are tried for again where one address fails for now and the others lack them", async () => {
    const [source, target] = await fixture.pair();
    const layer = seededBlob(4000, "w");
    await source.putBlob("layers", layer.digest, layer.read());
    const urls = ["layers", "nowhere"].map((name) => `${source.url}/v2/${name}/blobs/${layer.digest}`);
    await pushImage(source, "a:1", makeImage({ layers: [{ foreign: { urls, size: 4000, seed: "w" } }] }));
    source.faults.add({ match: { path: /\/layers\//, times: 2 }, action: { kind: "answer", status: 503 } });
    const client = fixture.client([source, target]);
    await client.copy(at(source, "a:1"), at(target, "a:1"), { foreignLayers: "copy" });
    expect(target.has("a", layer.digest)).toBe(true);
  });
});

/** @returns the digest of a layer of that type, without an address */
async function pushTyped(server: TestRegistry, mediaType: string): Promise<Digest> {
  const part = async (text: string, type: string) => {
    const bytes = Buffer.from(text);
    await server.putBlob("a", digestOf(bytes), bytes);
    return { mediaType: type, digest: digestOf(bytes), size: bytes.length };
  };
  const config = await part('{"architecture":"amd64","os":"windows"}', "application/vnd.oci.image.config.v1+json");
  const layer = await part("base", mediaType);
  const type = "application/vnd.oci.image.manifest.v1+json";
  const manifest = { schemaVersion: 2, mediaType: type, config, layers: [layer] };
  server.putManifest("a", type, Buffer.from(JSON.stringify(manifest)), "1");
  return layer.digest;
}
