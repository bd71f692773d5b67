import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

/** A chart with an image that no value reaches, so that it is patched in a copy. */
const chart = (name: string): Record<string, string> => ({
  "chart/Chart.yaml": `apiVersion: v2\nname: ${JSON.stringify(name)}\nversion: 1.2.3\n`,
  "chart/templates/web.yaml": `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: web, image: "quay.io/team/web:1.0" }] }
`,
});
const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team", plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const args = { chart: "./chart", namespace: "shop", createNamespace: true, registry, sourceAccess };
  new MirroredRelease(config.get("name") ?? "web", { ...args, name: "web" });
`;

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
let project: Project;
beforeEach(async () => {
  [source, mirror, cluster] = await Promise.all([startRegistry(), startRegistry(), memoryCluster()]);
  await pushImage(source, "team/web:1.0", makeImage());
});
afterEach(async () => {
  await project.dispose();
  await cluster.dispose();
  await Promise.all([source.close(), mirror.close()]);
});

async function projectOf(name: string): Promise<Project> {
  project = await createProject({
    program: { "index.ts": PROGRAM, ...chart(name) },
    providers: [cluster.provider],
    config: { mirrorHost: mirror.host, sourceHost: source.host },
  });
  return project;
}

const put = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(project.folder, path)), { recursive: true });
  await writeFile(join(project.folder, path), text);
};

it.each(["..", "../victim"])("a preview of a chart named %j deletes nothing, and says what is wrong", async (name) => {
  await projectOf(name);
  await put("tmp/of-another-program", "precious");
  await put("victim/precious", "precious");
  const env = { TMPDIR: join(project.folder, "tmp") };
  const { errors } = await project.preview({ expectFailure: true, env });
  expect(errors).toContain(`The name "${name}" of a chart (`);
  expect(readdirSync(join(project.folder, "tmp"))).toContain("of-another-program");
  expect(readdirSync(join(project.folder, "victim"))).toEqual(["precious"]);
});

it("a planted .chart-mirror is never written or deleted through, and what is ours is made anew", async () => {
  await projectOf("web");
  await put("elsewhere/web/precious", "precious");
  const precious = () => readFile(join(project.folder, "elsewhere/web/precious"), "utf8");
  const ours = join(project.folder, ".chart-mirror");

  await symlink(join(project.folder, "elsewhere"), ours);
  expect((await project.preview({ expectFailure: true })).errors).toMatch(/\.chart-mirror is a link/);
  await rm(ours);
  await mkdir(ours);
  await symlink(join(project.folder, "elsewhere/web"), join(ours, "web"));
  expect((await project.preview({ expectFailure: true })).errors).toMatch(/it is a link/);
  await rm(join(ours, "web"));
  await put(".chart-mirror/web", "a file");
  expect((await project.preview({ expectFailure: true })).errors).toMatch(/it is no folder/);
  await rm(join(ours, "web"));
  await put(".chart-mirror/web/precious", "precious");
  expect((await project.preview({ expectFailure: true })).errors).toMatch(/no former run wrote it/);
  expect([await precious(), await readFile(join(ours, "web/precious"), "utf8")]).toEqual(["precious", "precious"]);
  expect(readdirSync(join(project.folder, "elsewhere"))).toEqual(["web"]);
  await rm(join(ours, "web"), { recursive: true });

  // As releases without a list of files left it.
  await put(".chart-mirror/web/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
  await put(".chart-mirror/web/web/templates/stale.yaml", "kind: Stale");
  await project.up();
  expect(JSON.stringify(cluster.object("Pod", "web", "shop"))).toContain(`${mirror.host}/team/`);
  await put(".chart-mirror/web/web/templates/planted.yaml", "kind: Planted");
  expectUnchanged(await project.up());
  expect(existsSync(join(ours, "web/web/templates/planted.yaml"))).toBe(false);
  expect(readdirSync(ours)).toEqual(["web"]);
});

it("a component may have slashes in its name, and has a folder of its own all the same", async () => {
  await projectOf("web");
  await project.setConfig({ name: "../shop/web" });
  await project.up();
  expect(readdirSync(join(project.folder, ".chart-mirror"))).toEqual(["..%2Fshop%2Fweb"]);
  expectUnchanged(await project.up());
});
