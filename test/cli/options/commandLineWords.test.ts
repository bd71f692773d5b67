/** Advice names no option that the command does not have, and says where to read on. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../../src/cli/main";
import { wordsOf } from "../../../src/cli/options/commandLineWords";
import { cliProgram } from "../../../src/cli/program";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ensureTool } from "../../support/tools";

jest.setTimeout(300_000);

const { commands } = cliProgram({
  streams: { out: () => undefined, err: () => undefined },
  input: process.stdin,
  args: [],
  run: () => () => Promise.resolve(),
});
const optionsOf = (command: string): string[] =>
  commands.filter((one) => one.name() === command).flatMap(({ options }) => options.map(({ long }) => long ?? ""));
const optionsIn = (text: string): string[] => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];

let folder: string;
let source: TestRegistry;
let closed: TestRegistry;
const environment = { ...process.env };
beforeAll(async () => {
  process.env.HELM = await ensureTool("helm");
  folder = await mkdtemp(join(tmpdir(), "command-line-words-"));
  process.env.DOCKER_CONFIG = join(folder, "docker");
  [source, closed] = await Promise.all([
    startRegistry(),
    startRegistry({ auth: { scheme: "basic", users: { robot: "pass-1" } } }),
  ]);
  await pushImage(source, "team/app:1", makeImage());
  const pod = (image: string): Record<string, string> => ({
    "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "values.yaml": `image: ${image}\n`,
    "templates/pod.yaml":
      'apiVersion: v1\nkind: Pod\nmetadata: { name: app }\nspec: { containers: [{ name: app, image: "{{ .Values.image }}" }] }\n',
  });
  const files = {
    ...Object.fromEntries(
      Object.entries(pod(`${source.host}/team/app:1`)).map(([file, text]) => [`app/${file}`, text]),
    ),
    "sources.yaml": `- { host: "${source.host}", plainHttp: true }\n`,
    "both.yaml": `- { host: "${source.host}", plainHttp: true }\n- { host: "${closed.host}", plainHttp: true }\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const saved = ["save", "app", "--out", "app.tar", "--registries", "sources.yaml"];
  expect(await run(saved)).toMatchObject({ code: 0 });
});
afterAll(async () => {
  process.env = environment;
  await Promise.all([source.close(), closed.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function run(args: readonly string[]): Promise<{ code: number; err: string }> {
  let err = "";
  const at = args.map((arg) =>
    /^(?:app|sources\.yaml|both\.yaml|app\.tar|new\.tar)$/.test(arg) ? join(folder, arg) : arg,
  );
  const code = await main(at, { out: () => undefined, err: (text) => void (err += text) });
  return { code, err };
}

const to = (): string[] => ["--to", `${closed.host}/p`];
const sources = ["--registries", "sources.yaml"];
const both = ["--registries", "both.yaml"];

describe.each<[string, string, () => string[]]>([
  ["plain http", "plan", () => ["app", ...to()]],
  ["plain http", "lock", () => ["app", ...to()]],
  ["plain http", "values", () => ["app", ...to(), "--pin-digests"]],
  ["plain http", "images", () => [`oci://${closed.host}/charts/app`]],
  ["plain http", "verify", () => [`oci://${closed.host}/charts/app`, ...to()]],
  ["plain http", "copy", () => ["app", ...to()]],
  ["plain http", "save", () => ["app", "--out", "new.tar"]],
  ["plain http", "load", () => ["app.tar", ...to()]],
  ["plain http", "push-chart", () => ["app", ...to(), ...sources]],
  ["plain http", "prune", () => [...to(), "--owned-repositories", "--lock", "none.yaml"]],
  ["a login that is missing", "plan", () => ["app", ...to(), ...both]],
  ["a login that is missing", "copy", () => ["app", ...to(), ...both]],
  ["a login that is missing", "load", () => ["app.tar", ...to(), ...both]],
  ["a login that is missing", "push-chart", () => ["app", ...to(), ...both]],
  ["a login that is missing", "values", () => [`oci://${closed.host}/charts/app`, ...to(), ...both]],
])("%s at %s", (_, command, args) => {
  it("is told with options of the command", async () => {
    const { err } = await run([command, ...args()]);
    expect(err).toMatch(/^(?:error|warning): /m);
    const named = optionsIn(err);
    expect({ err, named: named.filter((option) => !optionsOf(command).includes(option)) }).toEqual({ err, named: [] });
  });
});

it.each(["copy", "load", "push-chart"])("%s says where to read on about what failed", async (command) => {
  const { err } = await run([command, command === "load" ? "app.tar" : "app", ...to(), ...both]);
  expect(err).toMatch(/wants a login[^]*^See .*reference\/errors\.md#login_required$/m);
});

const reaching = commands.filter(({ options }) => options.some(({ long }) => long === "--registries"));
it.each(reaching.map((command) => [command.name(), command] as const))("%s has words of its own", (name, command) => {
  const { plainHttp, caCertificate, logins, giveLogin } = wordsOf(command);
  const named = optionsIn([plainHttp, caCertificate, logins, giveLogin("r.test")].join("\n"));
  expect(named.filter((option) => !optionsOf(name).includes(option))).toEqual([]);
});
