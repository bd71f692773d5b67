import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";

const ROOT = resolve(__dirname, "../..");
const LOADED = "loaded: ";
/** Runs the command line in a process of its own, and says which files that has loaded. */
const SCRIPT = `
  require("./src/cli/main").main(process.argv.slice(1)).then((code) => {
    process.exitCode = code;
    console.log(${JSON.stringify(LOADED)} + JSON.stringify(Object.keys(require.cache)));
  });`;

let source: TestRegistry;
let target: TestRegistry;
beforeEach(async () => {
  [source, target] = await Promise.all([startRegistry(), startRegistry()]);
  await pushImage(source, "team/app:1", makeImage());
});
afterEach(() => Promise.all([source.close(), target.close()]));

async function loadedBy(args: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--require", "./test/support/typescript.js", "-e", SCRIPT, "--", ...args],
    { cwd: ROOT, maxBuffer: 2 ** 24 },
  );
  const line = stdout.split("\n").find((text) => text.startsWith(LOADED));
  return JSON.parse((line as string).slice(LOADED.length)) as string[];
}

it("a copy of images loads no parser of YAML and nothing that charts need: its start would take longer than it", async () => {
  const args = ["--to", target.host, "--plain-http", "--plain-http-source", source.host];
  const loaded = await loadedBy(["copy", `${source.host}/team/app:1`, ...args]);
  expect(target.tag("team/app", "1")).toBeDefined();
  expect(loaded).toContain(resolve(ROOT, "src/oci/registries.ts"));
  expect(loaded.filter((file) => /js-yaml|node_modules\/yaml|semver|\/src\/chart\/|@pulumi/.test(file))).toEqual([]);
  const data = await loadedBy(["copy", `${source.host}/team/app:1`, ...args, "-o", "yaml"]);
  expect(data.some((file) => /js-yaml/.test(file))).toBe(true);
});
