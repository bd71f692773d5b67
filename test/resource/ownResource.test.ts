import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { digestOf } from "../../src/image/digest";
import { providerTextFor } from "../../src/resource/ownResource";

/** A folder with a stand-in for the package at `where`, whose provider tells its name. */
function folderWithPackage(where: string): string {
  const folder = mkdtempSync(join(tmpdir(), "provider-text-"));
  const installed = join(folder, where);
  mkdirSync(installed, { recursive: true });
  writeFileSync(
    join(installed, "package.json"),
    JSON.stringify({ name: "pulumi-chart-mirror", exports: { "./provider": "./provider.js" } }),
  );
  writeFileSync(join(installed, "provider.js"), `exports.provider = { at: ${JSON.stringify(where)} };`);
  if (where !== ".") writeFileSync(join(folder, "package.json"), "{}");
  return folder;
}

/** Evaluates a text in a process of its own that works in `cwd`, as Pulumi's dynamic provider does. */
function handle(text: string, cwd: string): unknown {
  const script = `
    const requireFromString = require(${JSON.stringify(require.resolve("require-from-string"))});
    try { console.log(JSON.stringify(requireFromString(process.argv[1]).handler())); }
    catch (e) { console.log(JSON.stringify({ error: e.message })); }`;
  return JSON.parse(execFileSync(process.execPath, ["-e", script, text], { cwd, encoding: "utf8" }));
}

describe("providerTextFor", () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  it.each([
    ["installed beside the program", "node_modules/pulumi-chart-mirror"],
    ["the program's own package", "."],
    ["nested below another package", "node_modules/platform/node_modules/pulumi-chart-mirror"],
    ["in pnpm's store", "node_modules/.pnpm/pulumi-chart-mirror@0.1.0/node_modules/pulumi-chart-mirror"],
  ])("finds the package %s", (_, where) => {
    const folder = folderWithPackage(where);
    folders.push(folder);
    expect(handle(providerTextFor(folder, join(folder, where)), folder)).toEqual({ at: where });
  });

  it("finds the package from a folder below", () => {
    const folder = folderWithPackage("node_modules/pulumi-chart-mirror");
    folders.push(folder);
    mkdirSync(join(folder, "stacks/production"), { recursive: true });
    symlinkSync(join(folder, "node_modules"), join(folder, "link"));
    expect(
      handle(
        providerTextFor(join(folder, "stacks/production"), join(folder, "link")),
        join(folder, "stacks/production"),
      ),
    ).toEqual({
      at: "node_modules/pulumi-chart-mirror",
    });
  });

  it("says what to do when the package is not installed", () => {
    const folder = mkdtempSync(join(tmpdir(), "provider-text-"));
    folders.push(folder);
    expect(handle(providerTextFor(folder, join(folder, "gone")), folder)).toEqual({
      error: expect.stringMatching(/pulumi-chart-mirror is not installed.*npm ci/) as string,
    });
  });

  it("loads another export where it is asked to", () => {
    const folder = folderWithPackage("node_modules/pulumi-chart-mirror");
    folders.push(folder);
    writeFileSync(
      join(folder, "node_modules/pulumi-chart-mirror/provider.js"),
      `exports.provider = "copies"; exports.quayRobot = "robots";`,
    );
    expect(handle(providerTextFor(folder, folder, "quayRobot"), folder)).toBe("robots");
    // Texts differ in the name alone: what was written by any release stays readable.
    expect(providerTextFor(folder, folder, "quayRobot")).toBe(
      providerTextFor(folder, folder).replace('provider").provider', 'provider").quayRobot'),
    );
  });

  it("is the same text for every program that finds the package in the usual place", () => {
    const folder = folderWithPackage("node_modules/pulumi-chart-mirror");
    folders.push(folder);
    // The text is a contract with every state that holds it. A change here needs a reason and a test with old states.
    expect(digestOf(providerTextFor(folder, "/anywhere"))).toMatchInlineSnapshot(
      `"sha256:87197dc292db3ae2218be25331e5399bef7fee83936e617d41dbcc13a361c305"`,
    );
  });
});
