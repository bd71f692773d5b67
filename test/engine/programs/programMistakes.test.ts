/** What the engine shows of mistakes in programs: the error in its words, once, without a stack. */
import { createProject, type Project } from "../../support/engine";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";

jest.setTimeout(300_000);

let cluster: MemoryClusterHandle;
let project: Project;
beforeAll(async () => {
  cluster = await memoryCluster();
  project = await createProject({
    program: {},
    providers: [cluster.provider],
    // Node.js warns of rejections that are handled late, once for each.
    env: { NODE_OPTIONS: "--trace-warnings" },
  });
});
afterAll(async () => {
  await project.dispose();
  await cluster.dispose();
});

const without = (name: string): string => `
  const Module = require("node:module");
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (request, ...rest) => {
    if (!request.startsWith(${JSON.stringify(name)})) return resolve(request, ...rest);
    throw Object.assign(new Error("Cannot find module '" + request + "'"), { code: "MODULE_NOT_FOUND" });
  };`;

it.each<[string, string, string]>([
  [
    "arguments",
    `const registry = new mirror.ExistingRegistry("mirror", { host: "registry.example.com" });
     new mirror.MirroredRelease("web", { charts: "./chart", registry, platforms: "linux/amd64" });`,
    "Making MirroredRelease web failed: 3 problems",
  ],
  [
    "a missing package",
    `${without("@pulumi/aws")}
     new mirror.EcrRegistry("mirror");`,
    "EcrRegistry needs the package @pulumi/aws, which is not installed. Run: npm install @pulumi/aws",
  ],
  [
    "a missing package of another registry",
    `${without("@pulumi/azure-native")}
     new mirror.AcrRegistry("mirror", { registryName: "contoso", resourceGroupName: "platform" });`,
    "AcrRegistry needs the package @pulumi/azure-native, which is not installed. Run: npm install @pulumi/azure-native",
  ],
  [
    "a chart that is not there",
    `const registry = new mirror.ExistingRegistry("mirror", { host: "registry.example.com" });
     const web = new mirror.MirroredRelease("web", { chart: "./chart", registry });
     exports.images = web.images; exports.status = web.status; exports.plan = web.plan;
     exports.values = web.mirror.values; exports.count = web.images.apply((images) => images.length);`,
    "finding chart ./chart failed: there is no such folder or archive",
  ],
  [
    "a chart of objects that is not there",
    `const registry = new mirror.ExistingRegistry("mirror", { host: "registry.example.com" });
     const web = new mirror.MirroredChart("web", { chart: "./chart", registry });
     exports.images = web.images; exports.resources = web.resources;`,
    "finding chart ./chart failed: there is no such folder or archive",
  ],
  [
    "a registry that cannot be",
    `const registry = new mirror.QuayRegistry("mirror", { host: "https://quay.example.com", organization: "team" });
     exports.images = new mirror.ChartMirror("web", { chart: "./chart", registry }).images;`,
    "is not a host name with an optional port",
  ],
])("%s", async (_, body, words) => {
  await project.write({
    "index.js": `const mirror = require("pulumi-chart-mirror");\n${body}\n`,
    "tsconfig.json": "{}",
  });
  for (const result of [await project.preview({ expectFailure: true }), await project.up({ expectFailure: true })]) {
    const errors = result.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    const told = errors.filter((message) => message.includes(words));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/\nSee \S+#[a-z_]+\s*$/);
    expect(
      errors.filter(
        (message) => !message.includes(words) && !/update failed|preview failed|Resource monitor/i.test(message),
      ),
    ).toEqual([]);
    expect(result.everything).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect(result.everything).not.toContain("PromiseRejectionHandledWarning");
    expect(result.steps.filter(({ type }) => !/^pulumi[:-]/.test(type))).toEqual([]);
  }
});
