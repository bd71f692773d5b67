import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packChart } from "../../src/chart/source/packChart";
import { main } from "../../src/cli/main";
import { parseReference } from "../../src/image/reference";
import { Registries } from "../../src/oci/registries";
import { chartArtifact } from "../../src/plan/chartArtifact";
import { startNameProxy, type NameProxy } from "../support/cloud";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

jest.setTimeout(900_000);

/** One image by a value, one literally in a template, one of Docker Hub. */
const CHART = {
  "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "values.yaml": "image: quay.io/team/web:1.0\ncache: redis:7\nimagePullSecrets: []\n",
  "templates/web.yaml": `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { chart: "web-{{ .Chart.Version }}" } }
spec:
  containers:
    - { name: web, image: {{ .Values.image }} }
    - { name: cache, image: {{ .Values.cache }} }
    - { name: helper, image: quay.io/team/helper:2.0 }
`,
};
const images = {
  "team/web:1.0": makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (platform) => [{ size: 2000, seed: platform }],
  }),
  "team/helper:2.0": makeImage({ layers: [{ size: 1000, seed: "helper" }] }),
  "library/redis:7": makeImage({ layers: [{ size: 600_000, seed: "redis" }] }),
};
/** Where the mirror has them. */
const TARGETS = { "team/web:1.0": "team/web", "team/helper:2.0": "team/helper", "library/redis:7": "redis" } as const;
const RELEASE = "kubernetes:helm.sh/v3:Release::web";
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";

const program = (options: string, chart = "oci://charts.vendor.test/shop/web"): string => `
  import * as pulumi from "@pulumi/pulumi";
  import { MirroredRelease, ExistingRegistry, CopyMethod, TagPolicy } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "platform", plainHttp: true });
  const sourceBundle = config.require("bundle");
  const made = new MirroredRelease("web", { chart: "${chart}", version: "~1.2.0", registry, sourceBundle, ${options} });
  export const images = made.images;
`;

let folder: string;
let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
/** Whatever is asked for by name goes here, and is refused. */
let elsewhere: NameProxy;
let project: Project | undefined;
const environment = { ...process.env };

beforeAll(async () => {
  process.env.HELM = await ensureTool("helm");
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-source-bundle-"));
  process.env.DOCKER_CONFIG = join(folder, "docker");
  source = await startRegistry();
  mirror = await startRegistry();
  cluster = await memoryCluster();
  elsewhere = await startNameProxy({});
  for (const [name, image] of Object.entries(images)) await pushImage(source, name, image);
  const registries = new Registries({ access: [{ host: source.host, plainHttp: true }] });
  const files = Object.entries(CHART).map(([path, text]) => ({ path, data: Buffer.from(text) }));
  const artifact = chartArtifact({ name: "web", version: "1.2.3" }, packChart("web", files));
  await registries.pushArtifact(parseReference(`${source.host}/shop/web:1.2.3`), artifact);
  registries.close();
});
afterEach(async () => {
  await project?.dispose();
  project = undefined;
  await Promise.all([cluster.dispose(), elsewhere.close(), source.close(), mirror.close()]);
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => {
  process.env = environment;
});

async function saved(...more: string[]): Promise<string> {
  const access = join(folder, "registries.yaml");
  const hosts = ["quay.io", "docker.io", "charts.vendor.test"];
  const entries = hosts.map((host) => `- { host: ${host}, location: "${source.host}", plainHttp: true }\n`);
  await writeFile(access, entries.join(""));
  const file = join(folder, "shop.tar");
  const said: string[] = [];
  const streams = { out: (text: string) => void said.push(text), err: (text: string) => void said.push(text) };
  // eslint-disable-next-line @typescript-eslint/require-await -- standard input is read in pieces
  const nothing = (async function* () {
    yield "";
  })();
  const args = ["save", "oci://charts.vendor.test/shop/web", "--out", file, "--registries", access, ...more];
  const code = await main(args, streams, nothing);
  expect([code, said.join("")]).toEqual([0, expect.stringContaining("3 images, 1 chart")]);
  return file;
}

async function projectOf(text: string, bundle: string): Promise<Project> {
  project = await createProject({
    program: { "index.ts": text },
    providers: [cluster.provider],
    config: { mirrorHost: mirror.host, bundle },
    env: { HTTPS_PROXY: elsewhere.url, HTTP_PROXY: elsewhere.url, NO_PROXY: "127.0.0.1" },
  });
  return project;
}

it("is previewed and deployed from the bundle and the mirror alone, and then changes nothing", async () => {
  const stack = await projectOf(program(""), await saved());
  await source.close();
  const preview = await stack.preview();
  expect(preview.changes).toMatchObject({ [RELEASE]: "create", [`${COPY}::mirror/quay.io/team/web:1.0`]: "create" });
  expect(mirror.repositories()).toEqual([]);
  const up = await stack.up();
  for (const [name, repository] of Object.entries(TARGETS)) {
    const [, tag = ""] = name.split(":");
    expect(await mirror.defects(`platform/${repository}`, tag)).toEqual([]);
    expect(mirror.tag(`platform/${repository}`, tag)).toBe(images[name as keyof typeof images].digest);
    expect(JSON.stringify(cluster.releases()[0])).toContain(`${mirror.host}/platform/${repository}:${tag}`);
  }
  // What deploys the chart finds it on disk.
  expect(up.step(RELEASE).inputs.chart).toMatch(/^\.\/\.chart-mirror\/web\//);
  expectUnchanged(await stack.up());
  expectUnchanged(await (await stack.onAnotherMachine()).preview());
  expect(elsewhere.refused).toEqual([]);

  // What goes from the mirror comes back out of the bundle.
  mirror.deleteTag("platform/team/helper", "2.0");
  await stack.up();
  expect(await mirror.defects("platform/team/helper", "2.0")).toEqual([]);
  expect(elsewhere.refused).toEqual([]);
});

it("takes the digests of a lock file, and refuses a bundle that has others", async () => {
  const bundle = await saved();
  const lockFile = `lockFile: "chart-mirror.lock.yaml"`;
  const stack = await projectOf(program(`${lockFile}, mirrorChart: true`), bundle);
  await source.close();
  await stack.preview({ env: { CHART_MIRROR_LOCK: "write" } });
  await stack.up();
  expect(mirror.tags("platform/charts/web")).toContain("1.2.3");
  expectUnchanged(await stack.up());
  expect(elsewhere.refused).toEqual([]);

  source = await startRegistry();
  await pushImage(source, "team/web:1.0", makeImage({ layers: [{ size: 1234, seed: "moved" }] }));
  for (const name of ["team/helper:2.0", "library/redis:7"] as const) await pushImage(source, name, images[name]);
  const registries = new Registries({ access: [{ host: source.host, plainHttp: true }] });
  const files = Object.entries(CHART).map(([path, text]) => ({ path, data: Buffer.from(text) }));
  const artifact = chartArtifact({ name: "web", version: "1.2.3" }, packChart("web", files));
  await registries.pushArtifact(parseReference(`${source.host}/shop/web:1.2.3`), artifact);
  registries.close();
  await saved();
  const { errors } = await stack.preview({ expectFailure: true });
  expect(errors).toMatch(/quay\.io\/team\/web:1\.0 \(sha256:\w+\) was not found at OCI image layout .*shop\.tar/);
});

it("copies some platforms alone, and says what cannot be had", async () => {
  const bundle = await saved("--platform", "linux/amd64");
  const stack = await projectOf(program(`platforms: ["linux/amd64"]`), bundle);
  await source.close();
  await stack.up();
  expect(await mirror.defects("platform/team/web", "1.0")).toEqual([]);
  expectUnchanged(await stack.up());

  await stack.write({ "index.ts": program(`extraImages: ["ghcr.io/not/saved:1"]`) });
  const lacking = await stack.preview({ expectFailure: true });
  expect(lacking.errors).toMatch(/ghcr\.io\/not\/saved:1 was not found: OCI image layout .*shop\.tar/);
  await stack.write({ "index.ts": program("", "oci://charts.vendor.test/shop/other") });
  const chart = await stack.preview({ expectFailure: true });
  expect(chart.errors).toMatch(/has none of that name\. It has web 1\.2\.3/);
  await stack.write({
    "index.ts": program(`copyWith: CopyMethod.Kubernetes, copyJob: { namespace: "mirror" }`),
  });
  const way = await stack.preview({ expectFailure: true });
  expect(way.errors).toMatch(/by kubernetes: they come from the bundle .*shop\.tar/);
});
