import { copyImages } from "../../../src/cli/copy/copyRun";
import { parseReference } from "../../../src/image/reference";
import type { CopyResult } from "../../../src/oci/copy/progress";
import type { Registries } from "../../../src/oci/registries";

const images = Array.from({ length: 500 }, (_, i) => ({
  written: `quay.io/team/app:${i}`,
  source: parseReference(`quay.io/team/app:${i}`),
  target: `r.io/team/app:${i}`,
}));

it("has no more images in memory than it copies at a time, and tells of each in their order", async () => {
  let underWay = 0;
  let most = 0;
  const copy = async ({ tag }: { readonly tag?: string }): Promise<CopyResult> => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    if (tag === "7") throw new Error("refused");
    return { digest: "sha256:0", unchanged: false, bytesCopied: 1 } as unknown as CopyResult;
  };
  let done = 0;
  const registries = { copy } as unknown as Pick<Registries, "copy">;
  const run = await copyImages(
    images,
    registries,
    {},
    () => undefined,
    () => void done++,
  );
  expect([most, done]).toEqual([32, 500]);
  expect(run.entries.map(({ source }) => source)).toEqual(
    images.filter((_, i) => i !== 7).map(({ written }) => written),
  );
  expect(run.failed.map(({ image }) => image.written)).toEqual(["quay.io/team/app:7"]);
  expect(run.summary).toBe("499 images copied (499 B), 0 there already, 1 failed");
});
