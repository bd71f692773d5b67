/** Programs that run in Bun (`runtime: bun`), whose dynamic resources run in Node.js. */
import { delimiter, dirname, join } from "node:path";
import { createProject, expectUnchanged, type Project } from "../../support/engine";
import { makeImage, pushImage } from "../../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ensureTool, ensureTools } from "../../support/tools";

jest.setTimeout(300_000);

const LANGUAGE_HOST = join(__dirname, "../../support/engine/languageBun");

const files = {
  "Pulumi.yaml": "name: test\nruntime: bun\n",
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  // No value reaches the image, so that the release installs a patched chart.
  "chart/templates/web.yaml":
    "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: web, image: quay.io/team/web:1.0 }] }\n",
  "index.ts": `
    import * as pulumi from "@pulumi/pulumi";
    import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
    const config = new pulumi.Config();
    const credentials = { username: "robot", password: config.requireSecret("password") };
    const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team", plainHttp: true, credentials });
    const sourceAccess: { host: string; location: string; plainHttp: boolean }[] = [
      { host: "quay.io", location: config.require("sourceHost"), plainHttp: true },
    ];
    export const images = new MirroredRelease("web", { chart: "./chart", registry, sourceAccess }).images;
    export const runtime = process.versions.bun;`,
};

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
let bun: string;
let project: Project;
beforeEach(async () => {
  bun = dirname(await ensureTool("bun"));
  source = await startRegistry();
  mirror = await startRegistry({ auth: { scheme: "basic", users: { robot: "hunter2hunter2" } } });
  cluster = await memoryCluster();
  await pushImage(source, "team/web:1.0", makeImage({ layers: [{ size: 500, seed: "web" }] }));
  project = await createProject({
    program: files,
    providers: [cluster.provider],
    path: [bun, LANGUAGE_HOST],
    config: { mirrorHost: mirror.host, sourceHost: source.host, password: { secret: "hunter2hunter2" } },
  });
});
afterEach(async () => {
  await project.dispose();
  await Promise.all([source.close(), mirror.close(), cluster.dispose()]);
});

it("deploy as in Node.js", async () => {
  const preview = await project.preview();
  expect(preview.everything).toContain("1 of 1 image to copy");
  await project.up();
  expect(await project.outputs()).toMatchObject({
    runtime: expect.stringMatching(/^\d/) as string,
    images: [{ source: "quay.io/team/web:1.0", target: `${mirror.host}/team/team/web:1.0` }],
  });
  expect(JSON.stringify(cluster.object("Pod", "web"))).toContain(`${mirror.host}/team/team/web:1.0`);
  expectUnchanged(await project.up());
  await project.destroy();
});

it("say at once that Node.js is missing", async () => {
  const engine = await ensureTools("pulumi", "pulumi-language-nodejs");
  const env = { PATH: [LANGUAGE_HOST, bun, engine].join(delimiter) };
  for (const result of [
    await project.preview({ expectFailure: true, env }),
    await project.up({ expectFailure: true, env }),
  ]) {
    expect(result.errors).toMatch(/The program runs in Bun \d[\d.]* \(runtime: bun\), and no node is on the PATH/);
    expect(result.errors).toContain("Install Node.js 20 or newer beside Bun");
  }
  expect(mirror.repositories()).toEqual([]);
});
