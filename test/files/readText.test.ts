import { execFile, execFileSync } from "node:child_process";
import { createWriteStream, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
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

endless("reads what has no length, such as what another program writes into a pipe", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const writer = createWriteStream(pipe);
  const text = readText(pipe);
  for (const piece of ["a", "ä".repeat(10_000), "b"]) {
    await new Promise((written) => writer.write(piece, written));
    await new Promise(setImmediate);
  }
  writer.end();
  expect(await text).toBe(`a${"ä".repeat(10_000)}b`);
});

endless("leaves no file open", async () => {
  const open = () => readdirSync("/proc/self/fd").length;
  await writeFile(join(folder, "small"), "text");
  const before = open();
  for (let i = 0; i < 3; i++) {
    expect(await readText(join(folder, "small"))).toBe("text");
    await expect(readText("/dev/zero", 10)).rejects.toThrow();
    await expect(readText(folder)).rejects.toThrow();
  }
  expect(open()).toBe(before);
});

describe("named pipes", () => {
  const file = (name: string): string => join(folder, name);

  endless("gives up one that nobody writes to", async () => {
    execFileSync("mkfifo", [file("silent")]);
    const error: unknown = await readText(file("silent"), 1_000_000, 50).catch((failure: unknown) => failure);
    expect(failureReason(error)).toBe("it is a named pipe that nothing has written to in 0.05 seconds");
    expect(fileRefusal(error)?.remedy).toBe("Check that it is the file that you mean");
  });

  endless("reads one whose writer comes later, and takes its time", async () => {
    execFileSync("mkfifo", [file("slow")]);
    const writer = promisify(execFile)("sh", ["-c", `sleep 0.2; { printf a; sleep 0.2; printf b; } > ${file("slow")}`]);
    expect(await readText(file("slow"))).toBe("ab");
    await writer;
  });

  endless("gives up one without an end", async () => {
    execFileSync("mkfifo", [file("endless")]);
    const writer = promisify(execFile)("sh", ["-c", `cat /dev/zero > ${file("endless")}`]).catch(() => undefined);
    await expect(readText(file("endless"), 1_000_000)).rejects.toThrow("it is larger than");
    await writer;
  });

  endless("reads what a shell gives as a file", async () => {
    const support = join(__dirname, "../support/typescript.js");
    const script = `require(process.argv[1]).readText(process.argv[2]).then(console.log)`;
    const line = `"$0" --require ${support} -e '${script}' ${join(__dirname, "../../src/files/readText")}`;
    const read = (given: string) => promisify(execFile)("bash", ["-c", `${line} ${given}`, process.execPath]);
    expect((await read("<(echo text)")).stdout).toBe("text\n\n");
    expect((await read("<(true)")).stdout).toBe("\n");
  });
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
