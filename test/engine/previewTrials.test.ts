/** The first preview tries the logins that are known: what the update would fail with, the preview fails with. */
import { createProject, expectUnchanged, type Project, type ProjectOptions } from "../support/engine";
import { freePort } from "../support/freePort";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { startRegistry, type RegistryOptions, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

const CHART = {
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
        - { name: web, image: "{{ .Values.web }}" }
        - { name: proxy, image: "{{ .Values.proxy }}" }
`,
};
const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"),
    path: "platform",
    credentials: { username: config.require("pushUser"), password: config.requireSecret("push") },
    pullCredentials: { username: "pods", password: config.requireSecret("pull") },
    plainHttp: config.getBoolean("plainHttp") ?? true,
  });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true, username: "reader", password: config.requireSecret("source") }];
  new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
`;
const SECRETS = { push: "push-secret-1", pull: "pull-secret-1", source: "source-secret-1" };
const USERS = {
  ci: { password: SECRETS.push, access: [{ repositories: "*", actions: ["pull" as const, "push" as const] }] },
  readonly: { password: SECRETS.push, access: [{ repositories: "*", actions: ["pull" as const] }] },
  pods: { password: SECRETS.pull, access: [{ repositories: "*", actions: ["pull" as const] }] },
};
const images = {
  "team/web:1.0": makeImage({ layers: [{ size: 3000, seed: "web" }] }),
  "team/proxy:2.0": makeImage({ layers: [{ size: 2000, seed: "proxy" }] }),
};

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
let project: Project;

afterEach(async () => {
  await project.dispose();
  await cluster.dispose();
  await source.close();
  await mirror.close();
});

async function projectOn(
  options: RegistryOptions,
  config: NonNullable<ProjectOptions["config"]> = {},
  program = PROGRAM,
): Promise<Project> {
  source = await startRegistry({ auth: { scheme: "bearer", users: { reader: SECRETS.source } } });
  for (const [name, image] of Object.entries(images)) await pushImage(source, name, image);
  mirror = await startRegistry(options);
  cluster = await memoryCluster();
  return (project = await createProject({
    program: { "index.ts": program, ...CHART },
    providers: [cluster.provider],
    config: {
      mirrorHost: mirror.host,
      sourceHost: source.host,
      pushUser: "ci",
      push: { secret: SECRETS.push },
      pull: { secret: SECRETS.pull },
      source: { secret: SECRETS.source },
      ...config,
    },
  }));
}

/** Nothing of the mirror was changed, and no secret shown. */
function expectUntouched(everything: string): void {
  expect(mirror.repositories()).toEqual([]);
  expect(mirror.requests.all.filter(({ method }) => method === "POST" || method === "PUT")).toEqual([]);
  expect(everything).not.toMatch(/-secret-1|wrong-secret/);
}

const basic: RegistryOptions = { auth: { scheme: "basic", users: USERS } };
const bearer: RegistryOptions = { auth: { scheme: "bearer", users: USERS } };
const ecr: RegistryOptions = {
  behaviour: { preset: "ecr", createOnPush: true },
  auth: { scheme: "basic", users: USERS },
};
const wrong = { secret: "wrong-secret" };

it.each<[string, RegistryOptions, NonNullable<ProjectOptions["config"]>, RegExp[]]>([
  [
    "a push password that is wrong (Basic)",
    basic,
    { push: wrong },
    [/Trying to push to .* as user "ci"/, /refused the login/, /Check user and password/],
  ],
  [
    "a push password that is wrong (Bearer)",
    bearer,
    { push: wrong },
    [/Trying to push to .* as user "ci"/, /refused the login/],
  ],
  [
    "a push password that is wrong (403)",
    ecr,
    { push: wrong },
    [/Trying to push to .* as user "ci"/, /refused the login/],
  ],
  [
    "a push login that may only read (Basic)",
    basic,
    { pushUser: "readonly" },
    [
      /Trying to push to .*, to platform\/team\/proxy, platform\/team\/web as user "readonly"/,
      /denied/,
      /right to push/,
    ],
  ],
  [
    "a push login that may only read (Bearer)",
    bearer,
    { pushUser: "readonly" },
    [/Trying to push to .*platform\/team\/web as user "readonly"/, /denied/],
  ],
  [
    "a pull password that is wrong (Basic)",
    basic,
    { pull: wrong },
    [/login of user "pods" that pods will pull with/, /Correct the registry's pullCredentials/],
  ],
  [
    "a pull password that is wrong (Bearer)",
    bearer,
    { pull: wrong },
    [/login of user "pods" that pods will pull with/],
  ],
  [
    "a certificate that nobody knows",
    { ...basic, tls: true },
    { plainHttp: "false" },
    [/Trying to push to/, /certificate .* is not trusted/, /caCertificate of the registry/],
  ],
  ["plain http that is not said", basic, { plainHttp: "false" }, [/Trying to push to/, /does not answer with TLS/]],
  ["both logins wrong, together", basic, { push: wrong, pull: wrong }, [/2 problems/, /as user "ci"/, /user "pods"/]],
  [
    "all logins wrong, together",
    basic,
    { push: wrong, pull: wrong, source: wrong },
    [/3 problems/, /user "reader"/, /as user "ci"/, /user "pods"/],
  ],
])("fails for %s", async (_, options, config, messages) => {
  await projectOn(options, config);
  const preview = await project.preview({ expectFailure: true });
  for (const message of messages) expect(preview.errors).toMatch(message);
  expect(preview.errors).toContain(mirror.host);
  expectUntouched(preview.everything);
});

it("fails for a mirror that does not answer, and names it once", async () => {
  const mirrorHost = `127.0.0.1:${await freePort()}`;
  await projectOn(basic, { mirrorHost });
  const preview = await project.preview({ expectFailure: true });
  expect(preview.errors).toMatch(`Trying to push to ${mirrorHost}`);
  expect(preview.errors).toMatch(/could not be reached.*HTTPS_PROXY/);
  expect(preview.errors.match(/could not be reached/g)).toHaveLength(1);
});

it.each<[string, RegistryOptions]>([
  ["Basic", basic],
  ["Bearer", bearer],
  ["repositories that must be there before", { ...basic, behaviour: "ecr" }],
  ["no login at all", {}],
])("is green and leaves nothing behind where all is right: %s", async (_, options) => {
  await projectOn(options);
  const preview = await project.preview();
  expect(preview.stdout).not.toContain("not tried");
  expectUntouched(preview.everything);
});

it("says in one line what it cannot try before the update", async () => {
  const program = PROGRAM.replace(
    "const registry",
    `class Robot extends pulumi.dynamic.Resource {
      declare readonly token: pulumi.Output<string>;
      constructor(token: pulumi.Input<string>) {
        super({ create: async (inputs) => ({ id: "robot", outs: inputs }) }, "robot", { token });
      }
    }
    const robot = new Robot(config.requireSecret("push"));
    const token = pulumi.all([robot.id, robot.token]).apply(([, known]) => known);
    const registry`,
  )
    .replace('password: config.requireSecret("push")', "password: pulumi.secret(token)")
    .replace('password: config.requireSecret("pull")', "password: pulumi.secret(token)")
    .replace('username: "pods"', 'username: "ci"');
  await projectOn(basic, {}, program);
  const preview = await project.preview();
  const lines = preview.stdout.split("\n").filter((line) => line.includes("not tried in this preview"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`the login that pushes to ${mirror.host}, which is not known yet`);
  expect(lines[0]).toContain(`the login that pods pull with from ${mirror.host}, which is not known yet`);
  expect(mirror.requests.all).toEqual([]);
  await project.up();
  expect(mirror.tag("platform/team/web", "1.0")).toBe(images["team/web:1.0"].digest);
});

it("tries the login of a source that a lock file has spared the preview", async () => {
  await projectOn(basic, {}, PROGRAM.replace('chart: "./chart",', 'chart: "./chart", lockFile: "lock.yaml",'));
  await project.preview({ env: { CHART_MIRROR_LOCK: "write" } });
  await project.setConfig({ source: wrong });
  const { errors } = await project.preview({ expectFailure: true });
  expect(errors).toMatch(/Registry 127\.0\.0\.1:\d+ for quay\.io refused the login of user "reader"/);
  await project.setConfig({ source: { secret: SECRETS.source } });
  // What cannot be reached is not needed before the update.
  await source.close();
  await project.preview();
});

it("names the pull login that has changed at the registry and not yet in the program, though nothing else changes", async () => {
  await projectOn(basic);
  await project.up();
  expectUnchanged(await project.preview());
  mirror.setPassword("pods", "rotated");
  const preview = await project.preview();
  expect(preview.warnings).toMatch(
    /login of user "pods" that pods will pull with from .* refused the login.*pullCredentials/s,
  );
  expect(preview.changes).toEqual({ "pulumi-nodejs:dynamic/chart-mirror:PullCheck::web-pull": "update" });
  // The update stops there, before pods that run would have to pull anew.
  expect((await project.up({ expectFailure: true })).errors).toMatch(/Correct the registry's pullCredentials/);
  expect(preview.everything).not.toMatch(/-secret-1|rotated/);

  await project.setConfig({ pull: { secret: "rotated" } });
  expect((await project.preview()).warnings).not.toContain("pullCredentials");
  await project.up();
  expectUnchanged(await project.up());
});

it("tries nothing where the program says so", async () => {
  const program = PROGRAM.replace('chart: "./chart",', 'chart: "./chart", checkLogins: false,');
  await projectOn(basic, { mirrorHost: `127.0.0.1:${await freePort()}` }, program);
  expect((await project.preview()).stdout).toMatch(/2 of 2 images to copy/);
});

it("names the login that a chart's registry refuses, and the chart", async () => {
  await projectOn(
    basic,
    { push: wrong },
    PROGRAM.replace(
      'chart: "./chart",',
      'chart: `oci://${config.require("mirrorHost")}/charts/web`, version: "1.2.3", repositoryOpts: { username: "charts", password: config.requireSecret("pull") },',
    ).replace(
      "const sourceAccess = [",
      'const sourceAccess = [{ host: config.require("mirrorHost"), plainHttp: true },',
    ),
  );
  const { errors } = await project.preview({ expectFailure: true });
  expect(errors).toMatch(/2 problems/);
  expect(errors).toMatch(/refused the login of user "charts"/);
  expect(errors).toMatch(/Trying to push to .* as user "ci"/);
});
