import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { releaseFolder } from "../../src/release/releaseFolder";

const DAY = 24 * 3_600_000;
const home = process.cwd();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "release-folder-"));
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

describe("releaseFolder", () => {
  it("names places below the program's folder", async () => {
    const { fileNamed } = await releaseFolder("web");
    expect(fileNamed("0123/shop")).toBe("./.chart-mirror/web/0123/shop");
    expect(await readdir(".chart-mirror")).toEqual(["web"]);
  });

  it("loses what a run of yesterday has left, and nothing that a run beside this one may still deploy", async () => {
    const now = Date.now();
    for (const [entry, age] of [
      ["0.1-copy", 2 * DAY],
      ["of-another-stack", DAY / 24],
    ] as const) {
      const path = join(".chart-mirror/web", entry);
      await mkdir(join(path, "templates"), { recursive: true });
      await utimes(path, new Date(now - age), new Date(now - age));
    }
    await mkdir(".chart-mirror/api/kept", { recursive: true });
    await utimes(".chart-mirror/api/kept", 1, 1);
    await releaseFolder("web", now);
    expect(await readdir(".chart-mirror/web")).toEqual(["of-another-stack"]);
    expect(await readdir(".chart-mirror/api")).toEqual(["kept"]);
  });

  it("keeps what this process deploys, however long that takes", async () => {
    const { fileNamed } = await releaseFolder("web");
    const file = fileNamed("shop.tgz");
    await writeFile(file, "");
    await releaseFolder("web", Date.now() + 30 * DAY);
    expect(await readdir(".chart-mirror/web")).toEqual(["shop.tgz"]);
  });
});
