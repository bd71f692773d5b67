import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { chmod, chown, link, lstat, mkdir, readdir, readlink, rm, symlink, writeFile, lchown } from "node:fs/promises"; // prettier-ignore
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { FileHandle } from "node:fs/promises";
import { fillOutputFile, refuseFilledFile, refuseOutputFile, writeOutputFile } from "../../src/files/outputFile";

/** Root alone can give a file to another user; who else runs this has files of their own alone. */
const isRoot = process.getuid?.() === 0;
const owner = isRoot ? { uid: 12345, gid: 12346 } : userInfo();
const what = "the values";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "output-file-"));
  file = join(folder, "values.yaml");
});
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true, force: true });
});

const write = (path = file, inputs: string[] = [], mode?: number) =>
  writeOutputFile(path, "new", { what, inputs, ...(mode !== undefined && { mode }) });
const text = (path = file) => readFileSync(path, "utf8");
const refusal = (reason: RegExp) => ({ code: "OUTPUT_REFUSED", message: expect.stringMatching(reason) as string });

describe("an output file", () => {
  it("is made, as the user's umask says, or as it has to be", async () => {
    await write();
    expect([text(), statSync(file).mode & 0o777]).toEqual(["new", 0o666 & ~process.umask()]);
    await write(join(folder, "secret"), [], 0o600);
    expect(statSync(join(folder, "secret")).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).sort()).toEqual(["secret", "values.yaml"]);
  });

  it("is replaced as a whole and keeps its mode, or gets the one that it has to have", async () => {
    await writeFile(file, "old and longer");
    await chmod(file, 0o640);
    const { ino } = statSync(file);
    await write();
    expect([text(), statSync(file).mode & 0o777]).toEqual(["new", 0o640]);
    // Whoever had it open has the old text, not half of the new one.
    expect(statSync(file).ino).not.toBe(ino);
    await write(file, [], 0o600);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["values.yaml"]);
  });

  it("is written where a link of its user leads, and the link stays", async () => {
    await mkdir(join(folder, "real"));
    await symlink("real", join(folder, "folder"));
    await symlink("folder/values.yaml", file);
    for (const before of [undefined, "old"]) {
      if (before) await writeFile(join(folder, "real/values.yaml"), before);
      await write();
      expect([text(join(folder, "real/values.yaml")), await readlink(file)]).toEqual(["new", "folder/values.yaml"]);
    }
  });

  it("is not written through a link that another user could put there, but through one's own", async () => {
    await writeFile(join(folder, "victim"), "precious");
    await symlink("victim", file);
    await lchown(file, owner.uid, owner.gid);
    await chmod(folder, 0o1777);
    const written = await write().catch((error: unknown) => error);
    const refused = refusal(/is a link of another user, in a folder that others may write/);
    expect([written, text(join(folder, "victim"))]).toEqual(
      isRoot ? [expect.objectContaining(refused), "precious"] : [undefined, "new"],
    );
    // Nobody else can have put it here.
    await chmod(folder, 0o755);
    await write();
    expect(text(join(folder, "victim"))).toBe("new");
  });

  it("stays its owner's", async () => {
    await writeFile(file, "old");
    await chown(file, owner.uid, owner.gid);
    await write();
    expect([statSync(file).uid, statSync(file).gid]).toEqual([owner.uid, owner.gid]);
  });

  it("may be what this process has open, or a pipe", async () => {
    await write("/dev/null");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    const script = `require("./src/files/outputFile").writeOutputFile("/dev/stdout", "new", { what: "x" })`;
    const node = [process.execPath, "--require", "./test/support/typescript.js", "-e", script];
    expect(execFileSync("sh", ["-c", '"$@" | cat', "-", ...node]).toString()).toBe("new");
    // Moving a file into the place of the one that a shell has opened would lose what the shell writes next.
    execFileSync("sh", ["-c", `{ "$@"; echo after; } > ${file}`, "-", ...node]);
    expect(text()).toContain("after");
  });

  it.each<[string, string, () => Promise<unknown>]>([
    ["the input", "values.yaml", () => Promise.resolve()],
    ["the input in another spelling", "./sub/../values.yaml", () => mkdir(join(folder, "sub"))],
    ["a link to the input", "link", () => symlink("values.yaml", join(folder, "link"))],
    ["a link to a link to it", "two", () => symlink("values.yaml", join(folder, "one")).then(() => symlink("one", join(folder, "two")))], // prettier-ignore
    ["a hard link to it", "hard", () => link(file, join(folder, "hard"))],
  ])("is refused where it is %s", async (_, output, prepare) => {
    await writeFile(file, "precious");
    await prepare();
    for (const inputs of [[file], [join(folder, "nothing"), file]]) {
      const path = `${folder}/${output}`;
      await expect(refuseOutputFile(path, { what, inputs })).rejects.toMatchObject(refusal(/which this run reads/));
      await expect(write(path, inputs)).rejects.toMatchObject(refusal(/which this run reads/));
    }
    expect(text()).toBe("precious");
  });

  it("is refused where it is in a folder that is read, and taken where it replaces nothing", async () => {
    await mkdir(join(folder, "chart/templates"), { recursive: true });
    const inside = join(folder, "chart/templates/a.yaml");
    await writeFile(inside, "precious");
    const inputs = [join(folder, "chart/templates")];
    await expect(write(inside, inputs)).rejects.toMatchObject(refusal(/it lies in .*templates, which this run reads/));
    await write(join(folder, "chart/beside.yaml"), inputs);
    await writeFile(file, "new");
    // The same text replaces nothing.
    await write(file, [file]);
  });

  it.each<[string, string, () => Promise<unknown>]>([
    ["EISDIR", "", () => Promise.resolve()],
    ["ENOENT", "nothing/below", () => Promise.resolve()],
    ["ENOTDIR", "file/below", () => writeFile(join(folder, "file"), "")],
    ["ENAMETOOLONG", "n".repeat(300), () => Promise.resolve()],
  ])("is refused with %s, and nothing stays beside it", async (code, path, prepare) => {
    await prepare();
    const before = await readdir(folder);
    await expect(write(join(folder, path))).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual(before);
  });

  it("is refused where links lead in a circle", async () => {
    await symlink("values.yaml", file);
    await expect(write()).rejects.toThrow(/ELOOP/);
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
  });
});

describe("an output that cannot be written", () => {
  const LOOKS = [refuseOutputFile, refuseFilledFile];

  it.each([
    ["a folder that is not there", "none/values.yaml", "ENOENT"],
    ["a file in the folder's place", "values.yaml/below", "ENOTDIR"],
  ])("is told before any work: %s", async (_, path, code) => {
    await writeFile(file, "old");
    for (const look of LOOKS) await expect(look(join(folder, path), { what })).rejects.toMatchObject({ code });
  });

  it("is told before any work: a folder", async () => {
    await expect(refuseOutputFile(folder, { what })).rejects.toMatchObject({ code: "EISDIR" });
    await expect(refuseFilledFile(folder, { what })).rejects.toMatchObject(refusal(/no plain file/));
  });

  /** What a process that may not write everything, as root may, is told of outputs; it has loaded all before. */
  function toldAsUser(paths: readonly string[]): unknown {
    const script = `
      const { refuseOutputFile, refuseFilledFile } = require(${JSON.stringify(join(__dirname, "../../src/files/outputFile"))});
      if (${isRoot}) { process.setgroups([]); process.setgid(${owner.gid}); process.setuid(${owner.uid}); }
      const told = (look, path) => look(path, { what: "the values" }).then(() => "", ({ code }) => code);
      const looks = (path) => Promise.all([refuseOutputFile, refuseFilledFile].map((look) => told(look, path)));
      Promise.all(process.argv.slice(1).map(looks)).then((all) => console.log(JSON.stringify(all)));`;
    const load = ["--require", join(__dirname, "../support/typescript.js"), "-e", script];
    return JSON.parse(execFileSync(process.execPath, [...load, ...paths], { encoding: "utf8" }));
  }

  it("is told before any work: what its user may not write", async () => {
    await writeFile(file, "old");
    if (isRoot) for (const path of [folder, file]) await chown(path, owner.uid, owner.gid);
    await chmod(file, 0o400);
    expect(toldAsUser([file])).toEqual([["EACCES", "EACCES"]]);
    await chmod(file, 0o600);
    await chmod(folder, 0o500);
    // What is small can be written into the file itself.
    expect(toldAsUser([join(folder, "new"), file])).toEqual([
      ["EACCES", "EACCES"],
      ["", "EACCES"],
    ]);
  });
});

describe("a file that is filled in any order", () => {
  const fill = (text: string) => async (handle: FileHandle) => {
    await handle.write(Buffer.from(text.slice(2)), 0, text.length - 2, 2);
    await handle.write(Buffer.from(text.slice(0, 2)), 0, 2, 0);
    return text.length;
  };

  it("is there as a whole, or what was there before stays", async () => {
    await writeFile(file, "before");
    expect(await fillOutputFile(file, fill("a bundle"), { what })).toBe(8);
    expect(text()).toBe("a bundle");
    const failing = fillOutputFile(file, () => Promise.reject(new Error("broke")), { what });
    await expect(failing).rejects.toThrow("broke");
    expect(text()).toBe("a bundle");
    expect(await readdir(folder)).toEqual(["values.yaml"]);
  });

  it("is refused where it is no plain file, or is read", async () => {
    await expect(fillOutputFile("/dev/null", fill("a bundle"), { what })).rejects.toMatchObject(
      refusal(/no plain file/),
    );
    await expect(fillOutputFile(folder, fill("a bundle"), { what })).rejects.toMatchObject(refusal(/no plain file/));
    await writeFile(file, "precious");
    const reading = fillOutputFile(file, fill("a bundle"), { what, inputs: [file] });
    await expect(reading).rejects.toMatchObject(refusal(/which this run reads/));
  });
});
