import { CopyMessages, copyMessages } from "../../src/copy/copyMessages";
import type { EngineLog } from "../../src/resource/engineLog";
import { digestOf } from "../../src/image/digest";
import type { CopyEvent, CopyResult } from "../../src/oci/copy/progress";

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
const progress = (name: string, bytesDone: number, bytesTotal: number): CopyEvent => ({
  type: "progress",
  image: name,
  bytesDone,
  bytesTotal,
});

class Lines implements EngineLog {
  readonly all: string[] = [];
  readonly info = (message: string): void => void this.all.push(`info ${message}`);
  readonly warn = (message: string): void => void this.all.push(`warn ${message}`);
  readonly status = (message: string): void => void this.all.push(`status ${message}`);
}

it.each<[CopyEvent, string[]]>([
  [{ type: "planned", image, bytesTotal: 1024, blobs: 3 }, [`status ${image}: 0 B of 1.0 KiB`]],
  [progress(image, 512, 1024), [`status ${image}: 512 B of 1.0 KiB`]],
  [{ type: "blob", image, digest: digestOf("b"), size: 1, outcome: "mounted" }, []],
  [{ type: "warning", image, message: "no referrers" }, [`warn ${image}: no referrers`]],
  [{ type: "copied", image, result }, [`info ${image}: 2.0 KiB copied`]],
  [
    { type: "copied", image, result: { ...result, bytesMounted: 1024, bytesSkipped: 10 } },
    [`info ${image}: 2.0 KiB copied, 1.0 KiB mounted from other repositories, 10 B there already`],
  ],
  [{ type: "copied", image, result: { ...result, unchanged: true } }, [`info ${image}: was there already`]],
])("%j", (event, expected) => {
  const lines = new Lines();
  new CopyMessages(lines, () => 0).event(event);
  expect(lines.all).toEqual(expected);
});

it("many images have one status, which sums them up, those that are done and those that failed too", () => {
  const lines = new Lines();
  let now = 0;
  const messages = new CopyMessages(lines, () => now);
  const after = (milliseconds: number, event: CopyEvent): void => {
    now += milliseconds;
    messages.event(event);
  };
  after(0, { type: "planned", image: "m.test/a:1", bytesTotal: 1024, blobs: 1 });
  after(10, { type: "planned", image: "m.test/b:1", bytesTotal: 2048, blobs: 1 });
  after(10, { type: "planned", image: "m.test/c:1", bytesTotal: 4096, blobs: 1 });
  after(1000, progress("m.test/a:1", 512, 1024));
  after(0, { type: "copied", image: "m.test/a:1", result });
  messages.end("m.test/a:1");
  after(1000, progress("m.test/b:1", 1024, 2048));
  messages.end("m.test/b:1");
  messages.end("m.test/was-there:1");
  after(1000, progress("m.test/c:1", 1024, 4096));
  expect(lines.all).toEqual([
    "status m.test/a:1: 0 B of 1.0 KiB",
    "status 3 images on their way: 512 B of 7.0 KiB",
    "info m.test/a:1: 2.0 KiB copied",
    "status 2 images on their way, 1 done: 2.0 KiB of 7.0 KiB",
    "status m.test/c:1: 1.0 KiB of 4.0 KiB",
  ]);
});

it("the statuses of a long copy do not fill the log of a build machine, and do not cease", () => {
  const lines = new Lines();
  let now = 0;
  const messages = new CopyMessages(lines, () => now);
  const hour = 3_600_000;
  let last = 0;
  let longest = 0;
  for (; now < hour; now += 50) {
    const before = lines.all.length;
    for (let i = 0; i < 5; i++) messages.event(progress(`m.test/a${i}:1`, now, hour));
    if (lines.all.length === before) continue;
    longest = Math.max(longest, now - last);
    last = now;
  }
  expect(lines.all.length).toBeLessThan(450);
  expect(longest).toBeLessThanOrEqual(10_050);
});

it("all copies that tell one log share a status", () => {
  const log = new Lines();
  expect(copyMessages(log)).toBe(copyMessages(log));
  expect(copyMessages(log)).not.toBe(copyMessages(new Lines()));
});
