import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lstatIfThere, readIfThere, statIfThere } from "../../src/files/presence";
import { TemporaryFolder } from "../../src/files/temporaryFolder";

let place: string;
beforeEach(() => (place = mkdtempSync(join(tmpdir(), "temporary-folder-"))));
afterEach(() => rm(place, { recursive: true, force: true }));

describe("a temporary folder", () => {
  it("is new, private, and goes with all that is in it, but not with what links lead to", async () => {
    const folders = [await TemporaryFolder.make(place), await TemporaryFolder.make(place), TemporaryFolder.makeNow(place)]; // prettier-ignore
    expect(new Set(folders.map(({ path }) => path)).size).toBe(3);
    await writeFile(join(place, "precious"), "");
    for (const { path } of folders) {
      expect(statSync(path).mode & 0o777).toBe(0o700);
      await writeFile(join(path, "x"), "");
      await symlink(place, join(path, "link"));
    }
    await Promise.all(folders.map((folder) => folder.remove()));
    await folders[0]?.remove();
    expect(readdirSync(place)).toEqual(["precious"]);
  });

  it("goes with the process, however many there are and wherever it works by then", () => {
    const script = `
      const { TemporaryFolder } = require("./src/files/temporaryFolder");
      for (let i = 0; i < 20; i++) TemporaryFolder.makeNow(${JSON.stringify(place)});
      process.chdir("/");
      throw new Error("ends early");`;
    const run = () =>
      execFileSync(process.execPath, ["--require", "./test/support/typescript.js", "-e", script], { stdio: "pipe" });
    expect(run).toThrow(expect.objectContaining({ stderr: expect.not.stringContaining("MaxListeners") as unknown }) as Error); // prettier-ignore
    expect(readdirSync(place)).toEqual([]);
  });

  it("says what to do where none can be made", async () => {
    const missing = join(place, "missing");
    const failure = { code: "FILE_ACCESS_FAILED", message: expect.stringContaining(`in ${missing} failed: ENOENT`) as string }; // prettier-ignore
    await expect(TemporaryFolder.make(missing)).rejects.toMatchObject(failure);
    expect(() => TemporaryFolder.makeNow(missing)).toThrow(expect.objectContaining(failure) as Error);
    const script = `require("./src/files/temporaryFolder").TemporaryFolder.makeNow()`;
    const run = () =>
      execFileSync(process.execPath, ["--require", "./test/support/typescript.js", "-e", script], {
        stdio: "pipe",
        env: { ...process.env, TMPDIR: missing },
      });
    expect(run).toThrow("Set TMPDIR to a folder that is there");
  });
});

describe("what may be there", () => {
  it("is not there only where that is certain", async () => {
    const file = join(place, "file");
    await writeFile(file, "text");
    await symlink("loop", join(place, "loop"));
    for (const absent of ["nothing", "file/below", "n".repeat(300)]) {
      expect(await statIfThere(join(place, absent))).toBeUndefined();
      expect(await readIfThere(join(place, absent))).toBeUndefined();
    }
    expect((await statIfThere(file))?.isFile()).toBe(true);
    expect(await readIfThere(file)).toBe("text");
    expect((await lstatIfThere(join(place, "loop")))?.isSymbolicLink()).toBe(true);
    await expect(statIfThere(join(place, "loop"))).rejects.toMatchObject({ code: "FILE_ACCESS_FAILED" });
    await expect(readIfThere(place)).rejects.toThrow(/^reading .* failed: EISDIR/);
    expect(existsSync(file)).toBe(true);
  });
});
