import * as fc from "fast-check";
import { MirrorError } from "../../../src/error";
import { digestOf } from "../../../src/image/digest";
import { blobsOf, isForeign, parseManifest, platformsOf, type ImageIndex } from "../../../src/oci/manifest/manifest";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { thrownBy } from "../fixture";

const read = (document: unknown, contentType?: string) =>
  parseManifest(Buffer.from(JSON.stringify(document)), contentType, "r.io/a:1");
const blob = (name: string, more: object = {}) => ({ mediaType: "x/y", digest: digestOf(name), size: 3, ...more });

describe("the type of a manifest", () => {
  it.each<[string, object, string | undefined, string]>([
    ["its own field", { mediaType: MediaType.DOCKER_MANIFEST, layers: [] }, undefined, MediaType.DOCKER_MANIFEST],
    ["its field before the header", { mediaType: MediaType.OCI_INDEX }, MediaType.OCI_MANIFEST, MediaType.OCI_INDEX],
    ["the header", { schemaVersion: 2 }, `${MediaType.OCI_INDEX}; charset=utf-8`, MediaType.OCI_INDEX],
    ["its shape: an index", { manifests: [] }, "application/json", MediaType.OCI_INDEX],
    ["its shape: an image", { schemaVersion: 2, config: blob("c") }, "text/plain", MediaType.OCI_MANIFEST],
  ])("is that of %s", (_, document, header, type) => expect(read(document, header).mediaType).toBe(type));

  it.each<[string, object, string | undefined]>([
    ["schema 1 by its header", { schemaVersion: 1 }, MediaType.DOCKER_SCHEMA1_SIGNED],
    ["schema 1 by its content", { schemaVersion: 1, fsLayers: [] }, "application/json"],
    ["schema 1 by its field", { mediaType: MediaType.DOCKER_SCHEMA1 }, undefined],
    ["a type that nobody knows", { mediaType: "application/vnd.flatpak" }, undefined],
    ["no type at all", {}, undefined],
  ])("is refused: %s", (_, document, header) => {
    expect(thrownBy(() => read(document, header))).toMatchObject({ code: "UNSUPPORTED_MANIFEST" });
  });
});

describe("an invalid manifest", () => {
  const image = { schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST };
  it.each<[string, unknown]>([
    ["a list", []],
    ["an index that is an image too", { mediaType: MediaType.OCI_INDEX, manifests: [], layers: [] }],
    ["an index that has what images have", { mediaType: MediaType.OCI_INDEX, config: blob("c") }],
    ["an image that has what indexes have", { ...image, manifests: [] }],
    ["layers that are no list", { ...image, layers: {} }],
    ["a digest of another form", { ...image, layers: [{ ...blob("a"), digest: "sha256:1" }] }],
    ["a digest that climbs", { ...image, config: { ...blob("a"), digest: "../../x" } }],
    ["no size", { ...image, layers: [{ ...blob("a"), size: undefined }] }],
    ["a negative size", { ...image, layers: [{ ...blob("a"), size: -1 }] }],
    ["half a byte", { ...image, layers: [{ ...blob("a"), size: 0.5 }] }],
  ])("is refused: %s", (_, document) => {
    expect(thrownBy(() => read(document))).toMatchObject({ code: "INVALID_MANIFEST" });
  });

  it("is refused: an image that its registry calls an index", () => {
    const work = () => read({ schemaVersion: 2, config: blob("c"), layers: [] }, MediaType.OCI_INDEX);
    expect(thrownBy(work)).toMatchObject({ code: "INVALID_MANIFEST" });
  });

  it("is never more than a typed error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            parseManifest(Buffer.from(text), MediaType.OCI_MANIFEST, "a");
          } catch (error) {
            expect(error).toBeInstanceOf(MirrorError);
          }
        },
      ),
    );
  });
});

describe("what a manifest names", () => {
  it("config and layers", () => {
    const image = read({ mediaType: MediaType.OCI_MANIFEST, config: blob("c"), layers: [blob("l"), blob("m")] });
    expect(blobsOf(image).map(({ digest }) => digest)).toEqual(["c", "l", "m"].map((name) => digestOf(name)));
  });

  it("blobs of the retired artifact type, without a config", () => {
    const image = read({
      mediaType: MediaType.OCI_ARTIFACT,
      artifactType: "a/b",
      blobs: [blob("l")],
      subject: blob("s"),
    });
    expect(blobsOf(image)).toHaveLength(1);
    expect(image).toMatchObject({ artifactType: "a/b", subject: { digest: digestOf("s") } });
  });

  it("platforms, without attestations", () => {
    const index = read({
      mediaType: MediaType.OCI_INDEX,
      manifests: [
        blob("a", { platform: { os: "linux", architecture: "arm", variant: "v7" } }),
        blob("b", { platform: { os: "windows", architecture: "amd64", "os.version": "10.0.1" } }),
        blob("c", { platform: { os: "unknown", architecture: "unknown" } }),
        blob("d"),
      ],
    });
    expect(platformsOf(index as ImageIndex)).toEqual([
      { os: "linux", architecture: "arm", variant: "v7" },
      { os: "windows", architecture: "amd64", "os.version": "10.0.1" },
    ]);
  });

  it.each([
    [{ urls: ["https://a/b"] }, true],
    [{ urls: [] }, false],
    [{ mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" }, true],
    [{ mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip" }, true],
    [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" }, false],
  ])("foreign layers: %j", (more, foreign) => {
    const image = read({ mediaType: MediaType.OCI_MANIFEST, layers: [blob("l", more)] });
    expect(blobsOf(image).map(isForeign)).toEqual([foreign]);
  });
});
