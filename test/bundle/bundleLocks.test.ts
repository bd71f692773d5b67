import { bundleLocks } from "../../src/bundle/bundleContent";
import { addLock, writeBundle } from "../../src/bundle/bundleFile";
import { digestOf } from "../../src/image/digest";
import { ImageLayout } from "../../src/oci/layout/imageLayout";
import { LOCK_VERSION } from "../../src/plan/lock/lockFile";
import { formatLock } from "../../src/plan/lock/lockFormat";
import { failure } from "../oci/fixture";
import { scratchFolder } from "./bundles";

const scratch = scratchFolder();
const MIRROR = { host: "mirror.example.com", path: "m" };

const lockOf = (version: string): string =>
  formatLock({
    lockVersion: LOCK_VERSION,
    tool: "test",
    mirror: "mirror.example.com/m",
    chart: { name: "shop", version, digest: digestOf(version) },
    images: [],
    overrides: {},
    patches: [],
  });

/** The lock files of a bundle that has these, by their tags; and how many blobs were read for them. */
async function read(texts: Readonly<Record<string, string>>): Promise<{ versions: string[]; blobs: number }> {
  const file = scratch.path("locks.tar");
  await writeBundle(file, {}, async (bundle) => {
    for (const [tag, text] of Object.entries(texts)) await addLock(bundle, { name: "shop", tag }, text, MIRROR);
  });
  const layout = await ImageLayout.open(file);
  const blob = jest.spyOn(layout, "blob");
  try {
    const locks = await bundleLocks(layout);
    return { versions: locks.map(({ lock }) => lock.chart.version).sort(), blobs: blob.mock.calls.length };
  } finally {
    await layout.close();
  }
}

it("reads each lock file once, however many names it has", async () => {
  const one = lockOf("1.0.0");
  const names = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`t${i}`, one]));
  expect(await read({ ...names, other: lockOf("2.0.0") })).toEqual({
    versions: ["1.0.0", "2.0.0"],
    // Manifest and text of each.
    blobs: 4,
  });
});

it("reads no lock file that is larger than one can be", async () => {
  const large = lockOf("1.0.0") + "#".repeat(17 * 1024 * 1024);
  expect(await failure(read({ large }))).toMatchObject({
    code: "INVALID_LAYOUT",
    message: expect.stringMatching(/more than the \d+ that are taken of it/) as string,
  });
});
