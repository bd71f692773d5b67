import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "working-folder-")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a process of this main file says, which goes to another folder. */
async function said(main: string): Promise<{ folder: string; refused?: string }> {
  const file = join(folder, main);
  await mkdir(dirname(file), { recursive: true });
  await mkdir(join(folder, "elsewhere"));
  await writeFile(
    file,
    `const { refuseOtherFolder, workingFolder } = require(${JSON.stringify(join(__dirname, "../../src/inputs/workingFolder"))});
    process.chdir("elsewhere");
    let refused;
    try { refuseOtherFolder(); } catch (error) { refused = error.code; }
    console.log(JSON.stringify({ folder: workingFolder(), refused }));`,
  );
  const support = join(__dirname, "../support/typescript.js");
  const { stdout } = await promisify(execFile)(process.execPath, ["--require", support, file], { cwd: folder });
  return JSON.parse(stdout) as { folder: string; refused?: string };
}

it("refuses another folder under Pulumi's language host", async () => {
  expect(await said("node_modules/@pulumi/pulumi/cmd/run/index.js")).toEqual({
    folder,
    refused: "WORKING_FOLDER_CHANGED",
  });
}, 60_000);

it("lets a program of the Automation API go where it likes", async () => {
  expect(await said("automation.js")).toEqual({ folder: join(folder, "elsewhere") });
}, 60_000);
