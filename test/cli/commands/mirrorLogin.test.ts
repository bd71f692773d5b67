import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../src/cli/main";
import type { PlanReport } from "../../../src/plan/report/planReport";
import { chartYaml, writeFiles } from "../../chart/chartOnDisk";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ensureTool } from "../../support/tools";

const LOGIN = { username: "robot", password: "s3cr3t-of-robot" };
const image = makeImage({ layers: [{ size: 1000, seed: 1 }] });
const environment = { ...process.env };
let folder: string;
let chart: string;
let source: TestRegistry;
let mirror: TestRegistry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mirror-login-"));
  process.env = { ...environment, HELM: await ensureTool("helm"), DOCKER_CONFIG: folder };
  source = await startRegistry();
  mirror = await startRegistry({ auth: { scheme: "basic", users: { [LOGIN.username]: LOGIN.password } } });
  await pushImage(source, "team/app:1", image);
  chart = await writeFiles({
    "Chart.yaml": chartYaml("app"),
    "values.yaml": `image: ${source.host}/team/app:1\n`,
    "templates/pod.yaml":
      "apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: {{ .Values.image }} }] }\n",
  });
  await writeFile(join(folder, "sources.yaml"), `- host: ${source.host}\n  plainHttp: true\n`);
}, 600_000);
afterAll(async () => {
  process.env = environment;
  await Promise.all([source.close(), mirror.close()]);
  await rm(folder, { recursive: true });
});

async function run(command: string, args: readonly string[], password = LOGIN.password) {
  let [out, err] = ["", ""];
  const input = (async function* () {
    yield await Promise.resolve(`${password}\n`);
  })();
  const reach = ["--to", `${mirror.host}/team`, "--registries", join(folder, "sources.yaml"), "--plain-http"];
  const streams = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
  const code = await main([command, chart, ...reach, ...args], streams, input);
  return { code, out, err };
}

const GIVEN = ["--username", LOGIN.username, "--password-stdin"];

it("push-chart and plan reach a mirror with the login that is given", async () => {
  expect(await run("push-chart", GIVEN)).toMatchObject({ code: 0, out: expect.stringMatching(/^oci:/) as string });
  expect((await run("copy", GIVEN)).code).toBe(0);
  const planned = await run("plan", [...GIVEN, "-o", "json"]);
  expect((JSON.parse(planned.out) as PlanReport).images.map(({ change }) => change)).toEqual(["same"]);
  expect(planned.err).not.toContain("warning");
});

it("plan says that the mirror wants a login, and how to give one", async () => {
  const { out, err } = await run("plan", ["-o", "json"]);
  expect((JSON.parse(out) as PlanReport).images.map(({ change }) => change)).not.toEqual(["same"]);
  expect(err).toMatch(/warning: .*--username and --password-stdin/);
});

it.each(["plan", "push-chart"])("%s refuses what does not go together, as copy does", async (command) => {
  expect(await run(command, ["--username", "robot"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("--username and --password-stdin need each other") as string,
  });
  expect(await run(command, [...GIVEN, "-f", "-"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("--password-stdin and --values - both read standard input") as string,
  });
  for (const argument of ["a=-", "a={FILE,-}", "a=FILE,b=-"])
    expect(await run(command, [...GIVEN, "--set-file", argument])).toMatchObject({
      code: 2,
      err: expect.stringContaining("--password-stdin and --set-file with - both read standard input") as string,
    });
});
