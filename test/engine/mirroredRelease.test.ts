import { delimiter, dirname } from "node:path";
import { findHelm } from "../../src/machine/findHelm";
import { createProject, expectUnchanged, type Project, type ProjectOptions } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTools } from "../support/tools";

jest.setTimeout(900_000);

/** A chart with an image under a global registry, one without a host, and one that stands only in an argument. */
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": `
global: { imageRegistry: quay.io, imagePullSecrets: [] }
image: { repository: team/web, tag: "1.0" }
proxy: { image: nginx, tag: "1.27" }
reloader: quay.io/team/reloader:2.0
replicas: 1
password: ""
extraEnv: []
`,
  "chart/values.schema.json": JSON.stringify({ type: "object", properties: { replicas: { type: "integer" } } }),
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      imagePullSecrets: {{ toJson .Values.global.imagePullSecrets }}
      containers:
        - name: web
          image: {{ .Values.global.imageRegistry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}
          args: ["--reloader={{ .Values.reloader }}"]
          env: {{ toJson (append .Values.extraEnv (dict "name" "PASSWORD" "value" .Values.password)) }}
        - name: proxy
          image: "{{ .Values.proxy.image }}:{{ .Values.proxy.tag }}"
`,
};

const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease, type MirroredReleaseArgs } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"),
    path: "team",
    credentials: { username: "ci", password: config.requireSecret("pushPassword") },
    pullCredentials: { username: "pods", password: config.requireSecret("pullPassword") },
    plainHttp: true,
  });
  // As people write who take a password from the environment: nothing marks it as a secret.
  const password = config.require("sourcePassword");
  const sourceAccess = ["quay.io", "docker.io"].map((host) => ({
    host, location: config.require("sourceHost"), username: "reader", password, plainHttp: true,
  }));
  const common = { chart: "./chart", namespace: "shop", createNamespace: true, registry, sourceAccess };
`;
const RELEASE = `
  const web = new MirroredRelease("web", { ...common, values: {
    password: config.requireSecret("appPassword"),
    // Helm replaces lists whole: the override of this image carries the secret beside it.
    extraEnv: [
      { name: "HELPER_IMAGE", value: "quay.io/team/reloader:2.0" },
      { name: "TOKEN", value: config.requireSecret("appPassword") },
    ],
  } });
  export const images = web.images;
  export const overrides = web.overrides;
`;

const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const SOURCES = ["docker.io/library/nginx:1.27", "quay.io/team/reloader:2.0", "quay.io/team/web:1.0"];
const images = {
  "team/web:1.0": makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] }),
  "team/reloader:2.0": makeImage({ layers: [{ size: 1000, seed: "reloader" }] }),
  "library/nginx:1.27": makeImage({ layers: [{ size: 2000, seed: "nginx" }] }),
};
const SECRETS = { push: "push-secret-1", pull: "pull-secret-1", source: "source-secret-1", app: "app-secret-1" };

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
const projects: Project[] = [];

beforeEach(async () => {
  source = await startRegistry({ auth: { scheme: "bearer", users: { reader: SECRETS.source } } });
  mirror = await startRegistry({ auth: { scheme: "basic", users: { ci: SECRETS.push, pods: SECRETS.pull } } });
  for (const [name, image] of Object.entries(images)) await pushImage(source, name, image);
  cluster = await memoryCluster();
});
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
  await cluster.dispose();
  await source.close();
  await mirror.close();
});

async function projectOf(program: string, options: Partial<ProjectOptions> = {}): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": PROGRAM + program, ...CHART },
    providers: [cluster.provider],
    config: {
      mirrorHost: mirror.host,
      sourceHost: source.host,
      pushPassword: { secret: SECRETS.push },
      pullPassword: { secret: SECRETS.pull },
      sourcePassword: { secret: SECRETS.source },
      appPassword: { secret: SECRETS.app },
    },
    ...options,
  });
  projects.push(project);
  return project;
}

const expectNoSecret = (text: string): void => {
  for (const secret of Object.values(SECRETS)) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString("base64"));
  }
};

describe("MirroredRelease on the real engine", () => {
  it("lists all in the first preview, makes it, and then changes nothing on any machine, nor without helm", async () => {
    const project = await projectOf(RELEASE);
    const preview = await project.preview({ diff: true });
    for (const [name, image] of Object.entries(images)) {
      const target = `${mirror.host}/team/${name.replace("library/", "")}`;
      const step = preview.steps.find(({ type, inputs }) => type === COPY && inputs.target === target);
      expect(step).toMatchObject({ operation: "create", inputs: { digest: image.digest, size: image.size } });
      expect(preview.stdout).toContain(target);
    }
    const { inputs } = preview.step("kubernetes:helm.sh/v3:Release::web");
    expect(inputs.values).toMatchObject({
      global: { imageRegistry: `${mirror.host}/team`, imagePullSecrets: [{ name: "web-pull" }] },
      proxy: { image: `${mirror.host}/team/nginx` },
      reloader: `${mirror.host}/team/team/reloader:2.0`,
    });
    expect(inputs.version).toBe("1.2.3");
    expect(mirror.repositories()).toEqual([]);
    expect(cluster.objects()).toEqual([]);
    expectNoSecret(preview.everything);

    const up = await project.up();
    for (const [name, image] of Object.entries(images)) {
      const [repository = "", tag = ""] = `team/${name.replace("library/", "")}`.split(":");
      expect(mirror.tag(repository, tag)).toBe(image.digest);
      expect(await mirror.defects(repository, tag)).toEqual([]);
    }
    const deployment = JSON.stringify(cluster.object("Deployment", "web", "shop"));
    for (const name of Object.keys(images))
      expect(deployment).toContain(`${mirror.host}/team/${name.replace("library/", "")}`);
    expect(deployment).not.toContain("quay.io");
    const secret = cluster.object("Secret", "web-pull", "shop") as unknown as { data: Record<string, string> };
    expect(JSON.parse(Buffer.from(secret.data[".dockerconfigjson"] ?? "", "base64").toString())).toMatchObject({
      auths: { [mirror.host]: { username: "pods", password: SECRETS.pull } },
    });
    expect((await project.outputs()).images).toHaveLength(3);
    expectNoSecret(up.everything);
    expectNoSecret(JSON.stringify(await project.exportState()));

    expectUnchanged(await project.up());
    expectUnchanged(await (await project.onAnotherMachine()).up());

    // Where there is no helm command, the provider's own Helm renders, with the same result.
    const tools = [
      await ensureTools("pulumi", "pulumi-language-nodejs"),
      dirname(require.resolve("@pulumi/pulumi/package.json")),
    ];
    const PATH = [dirname(process.execPath), cluster.provider.folder, ...tools, "/usr/bin", "/bin"].join(delimiter);
    expect(findHelm({ PATH })).toBeUndefined();
    expectUnchanged(await project.up({ env: { PATH } }));
  });

  it("copies again just the image that has gone, sees nothing in a changed push password, and leaves images when it goes", async () => {
    const project = await projectOf(RELEASE);
    await project.up();
    mirror.deleteManifest("team/team/reloader", images["team/reloader:2.0"].digest);
    expect((await project.up()).changes).toEqual({ [`${COPY}::mirror/quay.io/team/reloader:2.0`]: "update" });
    expect(mirror.tag("team/team/reloader", "2.0")).toBe(images["team/reloader:2.0"].digest);

    mirror.setPassword("ci", "push-secret-2");
    await project.setConfig({ pushPassword: { secret: "push-secret-2" } });
    expectUnchanged(await project.up());

    await project.destroy();
    expect(mirror.tag("team/team/web", "1.0")).toBe(images["team/web:1.0"].digest);
    expect(cluster.objects("Deployment")).toEqual([]);
    expect(cluster.objects("Secret")).toEqual([]);
    expect((await project.exportState()).resources ?? []).toEqual([]);
  });

  it("copies the platforms that are asked for, pulls just those by digest, and finds them all alike with a lock file", async () => {
    const release = (platforms: string): string => `
      const web = new MirroredRelease("web", { ...common, pinDigests: true, lockFile: config.get("lock"), platforms: ${platforms} });
      export const images = web.images;
    `;
    const project = await projectOf(release(`["linux/arm64", "linux/s390x"]`));
    const refused = await project.preview({ expectFailure: true });
    expect(refused.errors).toMatch(
      /3 problems[^]*nginx:1\.27\S* has no linux\/arm64 and no linux\/s390x\. It has linux\/amd64/,
    );
    expect(refused.errors).toMatch(/team\/web:1\.0\S* has no linux\/s390x\. It has linux\/amd64, linux\/arm64/);
    expect(mirror.repositories()).toEqual([]);

    await project.write({ "index.ts": PROGRAM + release(`["linux/amd64"]`) });
    const preview = await project.preview({ diff: true });
    const { inputs } = preview.step(`${COPY}::mirror/quay.io/team/web:1.0`);
    const whole = images["team/web:1.0"];
    expect(inputs).toMatchObject({ sourceDigest: whole.digest, platforms: ["linux/amd64"] });
    const { digest, size } = inputs as { digest: string; size: number };
    expect([digest === whole.digest, size < whole.size]).toEqual([false, true]);
    expect(preview.stdout).toContain(digest.slice(0, 19));

    await project.up();
    expect(mirror.tag("team/team/web", "1.0")).toBe(digest);
    expect(await mirror.defects("team/team/web", "1.0")).toEqual([]);
    const deployment = JSON.stringify(cluster.object("Deployment", "web", "shop"));
    expect(deployment).toContain(`team/team/web:1.0@${digest}`);
    expect(deployment).toContain(`nginx:1.27@${images["library/nginx:1.27"].digest}`);
    expect((await project.outputs()).images).toContainEqual(expect.objectContaining({ digest, size }));
    expectUnchanged(await project.up());
    await project.refresh();
    expectUnchanged(await project.up());

    // Now no source is asked: the lock file knows both digests.
    await project.setConfig({ lock: "chart-mirror.lock.yaml" });
    await project.preview({ env: { CHART_MIRROR_LOCK: "write" } });
    source.requests.clear();
    expect((await project.up()).changes).toEqual({ "pulumi-chart-mirror:index:ChartMirror::web": "update" });
    expect(source.requests.all).toEqual([]);
    await project.write({ "index.ts": PROGRAM + release("undefined") });
    const stale = await project.preview({ expectFailure: true });
    expect(stale.errors).toContain("of each image all platforms shall be copied, the lock file has linux/amd64");
  });

  it("takes over a plain release that is deployed already", async () => {
    const plain = `
      import * as k8s from "@pulumi/kubernetes";
      new k8s.helm.v3.Release("web", { chart: "./chart", namespace: "shop", createNamespace: true, name: "web" });
    `;
    const project = await projectOf(plain);
    await project.up();
    await project.write({ "index.ts": `${PROGRAM} new MirroredRelease("web", { ...common, name: "web" });` });
    const up = await project.up();
    expect(up.changes["kubernetes:helm.sh/v3:Release::web"]).toBe("update");
    expect(Object.values(up.changes)).not.toContain("delete");
    expect(cluster.releases().map(({ name }) => name)).toEqual(["web"]);
  });

  it("makes whoever depends on it wait until the release is deployed", async () => {
    const after = `
      import * as k8s from "@pulumi/kubernetes";
      new k8s.core.v1.ConfigMap("after", { metadata: { name: "after" }, data: {} }, { dependsOn: [web] });
    `;
    const project = await projectOf(
      after.split("\n").slice(0, 2).join("\n") + RELEASE + after.split("\n").slice(2).join("\n"),
    );
    await cluster.setNeverReady("Deployment/web");
    const failed = await project.up({ expectFailure: true });
    expect(failed.steps.map(({ name }) => name)).not.toContain("after");
    await cluster.setNeverReady();
    await project.up();
    expect(cluster.object("ConfigMap", "after")).toBeDefined();
    const { resources = [] } = await project.exportState();
    const dependencies = resources.find(({ urn }) => urn.endsWith("::after"))?.dependencies ?? [];
    expect(dependencies.some((urn) => urn.endsWith("helm.sh/v3:Release::web"))).toBe(true);
  });

  it("plans wholly although a value is not known yet, and keeps it unknown", async () => {
    const project = await projectOf(`
      import * as k8s from "@pulumi/kubernetes";
      const made = new k8s.core.v1.ConfigMap("made", { metadata: { name: "made" }, data: { a: "b" } });
      new MirroredRelease("web", { ...common, values: { password: made.metadata.uid } });
    `);
    const preview = await project.preview({ diff: true });
    expect(preview.steps.filter(({ type }) => type === COPY)).toHaveLength(3);
    expect(JSON.stringify(preview.step("kubernetes:helm.sh/v3:Release::web").inputs.values)).not.toContain(
      "pulumi-unknown",
    );
    await project.up();
    const uid = (cluster.object("ConfigMap", "made").metadata as { uid?: string }).uid;
    expect(uid).toBeTruthy();
    expect(JSON.stringify(cluster.object("Deployment", "web", "shop"))).toContain(uid);
    expectUnchanged(await project.up());
  });

  it("makes one copy of an image that two releases share", async () => {
    const project = await projectOf(`
      new MirroredRelease("one", { ...common, namespace: "one" });
      new MirroredRelease("two", { ...common, namespace: "two" });
    `);
    const up = await project.up();
    expect(
      up.steps
        .filter(({ type }) => type === COPY)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(SOURCES.map((name) => `mirror/${name}`));
    expect(
      cluster
        .objects("Deployment")
        .map(({ metadata }) => metadata.namespace)
        .sort(),
    ).toEqual(["one", "two"]);
  });
});

describe("bad input", () => {
  it.each<[string, string, RegExp, Record<string, string | { secret: string }>?]>([
    [
      "an image that is not there",
      `{ ...common, values: { image: { tag: "9.9" } } }`,
      /quay\.io\/team\/web:9\.9 was not found/,
    ],
    [
      "two images that are not there, in one message",
      `{ ...common, values: { image: { tag: "9.9" }, proxy: { tag: "8.8" } } }`,
      /2 problems[^]*(nginx:8\.8[^]*web:9\.9|web:9\.9[^]*nginx:8\.8)/,
    ],
    [
      "a refused login",
      "common",
      /quay\.io refused the login of user "reader"/,
      { sourcePassword: { secret: "wrong-secret" } },
    ],
    [
      // Planning leaves it to the copies, which may have the image already; namespace and pull secret wait for them.
      "an unreachable source",
      "common",
      /could not be reached/,
      { sourceHost: "127.0.0.1:1" },
    ],
    ["a chart that is not there", `{ ...common, chart: "./charts/nowhere" }`, /charts\/nowhere/],
    [
      "a chart that does not render",
      `{ ...common, values: { global: { imagePullSecrets: null, imageRegistry: null }, image: null } }`,
      /templates\/web\.yaml/,
    ],
    ["a value that is not what the chart takes", `{ ...common, values: { replicas: "many" } }`, /replicas/],
    [
      "two sources on one target",
      `{ ...common, values: { reloader: "ghcr.io/team/web:1.0" } }`,
      /ghcr\.io\/team\/web:1\.0[^]*quay\.io\/team\/web:1\.0|quay\.io\/team\/web:1\.0[^]*ghcr\.io\/team\/web:1\.0/,
    ],
    [
      "a way to copy that the registry has not",
      `{ ...common, mirrorChart: true, copyWith: "acr-import" }`,
      /one of process, kubernetes/,
    ],
    ["a registry with a scheme", "common", /scheme/, { mirrorHost: "https://registry.test" }],
  ])("%s is one clear error at preview, and nothing is created", async (_, args, message, config = {}) => {
    const project = await projectOf(`new MirroredRelease("web", ${args});`);
    await project.setConfig(config);
    const preview = await project.preview({ expectFailure: true });
    expect(preview.errors).toMatch(message);
    expect(preview.errors).not.toMatch(/unhandled exception|\n\s+at /);
    expect(
      preview.diagnostics.filter(({ severity, message: text }) => severity === "error" && message.test(text)),
    ).toHaveLength(1);
    expectNoSecret(preview.everything);
    expect(preview.everything).not.toContain("wrong-secret");

    const up = await project.up({ expectFailure: true });
    expect(up.errors).toMatch(message);
    expect(mirror.repositories()).toEqual([]);
    expect(cluster.objects()).toEqual([]);
  });
});
