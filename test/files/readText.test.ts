import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failureReason, fileRefusal } from "../../src/files/fileError";
import { readText, textOf } from "../../src/files/readText";

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "read-text-"))));
afterAll(() => rm(folder, { recursive: true }));

it("reads a file as it is, characters of several bytes on the edges of pieces among it", async () => {
  const text = "ä€𝄞".repeat(50_000);
  await writeFile(join(folder, "text"), text);
  expect(await readText(join(folder, "text"))).toBe(text);
});

it("gives one up that is larger than such a file can be, before it is in memory", async () => {
  await writeFile(join(folder, "large"), Buffer.alloc(3000));
  const error: unknown = await readText(join(folder, "large"), 2048).catch((failure: unknown) => failure);
  expect(failureReason(error)).toBe("it is larger than 2.0 KiB");
  expect(fileRefusal(error)?.remedy).toBe("Check that it is the file that you mean");
});

const endless = process.platform === "linux" ? it : it.skip;
endless("gives up what has no end", async () => {
  await expect(readText("/dev/zero", 1_000_000)).rejects.toThrow("it is larger than");
});

it("says what the file system says", async () => {
  const reason = (file: string): Promise<string> => readText(file).then(String, failureReason);
  expect(await reason(join(folder, "none"))).toMatch(/^ENOENT: there is no such file or folder \(".*none"\)$/);
  expect(await reason(folder)).toMatch(/^EISDIR: it is a folder, no file/);
});

it("joins what comes in pieces", async () => {
  const pieces = (async function* () {
    yield await Promise.resolve("a");
    yield Buffer.from("b");
  })();
  expect(await textOf(pieces)).toBe("ab");
});
