import { packChart } from "../../src/chart/source/packChart";
import { parseReference } from "../../src/image/reference";
import { Registries } from "../../src/oci/registries";
import { chartArtifact } from "../../src/plan/chartArtifact";
import { startNameProxy, type NameProxy } from "../support/cloud";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { certificateAuthority, startRegistry, type RegistryOptions, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

/** The vendor's charts: one image by a value, and one that stands literally in a template, or by a value, too. */
const chartWith = (helper: string) => ({
  "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "values.yaml": "image: quay.io/team/web:1.0\nhelper: quay.io/team/helper:2.0\nimagePullSecrets: []\n",
  "templates/web.yaml": `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { chart: "web-{{ .Chart.Version }}" } }
spec:
  imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
  containers:
    - { name: web, image: {{ .Values.image }} }
    - { name: helper, image: ${helper} }
`,
});
const CHARTS = { shop: chartWith("quay.io/team/helper:2.0"), plain: chartWith("{{ .Values.helper }}") };
const images = {
  "team/web:1.0": makeImage({ layers: [{ size: 2000, seed: "web" }] }),
  "team/helper:2.0": makeImage({ layers: [{ size: 1000, seed: "helper" }] }),
};
const PROGRAM = (what: string, registry: string, options: string, shop: keyof typeof CHARTS = "shop") => `
  import * as pulumi from "@pulumi/pulumi";
  import { ${what}, ExistingRegistry } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"),
    path: "team",
    credentials: { username: "ci", password: config.requireSecret("push") },
    pullCredentials: { username: "pods", password: config.requireSecret("pull") },
    ${registry}
  });
  const location = config.require("sourceHost");
  const sourceAccess = ["quay.io", "charts.vendor.test"].map((host) => ({ host, location, plainHttp: true }));
  const mirrorChart = true;
  const chart = "oci://charts.vendor.test/${shop}/web";
  const made = new ${what}("web", { chart, version: "~1.2.0", registry, sourceAccess, mirrorChart, ${options} });
  export const artifact = made.mirror.chartArtifact;
`;
const SECRETS = { push: { secret: "push-secret-1" }, pull: { secret: "pull-secret-1" } };
const PUSH = "pulumi-nodejs:dynamic/chart-mirror:ChartPush";
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const RELEASE = "kubernetes:helm.sh/v3:Release::web";

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
/** Whatever is asked for by name goes here, and is refused. */
let elsewhere: NameProxy;
const projects: Project[] = [];

async function start(options: RegistryOptions): Promise<void> {
  mirror = await startRegistry({
    auth: { scheme: "basic", users: { ci: "push-secret-1", pods: "pull-secret-1" } },
    ...options,
  });
}

beforeEach(async () => {
  source = await startRegistry();
  for (const [name, image] of Object.entries(images)) await pushImage(source, name, image);
  const registries = new Registries({ access: [{ host: source.host, plainHttp: true }] });
  for (const [shop, chart] of Object.entries(CHARTS)) {
    const files = Object.entries(chart).map(([path, text]) => ({ path, data: Buffer.from(text) }));
    const artifact = chartArtifact({ name: "web", version: "1.2.3" }, packChart("web", files));
    await registries.pushArtifact(parseReference(`${source.host}/${shop}/web:1.2.3`), artifact);
  }
  registries.close();
  cluster = await memoryCluster();
  elsewhere = await startNameProxy({});
});
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
  await cluster.dispose();
  await elsewhere.close();
  await source.close();
  await mirror.close();
});

async function projectOf(program: string): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": program },
    providers: [cluster.provider],
    config: { mirrorHost: mirror.host, sourceHost: source.host, ca: mirror.ca ?? "", ...SECRETS },
    env: { HTTPS_PROXY: elsewhere.url, HTTP_PROXY: elsewhere.url, NO_PROXY: "127.0.0.1" },
  });
  projects.push(project);
  return project;
}

describe("a release whose chart is mirrored, with a lock file", () => {
  const program = PROGRAM(
    "MirroredRelease",
    `caCertificate: config.require("ca"),`,
    `lockFile: "chart-mirror.lock.yaml"`,
  );

  it("is deployed from the mirror, and then asks nothing but the mirror, on any machine", async () => {
    await start({ tls: true });
    const project = await projectOf(program);
    const repository = "team/charts/web";
    const preview = await project.preview({ env: { CHART_MIRROR_LOCK: "write" } });
    // The provider would ask the mirror for the version in Chart.yaml, which is the chart as the vendor made it.
    const { chart } = preview.step(RELEASE).inputs;
    expect(chart).toMatch(/^\.\/\.chart-mirror\/web\/web-1\.2\.3-[0-9a-f]{12}\.tgz$/);
    expect(preview.changes).toMatchObject({ [`${PUSH}::mirror/${repository}:1.2.3`]: "create", [RELEASE]: "create" });
    expect(mirror.repositories()).toEqual([]);

    const up = await project.up();
    // The chart as the vendor made it, and the copy in which a literal is patched, whose tag says so.
    const [original, patched = "", ...more] = mirror.tags(repository);
    expect([original, more]).toEqual(["1.2.3", []]);
    expect(patched).toMatch(/^1\.2\.3_[0-9a-f]{12}$/);
    const version = patched.replace("_", "+");
    expect(await project.outputs()).toEqual({
      artifact: { chart: `oci://${mirror.host}/${repository}`, version, digest: mirror.tag(repository, patched) },
    });
    expect(up.step(RELEASE).inputs).toMatchObject({ chart, version: "1.2.3" });
    const [deployed] = cluster.releases();
    for (const name of Object.keys(images)) expect(JSON.stringify(deployed)).toContain(`${mirror.host}/team/${name}`);
    expect(cluster.object("Pod", "web")).toMatchObject({ metadata: { labels: { chart: "web-1.2.3" } } });

    source.requests.clear();
    const colleague = await project.onAnotherMachine();
    const runs = [await colleague.preview({ diff: true }), await colleague.up(), await project.preview()];
    for (const run of runs) expectUnchanged(run);
    expect(source.requests.all).toEqual([]);
    expect(elsewhere.refused).toEqual([]);
    await source.close();
    expectUnchanged(await colleague.up());

    // What goes from the mirror shows and comes back, and what depends on it waits for that.
    mirror.deleteTag(repository, patched);
    expect((await project.preview()).changes).toMatchObject({ [`${PUSH}::mirror/${repository}:${patched}`]: "update" });
    await project.up();
    expect(mirror.tags(repository)).toEqual(["1.2.3", patched]);
    expectUnchanged(await project.up());

    const state = JSON.stringify(await project.exportState());
    for (const text of [preview.everything, up.everything, ...runs.map((run) => run.everything), state])
      for (const { secret } of Object.values(SECRETS)) expect(text).not.toContain(secret);
    await project.destroy();
    expect(mirror.tags(repository)).toEqual(["1.2.3", patched]);
  });

  it("holds no login of pods: a rotated password is no upgrade", async () => {
    await start({ tls: true });
    const ca = `caCertificate: config.require("ca"),`;
    const project = await projectOf(PROGRAM("MirroredRelease", ca, `lockFile: "chart-mirror.lock.yaml"`, "plain"));
    const preview = await project.preview({ env: { CHART_MIRROR_LOCK: "write" } });
    // What is deployed is the archive that goes into the mirror: the first preview can show all of it.
    const { chart, version, repositoryOpts = {} } = preview.step(RELEASE).inputs;
    expect(chart).toMatch(/^\.\/\.chart-mirror\/web\/web-1\.2\.3-[0-9a-f]{12}\.tgz$/);
    expect([version, repositoryOpts]).toEqual(["1.2.3", {}]);
    expect(mirror.repositories()).toEqual([]);
    await project.up();
    expect(mirror.tags("team/charts/web")).toEqual(["1.2.3"]);
    expectUnchanged(await (await project.onAnotherMachine()).up());

    mirror.setPassword("pods", "pull-secret-2");
    await project.setConfig({ pull: { secret: "pull-secret-2" } });
    const { changes } = await project.up();
    expect(Object.keys(changes)).toContain("kubernetes:core/v1:SecretPatch::web-pull-logins");
    expect(changes[RELEASE]).toBeUndefined();
    expect(cluster.releases().map(({ revision }) => revision)).toEqual([1]);
    expectUnchanged(await project.up());
  });
});

describe("a chart that is mirrored to a registry", () => {
  const CA = `caCertificate: config.require("ca"),`;
  it.each<[string, string, string, RegistryOptions, string]>([
    ["without TLS", "MirroredRelease", RELEASE, {}, "plainHttp: true,"],
    ["without TLS", "MirroredChart", "kubernetes:core/v1:Pod::web:default/web", {}, "plainHttp: true,"],
    [
      "that asks for a client certificate",
      "MirroredRelease",
      RELEASE,
      { tls: { clientCertificates: true } },
      `${CA} clientCertificate: { cert: config.require("cert"), key: config.requireSecret("key") },`,
    ],
    [
      "of an own authority that asks for no login",
      "MirroredRelease",
      RELEASE,
      { tls: true, auth: undefined },
      `${CA} credentials: undefined, pullCredentials: undefined,`,
    ],
  ])(
    "%s: %s deploys the same archive from disk, and shows all of it at first",
    async (_, what, deployed, options, args) => {
      await start(options);
      const project = await projectOf(PROGRAM(what, args, ""));
      const { certificate, key } = await (await certificateAuthority()).issue(["client"]);
      await project.setConfig({ cert: certificate, key: { secret: key } });
      const preview = await project.preview();
      expect(preview.changes).toMatchObject({
        [deployed]: "create",
        [`${COPY}::mirror/quay.io/team/helper:2.0`]: "create",
      });
      await project.up();
      const [, tag = ""] = mirror.tags("team/charts/web");
      expect(await mirror.defects("team/charts/web", tag)).toEqual([]);
      expectUnchanged(await (await project.onAnotherMachine()).up());
    },
  );
});
