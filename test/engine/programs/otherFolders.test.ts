/** Programs that do not run where Pulumi.yaml lies, or that leave that folder while they run. */
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { createProject, expectUnchanged, type Project } from "../../support/engine";
import { makeImage, pushImage } from "../../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../../support/registry";

jest.setTimeout(300_000);

const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  // No value reaches the image, so that the release installs a patched chart.
  "chart/templates/web.yaml":
    "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: web, image: quay.io/team/web:1.0 }] }\n",
};
const program = (before: string): string => `
  const pulumi = require("@pulumi/pulumi");
  const { ExistingRegistry, MirroredRelease } = require("pulumi-chart-mirror");
  ${before}
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team", plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
`;

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
let project: Project;
beforeEach(async () => {
  source = await startRegistry();
  mirror = await startRegistry();
  cluster = await memoryCluster();
  await pushImage(source, "team/web:1.0", makeImage({ layers: [{ size: 500, seed: "web" }] }));
});
afterEach(async () => {
  await project.dispose();
  await Promise.all([source.close(), mirror.close(), cluster.dispose()]);
});

async function deploys(): Promise<void> {
  await project.preview();
  await project.up();
  expect(JSON.stringify(cluster.object("Pod", "web"))).toContain(`${mirror.host}/team/team/web:1.0`);
  expectUnchanged(await project.up());
  await project.destroy();
}

const makeProject = async (files: Readonly<Record<string, string>>): Promise<void> => {
  project = await createProject({
    program: files,
    providers: [cluster.provider],
    config: { mirrorHost: mirror.host, sourceHost: source.host },
  });
};

it("a program in the folder that `main` names", async () => {
  await makeProject({ ...chart, "index.js": program("") });
  const folder = join(project.folder, "src");
  await mkdir(folder);
  for (const name of ["index.js", "chart", "package.json", "tsconfig.json"])
    await rename(join(project.folder, name), join(folder, name));
  await project.write({ "Pulumi.yaml": "name: test\nruntime: nodejs\nmain: src\n" });
  await deploys();
});

it("a program that goes elsewhere and comes back", async () => {
  const away = `const here = process.cwd(); process.chdir("/"); process.chdir(here);`;
  await makeProject({ ...chart, "index.js": program(away), "tsconfig.json": "{}" });
  await deploys();
});

it("a program that goes elsewhere is told that its paths would mean two places", async () => {
  await makeProject({ ...chart, "index.js": program(`process.chdir("/");`), "tsconfig.json": "{}" });
  for (const result of [await project.preview({ expectFailure: true }), await project.up({ expectFailure: true })]) {
    expect(result.errors).toContain(`The program was started in ${project.folder} and has gone to / (process.chdir)`);
    expect(mirror.repositories()).toEqual([]);
  }
});
