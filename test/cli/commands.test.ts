import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";

const ROOT = resolve(__dirname, "../..");
const LOADED = "loaded: ";
/** What a run has loaded: files, and parts of Node.js by their names there. */
interface Started {
  readonly files: string[];
  readonly parts: string[];
}
/** Runs the command line in a process of its own, and says which files that has loaded. */
const SCRIPT = `
  require("./src/cli/main").main(process.argv.slice(1)).then((code) => {
    process.exitCode = code;
    const parts = process.moduleLoadList.map((name) => name.replace(/^NativeModule /, ""));
    console.log(${JSON.stringify(LOADED)} + JSON.stringify({ files: Object.keys(require.cache), parts }));
  });`;

let source: TestRegistry;
let target: TestRegistry;
beforeEach(async () => {
  [source, target] = await Promise.all([startRegistry(), startRegistry()]);
  await pushImage(source, "team/app:1", makeImage());
});
afterEach(() => Promise.all([source.close(), target.close()]));

const loadedBy = async (args: readonly string[]): Promise<string[]> => (await startedBy(args)).files;

async function startedBy(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--require", "./test/support/typescript.js", "-e", SCRIPT, "--", ...args],
    { cwd: ROOT, maxBuffer: 2 ** 24, env: { ...process.env, ...environment } },
  );
  const line = stdout.split("\n").find((text) => text.startsWith(LOADED));
  return JSON.parse((line as string).slice(LOADED.length)) as Started;
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
 * What a copy of images that are there loads of `src`. Each file takes about 0.3 ms of processor time at every start, where all
 * of such a copy takes some 60 beyond Node.js' own: what only a failure, a login, a proxy, a help or bytes need is loaded with its
 * first use.
 */
const WARM = `
  .: error json ownKeys printable settingWords
  cli: main program
  cli/commands: copy
  cli/copy: copyAccess copyCommand copyDisplay copyRun copySelection shownCopy transferRate
  cli/options: commandLineWords commandOptions copyCommandOptions examples mirrorOption optionGroups optionValues
  cli/output: console exitCodes outputFormat
  files: fileError readText
  image: addressLogin bytes digest reference
  machine: localRegistries
  oci: registries
  oci/auth: currentCredentials dockerConfig login systemKeychain
  oci/copy: copy copyEnds copyOptions copyProgress copySummary
  oci/manifest: mediaTypes
  oci/profiles: registryProfiles
  oci/registry: admission allowance blobRequests client hostRate limits recentAnswers registryRequest
  oci/registry: registryConnection repositoryRequests requestKind requestTurns session traffic
  oci/transport: answerPace clock closableClock endpoint http readBuffer retry settleAll
  plan: layout targetCollision`;

/** Parts of Node.js that such a copy can do without, and that take up to some milliseconds with what they load themselves. */
const SPARED = ["https", "internal/fs/promises", "internal/fs/streams", "perf_hooks", "readline", "tls", "zlib"];

it("a copy of images that are there loads no more than what asks for them", async () => {
  await pushImage(target, "team/app:1", makeImage());
  const folder = await mkdtemp(join(tmpdir(), "warm-"));
  try {
    const entry = { "registry.example.com": { auth: Buffer.from("robot:secret").toString("base64") } };
    await writeFile(join(folder, "config.json"), JSON.stringify({ auths: entry }));
    const args = ["--to", target.host, "--plain-http", "--plain-http-source", source.host];
    const { files, parts } = await startedBy(["copy", `${source.host}/team/app:1`, ...args], {
      DOCKER_CONFIG: folder,
    });
    const expected = WARM.trim()
      .split("\n")
      .flatMap((line) => {
        const [room = "", names = ""] = line.trim().split(": ");
        return names.split(" ").map((name) => join(room, `${name}.ts`));
      });
    const own = `${resolve(ROOT, "src")}/`;
    const inside = files.filter((file) => file.startsWith(own)).map((file) => file.slice(own.length));
    expect(inside.sort()).toEqual(expected.sort());
    const packages = files.flatMap(
      (file) => /node_modules.([^/\\]+)/.exec(file.split("/src/")[0] as string)?.[1] ?? [],
    );
    expect([...new Set(packages)]).toEqual(["@swc", "commander"]);
    expect(SPARED.filter((name) => parts.includes(name))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
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
