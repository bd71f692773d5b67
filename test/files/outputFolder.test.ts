import { existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { OutputFolder, type OutputFolderOptions } from "../../src/files/outputFolder";
import { filesIn, formatWrittenFiles, parseWrittenFiles } from "../../src/files/writtenFiles";

const LIST = "inside/.list.json";
const WRITTEN = { "a.txt": "a", "sub/b.txt": "b" };

let place: string;
let out: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "output-folder-"));
  out = join(place, "out");
});
afterEach(() => rm(place, { recursive: true, force: true }));

async function put(files: Readonly<Record<string, string>>, folder = place): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function write(files: Record<string, string> = WRITTEN, options: Partial<OutputFolderOptions> = {}) {
  const folder = await OutputFolder.open(out, { what: "the output", list: LIST, others: "refuse", ...options });
  await folder.write(async (fresh) => {
    await mkdir(fresh);
    await put(files, fresh);
  });
}

/** What there is, without what a run writes beside its output on the way, which must be gone. */
async function content(folder = out): Promise<Record<string, string>> {
  expect((await readdir(place)).filter((name) => name.startsWith(".chart-mirror-"))).toEqual([]);
  const files = [...(await filesIn(folder))]
    .flatMap(([file, digest]) => (digest && file !== LIST ? [file] : []))
    .sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

const refusal = (reason: RegExp) => ({ code: "OUTPUT_REFUSED", message: expect.stringMatching(reason) as string });

describe("an output folder", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["is not there", () => Promise.resolve()],
    ["is empty", () => mkdir(out)],
    ["was written by a former run", () => write({ "a.txt": "old", "gone.txt": "old" })],
    ["was written by a former run, of which files are gone", () => write().then(() => rm(join(out, "sub/b.txt")))],
  ])("that %s is written", async (_, prepare) => {
    await prepare();
    await write();
    expect(await content()).toEqual(WRITTEN);
    // As the user's umask says, not as private as a temporary folder.
    expect(statSync(out).mode & 0o777).toBe(0o777 & ~process.umask());
  });

  it("may be one whose parents are not there", async () => {
    out = join(place, "deep/er/out");
    await write();
    expect(await content()).toEqual(WRITTEN);
  });

  it.each<[string, () => Promise<unknown>, Partial<OutputFolderOptions>, RegExp]>([
    ["holds others' files", () => put({ "out/sub/precious": "p" }), {}, /not empty, and no former run wrote it/],
    ["holds others' files, even when forced", () => put({ "out/x": "p" }), { others: "keep" }, /no former run/],
    ["holds others' files and may drop its own", () => put({ "out/x": "p" }), { others: "drop" }, /no former run/],
    ["only looks listed", () => put({ [`out/${LIST}`]: "{}", "out/x": "p" }), { others: "keep" }, /no former run/],
    ["is a file", () => put({ out: "p" }), { others: "keep" }, /it is no folder/],
    ["got another file", () => write().then(() => put({ "out/mine": "p" })), {}, /since then mine was added/],
    ["was edited", () => write().then(() => put({ "out/a.txt": "p" })), {}, /since then a\.txt was changed/],
    [
      "was edited in many places",
      () => write().then(() => put({ "out/1": "", "out/2": "", "out/3": "", "out/4": "", "out/a.txt": "p" })),
      {},
      /1, 2, 3 and 1 more were added and a\.txt was changed/,
    ],
    ["is the input", () => put({ "out/x": "p" }), { inputs: ["out"] }, /it is what this run reads/],
    [
      "is above the input",
      () => put({ "out/x": "p" }),
      { inputs: ["out/x"] },
      /it holds .*out\/x, which this run reads/,
    ],
    ["is below the input", () => put({ x: "p" }), { inputs: ["."] }, /it lies in .*, which this run reads/],
    [
      "is the input by another name",
      () => put({ "out/x": "p" }).then(() => symlink(out, join(place, "alias"))),
      { inputs: ["alias"] },
      /it is what this run reads/,
    ],
    ["would replace what was added", () => write().then(() => put({ "out/new.txt": "p" })), { others: "keep" }, /new\.txt is there/], // prettier-ignore
  ])("that %s is refused, and nothing is lost", async (_, prepare, options, reason) => {
    await prepare();
    const before = await content(place);
    const inputs = options.inputs?.map((input) => join(place, input));
    const writing = write({ ...WRITTEN, "new.txt": "new" }, { ...options, ...(inputs && { inputs }) });
    await expect(writing).rejects.toMatchObject(refusal(reason));
    expect(await content(place)).toEqual(before);
  });

  it("is never the folder that the run works in, or one above it", async () => {
    for (const path of [process.cwd(), dirname(process.cwd())]) {
      out = path;
      await expect(write()).rejects.toMatchObject(refusal(/it holds the folder that this run works in/));
    }
  });

  it("is not written through a link, wherever on the way one is", async () => {
    await put({ "elsewhere/precious": "p" });
    await mkdir(join(place, "empty"));
    for (const target of ["elsewhere", "empty", "nothing"]) {
      await symlink(join(place, target), out);
      await expect(write(WRITTEN, { others: "drop" })).rejects.toMatchObject(refusal(/it is a link/));
      await rm(out);
      await symlink(join(place, target), join(place, "ours"));
      out = join(place, "ours/web");
      await expect(write(WRITTEN, { below: place, others: "drop" })).rejects.toMatchObject(refusal(/ours is a link/));
      out = join(place, "out");
      await rm(join(place, "ours"));
    }
    expect(await content(join(place, "elsewhere"))).toEqual({ precious: "p" });
    expect(await readdir(join(place, "empty"))).toEqual([]);
  });

  it("keeps what others added when forced, also links, and replaces what they changed", async () => {
    await write({ "a.txt": "old", "gone.txt": "old" });
    await put({ "out/a.txt": "changed", "out/sub/mine": "p" });
    await symlink("nowhere", join(out, "link"));
    await write(WRITTEN, { others: "keep" });
    expect((await filesIn(out)).has("link")).toBe(true);
    await rm(join(out, "link"));
    expect(await content()).toEqual({ ...WRITTEN, "sub/mine": "p" });
    // What was kept is still not ours.
    await expect(write()).rejects.toMatchObject(refusal(/sub\/mine was added/));
  });

  it("that is ours by its name loses what others put there", async () => {
    await write();
    await put({ "out/templates/evil.yaml": "e", "out/a.txt": "e" });
    await write(WRITTEN, { others: "drop" });
    expect(await content()).toEqual(WRITTEN);
  });

  it("may be one that a release without lists wrote", async () => {
    await put({ "out/known": "old" });
    const unlisted = (_: string, entries: readonly string[]) => Promise.resolve(entries.every((name) => name === "known")); // prettier-ignore
    await write(WRITTEN, { others: "drop", unlisted });
    expect(await content()).toEqual(WRITTEN);
    await rm(out, { recursive: true });
    await put({ "out/known": "old", "out/unknown": "p" });
    await expect(write(WRITTEN, { others: "drop", unlisted })).rejects.toMatchObject(refusal(/no former run/));
  });

  it("stays the one that it is where nothing changes", async () => {
    await write();
    const { ino } = statSync(out);
    await write();
    expect(statSync(out).ino).toBe(ino);
    await write({ ...WRITTEN, "a.txt": "new" });
    expect(statSync(out).ino).not.toBe(ino);
  });

  it("is what it was when the run fails", async () => {
    await write();
    const folder = await OutputFolder.open(out, { what: "the output", list: LIST, others: "refuse" });
    const failing = folder.write(async (fresh) => {
      await mkdir(fresh);
      await put({ "a.txt": "half" }, fresh);
      throw new Error("the chart does not render");
    });
    await expect(failing).rejects.toThrow("the chart does not render");
    expect(await content()).toEqual(WRITTEN);
  });

  it("is looked at again when it is written: what came since is not lost", async () => {
    const folder = await OutputFolder.open(out, { what: "the output", list: LIST, others: "refuse" });
    const writing = folder.write(async (fresh) => {
      await mkdir(fresh);
      await put({ "out/precious": "p" });
    });
    await expect(writing).rejects.toMatchObject(refusal(/no former run/));
    expect(await content()).toEqual({ precious: "p" });
  });

  it("refuses in the file system's words where that does not let it", async () => {
    await put({ file: "" });
    out = join(place, "file/below");
    await expect(write()).rejects.toMatchObject({ code: "ENOTDIR" });
    // Root may write everywhere.
    if (process.getuid?.() === 0) return;
    await chmod(place, 0o500);
    out = join(place, "out");
    await expect(write()).rejects.toMatchObject({ code: "FILE_ACCESS_FAILED" });
    await chmod(place, 0o700);
    expect(existsSync(out)).toBe(false);
  });
});

describe("the list of written files", () => {
  it("is read as it was written", () => {
    const files = new Map([["__proto__", "sha256:b"], ["a", "sha256:a"]]); // prettier-ignore
    expect(parseWrittenFiles(formatWrittenFiles(files))).toEqual(files);
  });

  it.each(["", "{", "null", "[]", "{}", '{"writtenBy":"somebody","files":[]}', '{"writtenBy":"pulumi-chart-mirror"}',
    '{"writtenBy":"pulumi-chart-mirror","files":[1]}', '{"writtenBy":"pulumi-chart-mirror","files":[["a",1]]}'])(
    "is not %j", (text) => expect(parseWrittenFiles(text)).toBeUndefined()); // prettier-ignore
});
