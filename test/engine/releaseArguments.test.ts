/** What a plain Release takes, a MirroredRelease takes, and hands on as it is. */
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openPgpKey } from "../support/charts/openPgpKey";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { resourceSchema } from "../support/providers/kubernetes/objects/schema";
import { run } from "../support/engine/process";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

jest.setTimeout(900_000);

const PROGRAM = `
  import * as k8s from "@pulumi/kubernetes";
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredChart, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const mirrored = { chart: "./chart", registry, sourceAccess };
`;
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "image: quay.io/team/web:1\nreplicas: 1\n",
  "chart/templates/web.yaml":
    'apiVersion: v1\nkind: Pod\nmetadata: { name: "{{ .Release.Name }}" }\nspec: { containers: [{ name: web, image: "{{ .Values.image }}" }] }\n',
  "values.yaml": "replicas: 2\n",
};
const RELEASE = "kubernetes:helm.sh/v3:Release";

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
const projects: Project[] = [];

beforeEach(async () => {
  source = await startRegistry();
  mirror = await startRegistry();
  await pushImage(source, "team/web:1", makeImage({ layers: [{ size: 500, seed: "web" }] }));
  cluster = await memoryCluster();
});
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
  await cluster.dispose();
  await source.close();
  await mirror.close();
});

async function projectOf(program: string, files: Readonly<Record<string, string>> = {}): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": PROGRAM + program, ...CHART, ...files },
    providers: [cluster.provider],
    config: { mirrorHost: mirror.host, sourceHost: source.host },
  });
  projects.push(project);
  return project;
}

/** One value of each argument, as programs write it; `undefined` for those that the mirror has of its own. */
const ARGUMENTS: Readonly<Record<string, string | undefined>> = {
  allowNullValues: "true",
  atomic: "true",
  chart: undefined,
  cleanupOnFail: "true",
  compat: '"true"',
  createNamespace: "true",
  dependencyUpdate: "true",
  description: '"of the shop"',
  devel: "true",
  disableCRDHooks: "true",
  disableOpenapiValidation: "true",
  disableWebhooks: "true",
  forceUpdate: "true",
  keyring: '"./keyring.gpg"',
  lint: "true",
  manifest: "{ kept: 1 }",
  maxHistory: "3",
  name: '"shop"',
  namespace: '"shop"',
  postrender: '"/bin/cat"',
  recreatePods: "true",
  renderSubchartNotes: "true",
  replace: "true",
  repositoryOpts: undefined,
  resetValues: "true",
  resourceNames: '{ "Pod/v1": ["web"] }',
  reuseValues: "true",
  skipAwait: "true",
  skipCrds: "true",
  takeOwnership: "true",
  timeout: "77",
  valueYamlFiles: '[new pulumi.asset.FileAsset("values.yaml")]',
  values: "{ replicas: 3, none: null }",
  verify: undefined,
  version: '"1.2.3"',
  waitForJobs: "true",
};

it("hands every argument of a Release on", async () => {
  // A new one has to be told here.
  expect(Object.keys(ARGUMENTS).sort()).toEqual([...(resourceSchema(RELEASE)?.keys() ?? [])].sort());
  const told = Object.entries(ARGUMENTS).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const pairs = told.map(
    ([key, value]) => `
      new k8s.helm.v3.Release("plain-${key}", { name: "web", chart: "./chart", ${key}: ${value} } as any);
      new MirroredRelease("${key}", { name: "web", ...mirrored, ${key}: ${value} } as any);`,
  );
  const preview = await (await projectOf(pairs.join(""))).preview();
  const argumentsOf = (name: string): Record<string, unknown> => {
    const { chart: _chart, values, ...rest } = preview.step(`${RELEASE}::${name}`).inputs;
    const { image: _image, ...others } = values as Record<string, unknown>;
    return { ...rest, values: others };
  };
  for (const [key] of told) expect({ key, is: argumentsOf(key) }).toEqual({ key, is: argumentsOf(`plain-${key}`) });
  const said = preview.diagnostics.map(({ message }) => message).join("\n");
  expect(said).toMatch(/postrender changes what the chart renders/);
  expect(said).toMatch(/reuseValues lays the values/);
});

it("fills charts/ in a copy, and lets a provider that renders into files have a MirroredChart alone", async () => {
  const files = {
    "chart/Chart.yaml": `${CHART["chart/Chart.yaml"]}dependencies:\n- { name: extra, version: 1.x, repository: "file://../extra" }\n`,
    "extra/Chart.yaml": "apiVersion: v2\nname: extra\nversion: 1.0.0\n",
    "extra/templates/extra.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: extra }\n",
  };
  const project = await projectOf(
    `new MirroredRelease("web", { ...mirrored, name: "web", dependencyUpdate: true });`,
    files,
  );
  await project.up();
  expect(cluster.object("ConfigMap", "extra")).toBeDefined();
  expectUnchanged(await (await project.onAnotherMachine()).up());

  const rendered = `const files = new k8s.Provider("files", { renderYamlToDirectory: "rendered" });`;
  const release = await projectOf(`${rendered} new MirroredRelease("web", mirrored, { providers: [files] });`);
  const failed = await release.preview({ expectFailure: true });
  expect(failed.stdout).toMatch(
    /Deploying the release web is not possible .*renderYamlToDirectory: rendered.*MirroredChart/,
  );
});

describe("verify", () => {
  const SIGNED = "./web-1.2.3.tgz";

  /** A project with the chart as its author has signed it, and with the keys of who verifies it. */
  async function signedProject(program: string): Promise<Project> {
    const project = await projectOf(program);
    const key = openPgpKey("author <author@example.com>");
    await writeFile(join(project.folder, "secret.gpg"), key.secretRing);
    await writeFile(join(project.folder, "keyring.gpg"), key.publicRing);
    await writeFile(join(project.folder, "others.gpg"), openPgpKey("other <other@example.com>").publicRing);
    const sign = ["--sign", "--key", "author", "--keyring", "secret.gpg"];
    const options = { cwd: project.folder, env: { HOME: project.home } };
    expect(await run(await ensureTool("helm"), ["package", "chart", ...sign], options)).toMatchObject({ exitCode: 0 });
    return project;
  }
  const release = (more: string): string =>
    `new MirroredRelease("web", { ...mirrored, chart: "${SIGNED}", name: "web", verify: true, ${more} });`;

  it("deploys a chart as its author has signed it, through a Release and a Chart", async () => {
    const project = await signedProject(`
      ${release(`keyring: "./keyring.gpg"`)}
      new MirroredChart("chart", { ...mirrored, chart: "${SIGNED}", name: "chart", verify: true,
        keyring: new pulumi.asset.FileAsset("./keyring.gpg") });`);
    await project.up();
    for (const name of ["web", "chart"])
      expect(cluster.object("Pod", name)).toMatchObject({
        spec: { containers: [{ image: `${mirror.host}/team/web:1` }] },
      });
    expectUnchanged(await project.up());
    expectUnchanged(await (await project.onAnotherMachine()).up());
  });

  it.each<[string, string, (project: Project) => Promise<void>, RegExp]>([
    [
      "a chart that another has signed",
      release(`keyring: "./others.gpg"`),
      () => Promise.resolve(),
      /signature made by unknown entity/,
    ],
    [
      "an archive that was changed since",
      release(`keyring: "./keyring.gpg"`),
      async ({ folder }) => {
        const archive = join(folder, SIGNED);
        // Another header of gzip: the chart is the same, and the archive another.
        const bytes = await readFile(archive);
        bytes[9] = bytes[9] === 3 ? 255 : 3;
        await writeFile(archive, bytes);
      },
      /sha256 sum does not match/,
    ],
    [
      "a folder, which nobody can sign",
      release(`keyring: "./keyring.gpg", chart: "./chart"`),
      () => Promise.resolve(),
      /Verifying the chart \.\/chart with Helm \(verify: true\) is not possible: what is deployed is a copy of it/,
    ],
    [
      "a signed chart that is packed anew for the mirror",
      release(`keyring: "./keyring.gpg", mirrorChart: true`),
      () => Promise.resolve(),
      /Verifying the chart \.\/web-1\.2\.3\.tgz .* is not possible: mirrorChart packs it anew/,
    ],
  ])("refuses %s at preview, before anything is made", async (_, program, change, message) => {
    const project = await signedProject(program);
    await change(project);
    expect((await project.preview({ expectFailure: true })).errors).toMatch(message);
    expect([mirror.repositories(), cluster.objects()]).toEqual([[], []]);
  });
});

describe("a release that Helm has and the stack has not", () => {
  let api: Server;
  let kubeconfig: string;

  /** Helm's records, as an API server lists them. */
  beforeEach(async () => {
    api = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://api");
      const [, namespace] = /namespaces\/([^/]+)\/secrets/.exec(url.pathname) ?? [];
      const wanted = /(?:^|,)name=([^,]+)/.exec(url.searchParams.get("labelSelector") ?? "")?.[1];
      const items = cluster
        .releases()
        .filter((release) => release.namespace === namespace && release.name === wanted)
        .map((release) => {
          const { name, revision: version, status } = release;
          const stored = gzipSync(JSON.stringify({ name, namespace, version, info: { status }, manifest: "" }));
          const twice = Buffer.from(stored.toString("base64")).toString("base64");
          return {
            metadata: { name: `sh.helm.${name}`, labels: { name, version: String(version) } },
            data: { release: twice },
          };
        });
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ kind: "SecretList", apiVersion: "v1", metadata: {}, items }));
    }).listen(0, "127.0.0.1");
    await once(api, "listening");
    const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    kubeconfig = JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
  });
  afterEach(() => {
    api.closeAllConnections();
    api.close();
  });

  it("is found at preview, with the way to take it over", async () => {
    const plain = await projectOf(
      `new k8s.helm.v3.Release("web", { name: "web", namespace: "shop", createNamespace: true, chart: "./chart" });`,
    );
    await plain.up();
    const provider = `const provider = new k8s.Provider("cluster", { kubeconfig: config.require("kubeconfig") });`;
    const program = `${provider} new MirroredRelease("web", { ...mirrored, name: "web", namespace: "shop" }, { providers: [provider] });`;
    const project = await projectOf(program);
    await project.setConfig({ kubeconfig });
    const preview = await project.preview({ expectFailure: true });
    expect(preview.everything).toMatch(/Helm has one of that name there already \(revision 1, deployed\)/);
    expect(preview.everything).toContain("pulumi import kubernetes:helm.sh/v3:Release web shop/web --protect=false");

    // What the stack has is upgraded, as ever.
    await plain.write({ "index.ts": PROGRAM + program });
    await plain.setConfig({ kubeconfig });
    const up = await plain.up();
    expect(up.changes[`${RELEASE}::web`]).toBe("update");
    expectUnchanged(await plain.up());
  });

  it("is imported by the component's own option where its chart is found by name, and then upgraded", async () => {
    const plain = await projectOf(`new k8s.helm.v3.Release("web", { name: "web", chart: "./web" });`, webFolder());
    await plain.up();
    const mirroredWeb = `{ ...mirrored, chart: "./web", name: "web", namespace: "default" }`;
    const project = await projectOf(
      `new MirroredRelease("web", ${mirroredWeb}, { import: "default/web" });`,
      webFolder(),
    );
    const imported = await project.up();
    expect(imported.changes[`${RELEASE}::web`]).toBe("import");
    expect(imported.everything).toMatch(/imported as it runs/);
    expect(cluster.releases()).toMatchObject([{ revision: 1 }]);
    await project.write({ "index.ts": `${PROGRAM} new MirroredRelease("web", ${mirroredWeb});` });
    expect((await project.up()).changes[`${RELEASE}::web`]).toBe("update");
    expect(cluster.releases()).toMatchObject([{ name: "web", revision: 2 }]);
  });
});

/** The chart in a folder of its name. */
function webFolder(): Record<string, string> {
  return Object.fromEntries(Object.entries(CHART).map(([path, text]) => [path.replace("chart/", "web/"), text]));
}
