/**
 * A stack goes on with states that know none of the plugin's types, and goes over to the plugin's resources and back. What
 * that does is read from the engine's own events.
 *
 * earlierStates/dynamic/6b17801.json is what `pulumi stack export --show-secrets` said of the program below at that commit,
 * with names in place of the registries' ports and without the places in source files.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createProject, expectUnchanged, type Project, type RunResult } from "../../support/engine";
import { makeImage, pushImage } from "../../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../../support/registry";

jest.setTimeout(900_000);

const images = {
  "team/web:1.0": makeImage({ layers: [{ size: 500, seed: "web" }] }),
  "team/proxy:2.0": makeImage({ layers: [{ size: 500, seed: "proxy" }] }),
};
const SECRETS = ["push-secret-1", "pull-secret-1"];

const PROGRAM = {
  "index.ts": `
    import * as pulumi from "@pulumi/pulumi";
    import { ExistingRegistry, ImageCopy, MirroredRelease } from "pulumi-chart-mirror";

    const config = new pulumi.Config();
    const source = config.require("sourceHost");
    const mirror = config.require("mirrorHost");
    const login = { username: "ci", password: config.requireSecret("password") };
    const registry = new ExistingRegistry("mirror", {
      host: mirror,
      path: "team",
      credentials: login,
      pullCredentials: { username: "pods", password: config.requireSecret("pullPassword") },
      plainHttp: true,
    });
    new MirroredRelease("web", {
      chart: "./chart",
      name: "web",
      registry,
      mirrorChart: true,
      sourceAccess: [{ host: "quay.io", location: source, plainHttp: true }],
    });
    new ImageCopy("single", {
      source: source + "/team/web:1.0",
      target: mirror + "/single:1.0",
      access: [
        { host: source, plainHttp: true },
        { host: mirror, ...login, plainHttp: true },
      ],
    });
  `,
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "web: quay.io/team/web:1.0\nproxy: quay.io/team/proxy:2.0\nimagePullSecrets: []\n",
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
      containers:
        - name: web
          image: "{{ .Values.web }}"
        - name: proxy
          image: "{{ .Values.proxy }}"
`,
};

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
let project: Project;

beforeEach(async () => {
  source = await startRegistry();
  mirror = await startRegistry({ auth: { scheme: "basic", users: { ci: "push-secret-1", pods: "pull-secret-1" } } });
  for (const [name, image] of Object.entries(images)) await pushImage(source, name, image);
  cluster = await memoryCluster();
  project = await createProject({
    program: PROGRAM,
    providers: [cluster.provider],
    path: [join(__dirname, "../../../plugin")],
    config: {
      sourceHost: source.host,
      mirrorHost: mirror.host,
      password: { secret: "push-secret-1" },
      pullPassword: { secret: "pull-secret-1" },
    },
  });
});
afterEach(async () => {
  await project.dispose();
  await cluster.dispose();
  await source.close();
  await mirror.close();
});

/** The types of what is in the state, but for those of other packages. */
const ownTypes = async (): Promise<string[]> =>
  ((await project.exportState()).resources ?? [])
    .map(({ type }) => type)
    .filter((type) => type.includes("chart-mirror:") && !type.startsWith("pulumi:providers:"))
    .sort();

const expectNoneReplaced = ({ changes }: RunResult): void => {
  for (const [resource, operation] of Object.entries(changes))
    expect([resource, operation]).toEqual([resource, "update"]);
};

it("a state of a release without aliases is unchanged", async () => {
  // What the recorded state speaks of has to be there.
  await project.up();
  const here = (text: string): string =>
    text.replaceAll("SOURCE-HOST", source.host).replaceAll("MIRROR-HOST", mirror.host);
  const state = readFileSync(join(__dirname, "../earlierStates/dynamic/6b17801.json"), "utf8");
  // A Secret's data, the docker configuration with the mirror's name in it.
  const inBase64 = (text: string): string =>
    Buffer.from(here(Buffer.from(text, "base64").toString())).toString("base64");
  await project.importState(here(state.replace(/eyJ[\w+/]{20,}=*/g, inBase64)));
  const before = await ownTypes();
  expect(before).toContain("pulumi-nodejs:dynamic/chart-mirror:ImageCopy");
  expectUnchanged(await project.preview());
  expectUnchanged(await project.up());
  expect(await ownTypes()).toEqual(before);
});

it("a stack goes over to the plugin's resources and back, and nothing is replaced or deleted", async () => {
  await project.up();
  const dynamic = await ownTypes();
  const requests = (): string[] =>
    mirror.requests.all
      .filter(({ method }) => ["PUT", "POST", "PATCH", "DELETE"].includes(method))
      .map(({ path }) => path);
  mirror.requests.clear();

  await project.setConfig({ "pulumi-chart-mirror:resources": "plugin" });
  expectUnchanged(await project.preview());
  expectUnchanged(await project.up());
  const plugins = await ownTypes();
  expect(plugins).toEqual(
    dynamic.map((type) => type.replace(/^pulumi-nodejs:dynamic\/chart-mirror:/, "chart-mirror:index:")).sort(),
  );
  expect(plugins).toContain("chart-mirror:index:ImageCopy");
  await project.refresh();
  expectUnchanged(await project.up());

  await project.setConfig({ "pulumi-chart-mirror:resources": "program" });
  expectUnchanged(await project.up());
  expect(await ownTypes()).toEqual(dynamic);
  expect(requests()).toEqual([]);
  // Refreshing and destroying run no program: all that a resource has is what its state says.
  await project.refresh();
  await project.destroy();
  expect(await ownTypes()).toEqual([]);
});

it("what the plugin has made keeps its secrets, says at the image what becomes of it, and goes to the program's process", async () => {
  await project.setConfig({ "pulumi-chart-mirror:resources": "plugin" });
  const up = await project.up();
  for (const text of [up.everything, JSON.stringify(await project.exportState())])
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  expect(up.diagnostics).toContainEqual(
    expect.objectContaining({
      severity: "info",
      urn: expect.stringMatching(/chart-mirror:index:ImageCopy::single$/) as string,
      message: expect.stringContaining(`${mirror.host}/single:1.0`) as string,
    }),
  );

  mirror.deleteManifest("single", images["team/web:1.0"].digest);
  const healed = await project.up();
  expect(healed.changes).toEqual({ "chart-mirror:index:ImageCopy::single": "update" });
  expect(healed.diagnostics).toContainEqual(
    expect.objectContaining({
      severity: "warning",
      urn: expect.stringMatching(/chart-mirror:index:ImageCopy::single$/) as string,
      message: expect.stringContaining("is missing in the registry: it will be copied again") as string,
    }),
  );
  mirror.setPassword("ci", "push-secret-2");
  await project.setConfig({ password: { secret: "push-secret-2" } });
  expectUnchanged(await project.up());

  await project.setConfig({ "pulumi-chart-mirror:resources": "program" });
  expectNoneReplaced(await project.up());
  await project.destroy();
});

it("an update that is interrupted stops its copies at once, and the next one goes on", async () => {
  await project.setConfig({ "pulumi-chart-mirror:resources": "plugin" });
  // Without an interruption the copies would wait for a minute, and try again.
  source.faults.add({
    match: { method: "GET", path: /\/blobs\//, times: Infinity },
    action: { kind: "stall", after: 10 },
  });
  const interruption = new AbortController();
  const interrupted = project.up({ signal: interruption.signal, expectFailure: true });
  const begun = (): boolean =>
    source.requests.all.some(({ method, path }) => method === "GET" && path.includes("/blobs/"));
  while (!begun()) await new Promise((resolve) => setTimeout(resolve, 50));
  interruption.abort();
  const { errors } = await interrupted;
  expect(errors).toContain("The update was cancelled while this was under way");
  expect(mirror.tag("single", "1.0")).toBeUndefined();

  source.faults.clear();
  const next = await project.up();
  expect(next.changes["chart-mirror:index:ImageCopy::single"]).toBe("create");
  expect(mirror.tag("single", "1.0")).toBe(images["team/web:1.0"].digest);
});
