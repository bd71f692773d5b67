import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** The packages whose modules a program loads with this one, besides those that @pulumi/kubernetes has loaded. */
function loadedPackages(): string[] {
  const program = `
    require("@pulumi/kubernetes");
    const before = new Set(Object.keys(require.cache));
    require("./src/index.ts");
    const packages = Object.keys(require.cache)
      .filter((file) => !before.has(file))
      .map((file) => /node_modules.((?:@[^/\\\\]+.)?[^/\\\\]+)/.exec(file)?.[1] ?? "own");
    process.stdout.write(JSON.stringify([...new Set(packages)]));
  `;
  const args = ["--require", "./test/support/typescript.js", "-e", program];
  return JSON.parse(
    execFileSync(process.execPath, args, { cwd: join(__dirname, "../.."), encoding: "utf8" }),
  ) as string[];
}

// Its own files take a tenth of what @pulumi/kubernetes takes (0.07 s of 0.6 s of processor time); the SDK of a cloud takes
// a second. So what is loaded decides, and not a clock that other processes disturb.
test("the package loads nothing but its own files beyond @pulumi/kubernetes: no SDK of a cloud, no parser, no client", () => {
  expect(loadedPackages()).toEqual(["own"]);
});
