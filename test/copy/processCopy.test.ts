import type { CopyRegistries, ImageToCopy } from "../../src/copy/imageCopyMethod";
import { processCopy } from "../../src/copy/processCopy";
import { digestOf } from "../../src/image/digest";
import { formatReference, parseReference } from "../../src/image/reference";

it("an image that failed is not told to be on its way while the others go on", async () => {
  const statuses: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    status: (message: string) => void statuses.push(message),
  };
  const copy: CopyRegistries["copy"] = (_source, target, options) => {
    options?.onProgress?.({ type: "planned", image: formatReference(target), bytesTotal: 1024, blobs: 1 });
    return Promise.reject(new Error("its registry is gone"));
  };
  const imageNamed = (name: string): ImageToCopy => ({
    source: parseReference(`source.test/${name}:1`),
    target: parseReference(`mirror.test/${name}:1`),
    digest: digestOf(name),
    registries: { copy } as CopyRegistries,
    access: [],
    log,
  });
  jest.useFakeTimers({ now: 0 });
  try {
    await expect(processCopy.copy(imageNamed("a"))).rejects.toThrow("its registry is gone");
    jest.advanceTimersByTime(2000);
    await expect(processCopy.copy(imageNamed("b"))).rejects.toThrow("its registry is gone");
  } finally {
    jest.useRealTimers();
  }
  expect(statuses).toEqual(["mirror.test/a:1: 0 B of 1.0 KiB", "mirror.test/b:1: 0 B of 1.0 KiB"]);
});
