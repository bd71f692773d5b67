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

/**
 * What a copy of images that are there loads of `src/oci`. Each file takes about 0.4 ms of processor time at every start, where
 * all of such a copy takes less than 100: what only a failure, a login, a proxy or bytes need is loaded with its first use.
 */
const WARM = `
  auth: credentials currentCredentials dockerConfig login secretTexts systemKeychain
  copy: copy copyEnds copyOptions copyProgress copySummary
  manifest: manifestCache mediaTypes
  profiles: registryProfiles
  registry: admission allowance blobRequests client hostRate limits recentAnswers registryRequest registryWaits
  registry: registryConnection repositoryRequests requestKind requestTurns session traffic
  transport: answerPace clock closableClock contentEncoding endpoint http idleTimeout readBuffer retry settleAll`;

it("a copy of images that are there loads no more of the copier than what asks for them", async () => {
  await pushImage(target, "team/app:1", makeImage());
  const args = ["--to", target.host, "--plain-http", "--plain-http-source", source.host];
  const loaded = await loadedBy(["copy", `${source.host}/team/app:1`, ...args]);
  const folder = resolve(ROOT, "src/oci");
  const expected = WARM.trim()
    .split("\n")
    .flatMap((line) => {
      const [room = "", files = ""] = line.trim().split(": ");
      return files.split(" ").map((file) => `${room}/${file}.ts`);
    });
  const inside = loaded.filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length + 1));
  expect(inside.sort()).toEqual([...expected, "registries.ts"].sort());
});

it.each([
  { args: ["--version"], commands: [] },
  { args: ["copy", "--help"], commands: ["copy"] },
  { args: ["push-chart", "--help"], commands: ["pushChart"] },
])("$args loads no command that it does not name", async ({ args, commands }) => {
  const folder = resolve(ROOT, "src/cli/commands");
  const loaded = (await loadedBy(args)).filter((file) => file.startsWith(folder));
  expect(loaded).toEqual(commands.map((name) => resolve(folder, `${name}.ts`)));
});
