import { makeImage, type SyntheticImage } from "../../support/images";
import type { TestRegistry } from "../../support/registry";

/** Reading a blob. */
export const BLOB_GET = { method: "GET", path: /\/blobs\/sha/ };
const WRITES = ["POST", "PUT", "PATCH"];

/** The requests that change something. */
export const writes = (server: TestRegistry) => server.requests.all.filter(({ method }) => WRITES.includes(method));
/** An image for two platforms, which share a layer. */
export const multiPlatform = () =>
  makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (platform) => [
      { size: 700_000, seed: platform },
      { size: 3_000, seed: "shared" },
    ],
  });

/** Expects all parts of an image, and its tag. */
export async function expectComplete(target: TestRegistry, repository: string, tag: string, image: SyntheticImage) {
  expect(await target.defects(repository, tag)).toEqual([]);
  expect(target.tag(repository, tag)).toBe(image.digest);
}
