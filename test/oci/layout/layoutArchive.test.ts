import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf, type Digest } from "../../../src/image/digest";
import { ImageLayout } from "../../../src/oci/layout/imageLayout";
import { LayoutArchive, type EarlierLayout } from "../../../src/oci/layout/layoutArchive";
import { MAX_DESCRIPTORS, parseManifest } from "../../../src/oci/manifest/manifest";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { failure } from "../fixture";

jest.setTimeout(60_000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-archive-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes an archive, and opens what was written. */
async function reopened(
  fill: (archive: LayoutArchive) => Promise<void>,
  earlier?: EarlierLayout,
): Promise<{ entries: number; leftOut: number }> {
  const path = join(folder, "a.tar");
  const file = await open(path, "w+");
  try {
    const archive = new LayoutArchive(file, earlier);
    await archive.begin();
    await fill(archive);
    await archive.finish();
  } finally {
    await file.close();
  }
  const layout = await ImageLayout.open(path);
  try {
    return { entries: layout.entries.length, leftOut: layout.leftOut.size };
  } finally {
    await layout.close();
  }
}

const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests: [] }));
const digest = digestOf(bytes);
const named = (count: number) => async (archive: LayoutArchive) => {
  await archive.putManifest({
    digest,
    mediaType: MediaType.OCI_INDEX,
    bytes,
    manifest: parseManifest(bytes, undefined, "i"),
  });
  for (let i = 0; i < count; i++) archive.name(`i:${i}`, digest);
};

it("is read again with as many entries as an index may have", async () => {
  expect(await reopened(named(MAX_DESCRIPTORS))).toEqual({ entries: MAX_DESCRIPTORS, leftOut: 0 });
});

it("refuses what nobody would read again", async () => {
  expect(await failure(reopened(named(MAX_DESCRIPTORS + 1)))).toMatchObject({
    code: "BUNDLE_TOO_LARGE",
    message: expect.stringContaining(`${MAX_DESCRIPTORS + 1} entries`) as string,
  });
});

it("tells what it leaves out, of however many images that is", async () => {
  const blobs = new Map<Digest, string>();
  for (let i = 0; i < 60_000; i++) blobs.set(digestOf(String(i)), "registry.example.com/some/team/of/ours/app");
  const leaveAll = (archive: LayoutArchive) => {
    for (const blob of blobs.keys()) archive.hasBlob(blob);
    return Promise.resolve();
  };
  expect(await reopened(leaveAll, { blobs, indexBytes: bytes })).toEqual({ entries: 1, leftOut: blobs.size });
});
