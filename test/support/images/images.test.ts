import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import * as tar from "tar";
import { digestOf, matchesDigest } from "../../../src/image/digest";
import { registriesOfTest } from "../registry/registriesOfTest";
import {
  makeArtifact,
  makeChartArtifact,
  makeImage,
  makeReferrersIndex,
  makeRunnableImage,
  makeSchema1Image,
  makeSignature,
  pushImage,
  seededBlob,
  tagFor,
  writeImageArchive,
  writeImageLayout,
  type SyntheticImage,
} from ".";

interface Document {
  mediaType?: string;
  config: { mediaType: string; digest: string };
  layers: { mediaType: string; digest: string; size: number; urls?: string[] }[];
  manifests: { digest: string; size: number; platform?: object }[];
  annotations?: object;
}

const start = registriesOfTest();
const document = (image: SyntheticImage, i = -1) =>
  JSON.parse(image.manifests.at(i)?.bytes.toString() ?? "") as Document;
const base = { size: 2_500_000, seed: "base" };
const multi = makeImage({
  platforms: ["linux/amd64", "linux/arm64", "linux/arm/v7"],
  layers: (platform) => [base, { size: 1000, seed: platform }],
});

const IMAGES: [string, SyntheticImage][] = [
  ["one platform", makeImage()],
  ["several platforms", multi],
  ["an index of one", makeImage({ index: true, annotations: { a: "b" } })],
  ["Docker's types", makeImage({ mediaTypes: "docker", platforms: ["linux/amd64", "windows/amd64"] })],
  ["no layers", makeImage({ layers: [] })],
  ["a layer of no bytes", makeImage({ layers: [{ bytes: new Uint8Array() }] })],
  ["a foreign layer", makeImage({ layers: [{ foreign: { urls: ["https://example.com/l"], size: 5, seed: 1 } }] })],
  ["an artifact without config", makeArtifact({ artifactType: "application/vnd.example" })],
  ["a referrer", makeArtifact({ artifactType: "application/sbom", subject: multi })],
  ["a chart", makeChartArtifact(Buffer.from("archive"), { name: "app", version: "1.0.0" })],
  ["a signature", makeSignature(multi, "registry.example.com/app")],
  ["a runnable image", makeRunnableImage({ binary: Buffer.from("ELF"), args: ["-v"], env: { A: "b" }, seed: "x" })],
];

test.each(IMAGES)("%s: every digest is of its bytes, and a registry has it whole", async (_, image) => {
  for (const { digest, bytes } of image.manifests) expect(matchesDigest(digest, bytes)).toBe(true);
  for (const blob of image.blobs) {
    const bytes = await buffer(blob.read());
    expect([digestOf(bytes), bytes.length]).toEqual([blob.digest, blob.size]);
  }
  const registry = await start();
  expect(await pushImage(registry, "team/app:1.0", image)).toBe(image.digest);
  expect(registry.tags("team/app")).toEqual(["1.0"]);
  expect(registry.manifest("team/app", "1.0")?.mediaType).toBe(image.mediaType);
  expect(await registry.defects("team/app", image.digest)).toEqual([]);
});

test("the same options give the same digests, other seeds others", () => {
  expect(IMAGES[0]?.[1].digest).toBe(makeImage().digest);
  expect(makeSignature(multi, "a").digest).toBe(makeSignature(multi, "a").digest);
  expect(makeImage({ layers: [{ size: 10, seed: 1 }] }).digest).not.toBe(
    makeImage({ layers: [{ size: 10, seed: 2 }] }).digest,
  );
  // Committed, so that a change of the generator is noticed: fixtures elsewhere may name digests.
  expect(seededBlob(1_500_000, "pinned").digest).toMatchInlineSnapshot(
    `"sha256:c9f08f1ab790c89fe28648aa795b64570fd7e4bee4454c8924fbc472c485c0ba"`,
  );
});

test("layers are shared across platforms and images", () => {
  expect(multi.blobs).toHaveLength(3 + 1 + 3);
  expect(multi.size).toBe(multi.blobs.reduce((sum, { size }) => sum + size, 0));
  const other = makeImage({ layers: [base] });
  expect(multi.blobs.map(({ digest }) => digest)).toContain(other.blobs[1]?.digest);
});

test("an index names platforms, sizes and children in order", () => {
  const { manifests } = document(multi);
  expect(manifests.map(({ platform }) => platform)).toEqual([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
    { os: "linux", architecture: "arm", variant: "v7" },
  ]);
  expect(manifests.map(({ digest, size }) => [digest, size])).toEqual(
    multi.manifests.slice(0, -1).map(({ digest, bytes }) => [digest, bytes.length]),
  );
  expect(document(makeImage({ index: true, annotations: { a: "b" } })).annotations).toEqual({ a: "b" });
  expect(document(makeImage({ annotations: { a: "b" } })).annotations).toEqual({ a: "b" });
  expect(() => makeImage({ platforms: ["linux"] })).toThrow("linux is not a platform");
});

test("foreign layers are named and not pushed", () => {
  const image = makeImage({ mediaTypes: "docker", layers: [{ foreign: { urls: ["https://x/y"], size: 5, seed: 1 } }] });
  const [layer] = document(image).layers;
  expect(layer).toMatchObject({ mediaType: expect.stringContaining("foreign") as string, urls: ["https://x/y"] });
  expect(image.blobs.map(({ digest }) => digest)).not.toContain(layer?.digest);
});

test("files become a real archive, whose uncompressed digest is in the configuration", async () => {
  const image = makeRunnableImage({ binary: Buffer.from("program"), args: ["serve"] });
  const [config, layer] = image.blobs;
  const archive = gunzipSync(await buffer(layer?.read() ?? Readable.from([])));
  const entries: [string, number | undefined, string][] = [];
  const parser = new tar.Parser({
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on("data", (chunk: Buffer) => chunks.push(chunk));
      entry.on("end", () => entries.push([entry.path, entry.mode, Buffer.concat(chunks).toString()]));
    },
  });
  await new Promise<void>((resolve) => parser.on("end", resolve).end(archive));
  expect(entries).toEqual([["app", 0o755, "program"]]);
  expect(JSON.parse((await buffer(config?.read() ?? Readable.from([]))).toString())).toMatchObject({
    os: "linux",
    architecture: "amd64",
    config: { Entrypoint: ["/app"], Cmd: ["serve"], User: "1000" },
    rootfs: { diff_ids: [digestOf(archive)] },
  });
});

test("signatures and referrers have the tags of their conventions", () => {
  const hex = multi.digest.slice("sha256:".length);
  expect([tagFor(multi, ".sig"), tagFor(multi)]).toEqual([`sha256-${hex}.sig`, `sha256-${hex}`]);
  const sbom = makeArtifact({ artifactType: "application/sbom", subject: multi });
  const index = makeReferrersIndex([{ image: sbom, artifactType: "application/sbom" }]);
  expect(document(index).manifests).toMatchObject([{ digest: sbom.digest, artifactType: "application/sbom" }]);
});

test("a schema 1 manifest", async () => {
  const image = makeSchema1Image("team/old", "1");
  const registry = await start();
  await pushImage(registry, "team/old:1", image);
  expect(registry.manifest("team/old", "1")?.mediaType).toBe(
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
  );
});

describe("OCI layouts", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "layout-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const name = "127.0.0.1:5000/team/app:1.0";

  function check(layout: string): void {
    expect(JSON.parse(readFileSync(join(layout, "oci-layout"), "utf8"))).toEqual({ imageLayoutVersion: "1.0.0" });
    const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as Document;
    expect(manifests).toEqual([
      {
        mediaType: multi.mediaType,
        digest: multi.digest,
        size: multi.manifests.at(-1)?.bytes.length,
        annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": "1.0" },
      },
    ]);
    const blobs = readdirSync(join(layout, "blobs", "sha256"));
    expect(blobs).toHaveLength(multi.blobs.length + multi.manifests.length);
    for (const hex of blobs) expect(digestOf(readFileSync(join(layout, "blobs", "sha256", hex)))).toBe(`sha256:${hex}`);
  }

  test("as a folder", async () => {
    await writeImageLayout(folder, { [name]: multi });
    check(folder);
  });

  test("as one archive", async () => {
    const file = join(folder, "image.tar");
    await writeImageArchive(file, { [name]: multi });
    await tar.extract({ file, cwd: folder });
    check(folder);
  });
});
