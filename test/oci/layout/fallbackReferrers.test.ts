import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf, type Digest } from "../../../src/image/digest";
import { ImageLayout } from "../../../src/oci/layout/imageLayout";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { referrersTag } from "../../../src/oci/registry/client";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-referrers-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes a manifest into the layout. */
async function stored(content: object): Promise<{ mediaType: string; digest: Digest; size: number }> {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...content }));
  const digest = digestOf(bytes);
  await mkdir(join(folder, "blobs/sha256"), { recursive: true });
  await writeFile(join(folder, "blobs", digest.replace(":", "/")), bytes);
  return { mediaType: (content as { mediaType: string }).mediaType, digest, size: bytes.length };
}

const manifest = (of: string, more: object = {}) =>
  stored({ mediaType: MediaType.OCI_MANIFEST, layers: [], annotations: { of }, ...more });

it("finds what refers to an image by its subject and by the image's fallback tag, each once", async () => {
  const [first, second] = [await manifest("first"), await manifest("second")];
  const signature = await manifest("signature", { subject: first, artifactType: "application/signature" });
  const sbom = await manifest("sbom", { subject: first, artifactType: "application/sbom" });
  const listed = await stored({ mediaType: MediaType.OCI_INDEX, manifests: [signature, sbom] });
  const named = (descriptor: object, name: string) => ({
    ...descriptor,
    annotations: { "org.opencontainers.image.ref.name": name },
  });
  const manifests = [
    named(first, "quay.io/team/app:1"),
    named(second, "quay.io/team/app:2"),
    named(listed, `quay.io/team/app:${referrersTag(first.digest)}`),
    signature,
  ];
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  const layout = await ImageLayout.open(folder);
  const found = async (digest: Digest) => (await layout.referrersOf(digest)).map((one) => one.digest);
  expect(await found(first.digest)).toEqual([signature.digest, sbom.digest]);
  expect(await found(second.digest)).toEqual([]);
  await layout.close();
});
