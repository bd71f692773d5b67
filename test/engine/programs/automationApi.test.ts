/** Programs of the Automation API, whose process and whose stack's workspace may be in two folders. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { webChart } from "../../support/charts/webChart";
import type { Project } from "../../support/engine";
import { MirrorStage } from "../../support/engine/mirrorStage";
import { makeImage } from "../../support/images";

jest.setTimeout(900_000);

const stage = new MirrorStage({
  images: { "team/web:1.0": makeImage({ layers: [{ size: 500, seed: "web" }] }) },
});
/** No value reaches the image, so that the release installs a patched chart. */
const CHART = webChart({ values: "", containers: { web: "quay.io/team/web:1.0" } });

/** @param workspace what makes the stack: `program` is at hand, as is where the stack's settings go (`env`) */
const deploy = (workspace: string): string => `
  const { LocalWorkspace } = require("@pulumi/pulumi/automation");
  const { ExistingRegistry, MirroredRelease } = require("pulumi-chart-mirror");
  const program = async () => {
    const registry = new ExistingRegistry("mirror", { host: "${stage.mirror.host}", plainHttp: true });
    const sourceAccess = [{ host: "quay.io", location: "${stage.source.host}", plainHttp: true }];
    const options = { chart: "./chart", name: "web", registry, sourceAccess };
    new MirroredRelease("patched", options);
    new MirroredRelease("mirrored", { ...options, name: "api", mirrorChart: true });
  };
  (async () => {
    ${workspace}
    await stack.preview();
    await stack.up();
    const { summary } = await stack.up();
    console.log(JSON.stringify(summary.resourceChanges));
    await stack.destroy();
  })().catch((error) => { console.error(error); process.exitCode = 1; });
`;
const inline = (options: string): string =>
  deploy(
    `const stack = await LocalWorkspace.createOrSelectStack({ stackName: "inline", projectName: "shop", program }, ${options});`,
  );

async function projectOf(files: Readonly<Record<string, string>>): Promise<Project> {
  return stage.project({ program: { ...CHART, ...files } });
}

const unchanged = (said: string): unknown => Object.keys(JSON.parse(said.trim().split("\n").at(-1) ?? "") as object);

it.each([
  ["where the program is", "{ workDir: process.cwd() }"],
  ["in another folder", '{ workDir: "stacks/shop" }'],
  ["that Pulumi makes", "{}"],
])("deploys an inline program with the workspace %s", async (_, options) => {
  const project = await projectOf({ "deploy.js": inline(options), "stacks/shop/README.md": "" });
  // That is for the workspace to make.
  await rm(join(project.folder, "Pulumi.yaml"));
  expect(unchanged(await project.node("deploy.js"))).toEqual(["same"]);
  expect(stage.mirror.tag("team/web", "1.0")).toBeDefined();
  expect(stage.cluster.releases()).toEqual([]);
  expect(existsSync(join(project.folder, ".chart-mirror"))).toBe(true);
});

it("deploys a program of another folder, which the language host runs there", async () => {
  const program = `
    const { ExistingRegistry, MirroredRelease } = require("pulumi-chart-mirror");
    const registry = new ExistingRegistry("mirror", { host: "HOST", plainHttp: true });
    const sourceAccess = [{ host: "quay.io", location: "SOURCE", plainHttp: true }];
    new MirroredRelease("web", { chart: "../../chart", registry, sourceAccess });`;
  const project = await projectOf({
    "deploy.js": deploy(
      'const stack = await LocalWorkspace.createOrSelectStack({ stackName: "local", workDir: "stacks/shop" });',
    ),
    "stacks/shop/Pulumi.yaml": "name: shop\nruntime: nodejs\n",
    "stacks/shop/package.json": "{}",
    "stacks/shop/tsconfig.json": "{}",
    "stacks/shop/index.js": program.replace("HOST", stage.mirror.host).replace("SOURCE", stage.source.host),
  });
  expect(unchanged(await project.node("deploy.js"))).toEqual(["same"]);
  expect(existsSync(join(project.folder, "stacks/shop/.chart-mirror"))).toBe(true);
});
