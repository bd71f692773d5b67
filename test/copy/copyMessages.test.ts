import { logCopyEvent } from "../../src/copy/copyMessages";
import { digestOf } from "../../src/image/digest";
import type { CopyEvent, CopyResult } from "../../src/oci/progress";

const image = "mirror.test/a:1";
const result: CopyResult = {
  digest: digestOf("a"),
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  unchanged: false,
  bytesCopied: 2048,
  bytesMounted: 0,
  bytesSkipped: 0,
  warnings: [],
};

it.each<[CopyEvent, string[]]>([
  [{ type: "planned", image, bytesTotal: 1024, blobs: 3 }, [`status ${image}: 1.0 KiB in 3 blobs`]],
  [{ type: "progress", image, bytesDone: 512, bytesTotal: 1024 }, [`status ${image}: 512 B of 1.0 KiB`]],
  [{ type: "blob", image, digest: digestOf("b"), size: 1, outcome: "mounted" }, []],
  [{ type: "warning", image, message: "no referrers" }, [`warn ${image}: no referrers`]],
  [{ type: "copied", image, result }, [`info ${image}: 2.0 KiB copied`]],
  [
    { type: "copied", image, result: { ...result, bytesMounted: 1024, bytesSkipped: 10 } },
    [`info ${image}: 2.0 KiB copied, 1.0 KiB mounted from other repositories, 10 B there already`],
  ],
  [{ type: "copied", image, result: { ...result, unchanged: true } }, [`info ${image}: was there already`]],
])("%j", (event, expected) => {
  const lines: string[] = [];
  const log = (kind: string) => (message: string) => void lines.push(`${kind} ${message}`);
  logCopyEvent({ info: log("info"), warn: log("warn"), status: log("status") }, event);
  expect(lines).toEqual(expected);
});
