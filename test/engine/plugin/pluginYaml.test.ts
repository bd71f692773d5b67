/** Programs in Pulumi YAML use the components: a language with neither Node.js packages nor types. */
import { delimiter, join } from "node:path";
import { expectUnchanged, type Project, type RunResult } from "../../support/engine";
import { MirrorStage } from "../../support/engine/mirrorStage";
import { makeImage } from "../../support/images";
import { ensureTools } from "../../support/tools";

jest.setTimeout(900_000);

const images = {
  "team/web:1.0": makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] }),
  "team/reloader:2.0": makeImage({ layers: [{ size: 1000, seed: "reloader" }] }),
};
const SECRETS = { push: "push-secret-1", pull: "pull-secret-1", source: "source-secret-1", app: "app-secret-1" };
const COPY = "chart-mirror:index:ImageCopy";

const stage = new MirrorStage({
  images,
  source: { auth: { scheme: "bearer", users: { reader: SECRETS.source } } },
  mirror: { auth: { scheme: "basic", users: { ci: SECRETS.push, pods: SECRETS.pull } } },
});

const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": `image: quay.io/team/web:1.0\nreloader: quay.io/team/reloader:2.0\nimagePullSecrets: []\npassword: ""\n`,
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
      containers:
        - name: web
          image: "{{ .Values.image }}"
          args: ["--reloader={{ .Values.reloader }}"]
          env: [{ name: PASSWORD, value: {{ .Values.password | quote }} }]
`,
};

const HEAD = `
name: test
runtime: yaml
plugins:
  providers:
    - { name: chart-mirror, path: "${join(__dirname, "../../../plugin")}" }
config:
  mirrorHost: { type: string }
  sourceHost: { type: string }
  pushPassword: { type: string, secret: true }
  pullPassword: { type: string, secret: true }
  sourcePassword: { type: string, secret: true }
  appPassword: { type: string, secret: true }
`;
const REGISTRY = `
  mirror:
    type: chart-mirror:ExistingRegistry
    properties:
      host: \${mirrorHost}
      path: team
      credentials: { username: ci, password: "\${pushPassword}" }
      pullCredentials: { username: pods, password: "\${pullPassword}" }
      plainHttp: true
`;
const release = (name: string, registry: string, chart = "./chart", image = "quay.io/team/web:1.0"): string => `
  ${name}:
    type: chart-mirror:MirroredRelease
    properties:
      chart: ${chart}
      name: ${name}
      namespace: shop
      createNamespace: true
      registry: ${registry}
      sourceAccess:
        - { host: quay.io, location: "\${sourceHost}", username: reader, password: "\${sourcePassword}", plainHttp: true }
      values: { image: "${image}", password: "\${appPassword}" }
`;

async function projectOf(...resources: string[]): Promise<Project> {
  return stage.project({
    program: { "Pulumi.yaml": `${HEAD}\nresources:\n${resources.join("")}`, ...CHART },
    path: (await ensureTools("pulumi-language-yaml")).split(delimiter),
    config: {
      pushPassword: { secret: SECRETS.push },
      pullPassword: { secret: SECRETS.pull },
      sourcePassword: { secret: SECRETS.source },
      appPassword: { secret: SECRETS.app },
    },
  });
}

const expectNoSecret = (...texts: string[]): void => {
  for (const text of texts)
    for (const secret of Object.values(SECRETS)) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("base64"));
    }
};
/** The messages of a run at one resource. */
const toldAt = ({ diagnostics }: RunResult, end: string): string =>
  diagnostics.flatMap(({ urn, message }) => (urn?.endsWith(end) ? [message] : [])).join("\n");

it("plans, copies, deploys, heals and goes away", async () => {
  const project = await projectOf(REGISTRY, release("web", "${mirror}"), "\noutputs: { images: '${web.images}' }\n");
  const preview = await project.preview({ diff: true });
  for (const [name, image] of Object.entries(images))
    expect(preview.step(`${COPY}::mirror/quay.io/${name}`)).toMatchObject({
      operation: "create",
      inputs: { digest: image.digest, size: image.size, target: `${stage.mirror.host}/team/${name}` },
    });
  expect(preview.step("kubernetes:helm.sh/v3:Release::web").inputs.values).toMatchObject({
    image: `${stage.mirror.host}/team/team/web:1.0`,
    imagePullSecrets: [{ name: "web-pull" }],
  });
  expect(stage.mirror.repositories()).toEqual([]);
  expectNoSecret(preview.everything);

  const up = await project.up();
  for (const [name, image] of Object.entries(images)) {
    const [repository = "", tag = ""] = `team/${name}`.split(":");
    expect(stage.mirror.tag(repository, tag)).toBe(image.digest);
    expect(toldAt(up, `${COPY}::mirror/quay.io/${name}`)).toContain(`${stage.mirror.host}/team/${name}`);
  }
  expect(JSON.stringify(stage.cluster.object("Deployment", "web", "shop"))).toContain(SECRETS.app);
  expect((await project.outputs()).images).toHaveLength(2);
  expectNoSecret(up.everything, JSON.stringify(await project.exportState()));
  expectUnchanged(await project.up());

  stage.mirror.deleteManifest("team/team/reloader", images["team/reloader:2.0"].digest);
  const healed = await project.up();
  expect(healed.changes).toEqual({ [`${COPY}::mirror/quay.io/team/reloader:2.0`]: "update" });
  expect(toldAt(healed, `${COPY}::mirror/quay.io/team/reloader:2.0`)).toContain("it will be copied again");
  expect(stage.mirror.tag("team/team/reloader", "2.0")).toBe(images["team/reloader:2.0"].digest);

  stage.mirror.setPassword("ci", "push-secret-2");
  await project.setConfig({ pushPassword: { secret: "push-secret-2" } });
  expectUnchanged(await project.up());
  await project.refresh();
  expectUnchanged(await project.up());

  await project.destroy();
  expect(stage.cluster.objects("Deployment")).toEqual([]);
  expect(stage.mirror.tag("team/team/web", "1.0")).toBe(images["team/web:1.0"].digest);
  expect((await project.exportState()).resources ?? []).toEqual([]);
});

it("of two releases the one that fails is blamed, with its own error", async () => {
  const project = await projectOf(
    REGISTRY,
    release("web", "${mirror}"),
    release("broken", "${mirror}", "./chart", "quay.io/team/web:9.9"),
  );
  const preview = await project.preview({ expectFailure: true });
  expect(preview.errors).toMatch(/quay\.io\/team\/web:9\.9 was not found/);
  const told = preview.diagnostics.filter(({ severity, message }) => severity === "error" && message.includes("9.9"));
  // The language host says whose it is.
  expect(told.map(({ message }) => /resource '(\w+)' has a problem/.exec(message)?.[1])).toEqual(["broken"]);
  expect(preview.everything).not.toMatch(/\n\s+at /);
  expectNoSecret(preview.everything);
});

it("a registry is given by its reference as well, and by one of another process of the plugin", async () => {
  const other = `
  other:
    type: pulumi:providers:chart-mirror
`;
  const elsewhere = release("elsewhere", "${mirror}").trimEnd() + "\n    options: { provider: '${other}' }\n";
  const project = await projectOf(REGISTRY, other, release("web", "${mirror.reference}"), elsewhere);
  await project.up();
  expect(stage.mirror.tag("team/team/web", "1.0")).toBe(images["team/web:1.0"].digest);
  expect(
    stage.cluster
      .objects("Deployment")
      .map(({ metadata }) => metadata.name)
      .sort(),
  ).toEqual(["elsewhere", "web"]);
  expectNoSecret(JSON.stringify(await project.exportState()));
  expectUnchanged(await project.up());
  await project.destroy();
});

it("makes what a release stands on one by one: a registry of another stack, its images and values, a pull secret", async () => {
  const project = await projectOf(
    REGISTRY,
    `
  shared:
    type: chart-mirror:SharedRegistry
    properties: { reference: "\${mirror.reference}" }
  images:
    type: chart-mirror:ChartMirror
    properties:
      chart: ./chart
      registry: \${shared}
      pullSecret: { disabled: true }
      sourceAccess:
        - { host: quay.io, location: "\${sourceHost}", username: reader, password: "\${sourcePassword}", plainHttp: true }
  pull:
    type: chart-mirror:PullSecret
    properties:
      name: login
      namespace: default
      registries: [{ host: "\${shared.host}", username: pods, password: "\${pullPassword}" }]
outputs:
  overrides: \${images.overrides}
  version: \${images.version}
  secret: \${pull.secretName}
`,
  );
  const up = await project.up();
  expect(await project.outputs()).toEqual({
    overrides: {
      image: `${stage.mirror.host}/team/team/web:1.0`,
      reloader: `${stage.mirror.host}/team/team/reloader:2.0`,
    },
    version: "1.2.3",
    secret: "login",
  });
  expect(stage.mirror.tag("team/team/reloader", "2.0")).toBe(images["team/reloader:2.0"].digest);
  expect(stage.cluster.object("Secret", "login", "default")).toBeDefined();
  expectNoSecret(up.everything, JSON.stringify(await project.exportState()));
  expectUnchanged(await project.up());
  await project.destroy();
});

it("a state of a Node.js program goes over to the plugin's components and back, and nothing is replaced or deleted", async () => {
  const config = {
    pushPassword: { secret: SECRETS.push },
    pullPassword: { secret: SECRETS.pull },
    sourcePassword: { secret: SECRETS.source },
    appPassword: { secret: SECRETS.app },
  };
  const typescript = await stage.project({
    program: {
      "index.ts": `
        import * as pulumi from "@pulumi/pulumi";
        import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
        const config = new pulumi.Config();
        const registry = new ExistingRegistry("mirror", {
          host: config.require("mirrorHost"),
          path: "team",
          credentials: { username: "ci", password: config.requireSecret("pushPassword") },
          pullCredentials: { username: "pods", password: config.requireSecret("pullPassword") },
          plainHttp: true,
        });
        new MirroredRelease("web", {
          chart: "./chart",
          name: "web",
          namespace: "shop",
          createNamespace: true,
          registry,
          sourceAccess: [{
            host: "quay.io",
            location: config.require("sourceHost"),
            username: "reader",
            password: config.requireSecret("sourcePassword"),
            plainHttp: true,
          }],
          values: { image: "quay.io/team/web:1.0", password: config.requireSecret("appPassword") },
        });
      `,
      ...CHART,
    },
    config,
  });
  const yaml = await projectOf(REGISTRY, release("web", "${mirror}"));
  const expectKept = ({ steps }: RunResult): void => {
    const changed = steps.filter(({ operation, type }) => !type.startsWith("pulumi:") && operation !== "same");
    expect(
      changed.filter(({ operation }) => operation !== "update").map(({ urn, operation }) => [urn, operation]),
    ).toEqual([]);
  };
  const kinds = async (project: Project): Promise<(string | undefined)[]> =>
    ((await project.exportState()).resources ?? [])
      .map(({ type }) => type)
      .filter((type) => type.includes("chart-mirror:") && !type.startsWith("pulumi:"))
      .map((type) => type.split(":").at(-1))
      .sort();
  const uids = (): unknown[] => stage.cluster.objects().map(({ metadata }) => metadata["uid"]);

  await typescript.up();
  const [made, before] = [await kinds(typescript), uids()];
  await yaml.importState(await typescript.exportWithSecrets());
  expectKept(await yaml.up());
  expect(await kinds(yaml)).toEqual(made);
  expectUnchanged(await yaml.up());

  await typescript.importState(await yaml.exportWithSecrets());
  expectKept(await typescript.up());
  expect(await kinds(typescript)).toEqual(made);
  expectUnchanged(await typescript.up());
  expect(uids()).toEqual(before);
  await typescript.destroy();
});
