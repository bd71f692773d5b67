/** What every command writes with `--output json`, held to the published schema by what it really writes. */
import Ajv from "ajv";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../src/cli/main";
import { cliProgram } from "../../src/cli/program";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

jest.setTimeout(300_000);

const ajv = new Ajv({ strict: true, strictTypes: false });
const schemaOf = (command: string): string => (command === "plan" ? PLAN : `${OUTPUT}#/definitions/${command}`);
const [OUTPUT, PLAN] = ["urn:pulumi-chart-mirror:output:1", "urn:pulumi-chart-mirror:plan:1"] as const;

let folder: string;
let source: TestRegistry;
let target: TestRegistry;
const environment = { ...process.env };
beforeAll(async () => {
  process.env.HELM = await ensureTool("helm");
  for (const file of ["output-v1.json", "plan-v1.json"])
    ajv.addSchema(JSON.parse(await readFile(join(__dirname, "../../schema", file), "utf8")) as object);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "json-outputs-"));
  process.env.DOCKER_CONFIG = join(folder, "docker");
  [source, target] = await Promise.all([startRegistry(), startRegistry()]);
  await pushImage(source, "team/app:1", makeImage());
  const files = {
    "app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "app/values.yaml": "image: quay.io/team/app:1\n",
    "app/templates/pod.yaml":
      'apiVersion: v1\nkind: Pod\nmetadata: { name: app }\nspec: { containers: [{ name: app, image: "{{ .Values.image }}" }] }\n',
    "registries.yaml": `- { host: quay.io, location: "${source.host}", plainHttp: true }\n- { host: "${target.host}", plainHttp: true }\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
});
afterEach(async () => {
  await Promise.all([source.close(), target.close()]);
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => {
  process.env = environment;
});

async function data(command: string, ...args: string[]): Promise<unknown> {
  const said = { out: "", err: "" };
  const streams = { out: (text: string) => void (said.out += text), err: (text: string) => void (said.err += text) };
  const code = await main([command, ...args, "--output", "json"], streams);
  expect({ code, err: code === 0 || code === 3 || code === 4 ? "" : said.err }).toEqual({ code, err: "" });
  const written = JSON.parse(said.out) as unknown;
  expect(ajv.validate(schemaOf(command), written) || ajv.errors).toBe(true);
  return written;
}

it("is what the schema says, from every command", async () => {
  const chart = join(folder, "app");
  const reached = ["--registries", join(folder, "registries.yaml")];
  const mirror = ["--to", `${target.host}/team`, ...reached];
  const lock = ["--lock-file", join(folder, "chart-mirror.lock.yaml")];
  const archive = join(folder, "app.tar");
  expect(await data("images", chart, ...reached)).toHaveLength(1);
  expect(await data("values", chart, ...mirror)).toMatchObject({ values: { image: `${target.host}/team/team/app:1` } });
  expect(await data("verify", chart, ...mirror)).toHaveLength(1);
  expect(await data("plan", chart, ...mirror)).toMatchObject({ against: "registry" });
  expect(await data("lock", chart, ...mirror, ...lock)).toMatchObject({ state: "written", images: 1 });
  expect(await data("lock", chart, ...mirror, ...lock, "--check")).toMatchObject({ state: "current", differences: [] });
  const changed = ["--set", "image=quay.io/team/app:2"];
  expect(await data("lock", chart, ...mirror, ...lock, "--check", ...changed)).toMatchObject({ state: "stale" });
  expect(await data("copy", chart, ...mirror, "--dry-run")).toMatchObject([{ state: "new" }]);
  expect(await data("copy", chart, ...mirror)).toHaveLength(1);
  expect(await data("push-chart", chart, ...mirror)).toMatchObject({ version: "1.0.0" });
  expect(await data("save", chart, ...reached, "--out", archive)).toMatchObject({ images: ["quay.io/team/app:1"] });
  const elsewhere = ["--to", `${target.host}/carried`, "--plain-http"];
  expect(await data("load", archive, ...elsewhere, "--dry-run")).toHaveLength(2);
  expect(await data("load", archive, ...elsewhere)).toHaveLength(2);
  const pruned = ["--to", `${target.host}/team`, "--plain-http", "--keep-days", "0"];
  expect(await data("prune", ...pruned, "--lock", lock[1] ?? "")).toMatchObject({ removed: [] });
  // Below a mirror that is nobody else's, an image that no lock file names is needed no more.
  await pushImage(target, "team/team/app:0", makeImage({ layers: [{ size: 70, seed: "old" }] }));
  expect(await data("prune", ...pruned, "--lock", lock[1] ?? "", "--owned-repositories")).toMatchObject({
    removed: [{ repository: "team/team/app", tags: ["0"] }],
  });
  expect(await data("node-config", "k3s", "--to", target.host, "--plain-http")).toHaveLength(1);
  expect(await data("version")).toMatchObject({ name: "pulumi-chart-mirror" });
});

it("every command has it, but for the one that writes a script", () => {
  const nothing = { out: () => undefined, err: () => undefined };
  const { commands } = cliProgram({
    streams: nothing,
    input: process.stdin,
    args: [],
    run: () => () => Promise.resolve(),
  });
  const without = commands.filter(({ options }) => !options.some(({ long }) => long === "--output"));
  expect(without.map((command) => command.name())).toEqual(["completion"]);
  for (const command of commands)
    if (!without.includes(command)) expect(ajv.getSchema(schemaOf(command.name()))).toBeDefined();
});
