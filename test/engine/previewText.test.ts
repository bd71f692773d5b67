/** What previews say of a release: what is new, and nothing where nothing changes. */
import { expectUnchanged, type Project } from "../support/engine";
import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage } from "../support/images";

jest.setTimeout(900_000);

const images = {
  "team/web:1.0": makeImage({ layers: [{ size: 3000, seed: "web" }] }),
  "team/web:1.1": makeImage({ layers: [{ size: 4000, seed: "web 1.1" }] }),
  "team/proxy:2.0": makeImage({ layers: [{ size: 2000, seed: "proxy" }] }),
  "team/tool:3.0": makeImage({ layers: [{ size: 1000, seed: "tool" }] }),
};
/** Its tool stands in the template itself, so that it is patched. */
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml":
    'image: { repository: quay.io/team/web, tag: "1.0" }\nproxy: quay.io/team/proxy:2.0\nimagePullSecrets: []\n',
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
        - { name: web, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}" }
        - { name: proxy, image: "{{ .Values.proxy }}" }
        - { name: tool, image: quay.io/team/tool:3.0 }
`,
};
const [push, pull] = ["push-secret-1", "pull-secret-1"];
const BEGIN = `
  import * as pulumi from "@pulumi/pulumi";
  import { ChartMirror, ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"),
    path: "platform",
    plainHttp: true,
    credentials: { username: "ci", password: config.requireSecret("push") },
    pullCredentials: { username: "pods", password: config.requireSecret("pull") },
  });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const values: any = config.getObject("values") ?? {};
`;
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const stage = new MirrorStage({ images, mirror: { auth: { scheme: "basic", users: { ci: push, pods: pull } } } });
const projectOf = (program: string): Promise<Project> =>
  stage.project({
    program: { "index.ts": BEGIN + program, ...CHART },
    config: { push: { secret: push }, pull: { secret: pull } },
  });
const RELEASE = `new MirroredRelease("web", { chart: "./chart", registry, sourceAccess, values });`;
/** What the components said. */
const said = ({ diagnostics }: { diagnostics: readonly { severity: string; message: string }[] }): string =>
  diagnostics
    .filter(({ severity }) => severity === "info")
    .map(({ message }) => message)
    .join("\n");

it("tells what is new of images, values and lines, and nothing where nothing changes", async () => {
  const project = await projectOf(RELEASE);
  const first = said(await project.preview());
  // Registries with quotas count how often a manifest is read.
  expect(stage.source.requests.find({ method: "GET", path: /manifests/ })).toHaveLength(3);
  expect(first).toMatch(/^web 1\.2\.3: 3 of 3 images to copy, \d+(\.\d+)? KiB; 3 values change$/m);
  expect(first).toContain(`→ ${stage.mirror.host}/platform/team/proxy:2.0 (sha256:`);
  expect(first).toContain(`  proxy = "${stage.mirror.host}/platform/team/proxy:2.0" (was "quay.io/team/proxy:2.0")`);
  expect(first).toContain("1 line of the chart is patched\n  templates/web.yaml:14\n");
  expect(first).toContain("    - - { name: tool, image: quay.io/team/tool:3.0 }\n");
  expect(first).toContain(`    + - { name: tool, image: ${stage.mirror.host}/platform/team/tool:3.0 }`);
  await project.up();

  stage.mirror.requests.clear();
  const unchanged = await project.preview();
  expectUnchanged(unchanged);
  expect(said(unchanged)).toBe("");
  // One look at each image, and one login.
  expect(stage.mirror.requests.all.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  expect(said(await (await project.onAnotherMachine()).preview())).toBe("");

  await project.setConfig({ values: JSON.stringify({ image: { tag: "1.1" } }) });
  const changed = await project.preview();
  expect(said(changed)).toMatch(/^web 1\.2\.3: 1 of 3 images to copy, \d+(\.\d+)? KiB; 0 values change$/m);
  expect(said(changed)).toContain("quay.io/team/web:1.1\n");
  expect(said(changed)).toContain(
    `quay.io/team/web:1.0 is not needed any more\n    ${stage.mirror.host}/platform/team/web:1.0 stays in the mirror`,
  );
  expect(said(changed)).not.toMatch(/team\/proxy|team\/tool|is patched/);
  const up = await project.up();
  expect(said(up)).toMatch(/platform\/team\/web:1\.0 stays in the mirror/);
  expect(stage.mirror.tags("platform/team/web")).toEqual(["1.0", "1.1"]);
});

it("tells a second stack that the images are there, and only its values are new", async () => {
  const program = RELEASE.replace('"web"', 'config.get("name") ?? "web"');
  await (await projectOf(program)).up();
  const second = await projectOf(program);
  await second.setConfig({ name: "shop" });
  const preview = said(await second.preview());
  expect(preview).toMatch(/: 0 of 3 images to copy; 3 values change$/m);
  expect(preview).toMatch(/team\/proxy:2\.0 \(sha256:\w{12}, is there already\)/);
});

it("knows a mirror alone again while it is given the same", async () => {
  const project = await projectOf(`new ChartMirror("web", { chart: "./chart", registry, sourceAccess, values });`);
  expect(said(await project.preview())).toMatch(/: 3 of 3 images to copy/);
  await project.up();
  expect(said(await project.preview())).toBe("");
  await project.setConfig({ values: JSON.stringify({ image: { tag: "1.1" } }) });
  expect(said(await project.preview())).toMatch(/: 1 of 3 images to copy, .*; 3 values change/);
});

it("says of a refused login once that images cannot be looked for, and tries it once", async () => {
  const project = await projectOf(RELEASE);
  await project.up();
  await project.setConfig({ push: { secret: "wrong-secret" } });
  stage.mirror.requests.clear();
  const preview = await project.preview();
  expect(preview.warnings.match(/Could not check/g)).toHaveLength(1);
  expect(preview.warnings).toMatch(/refused the login of user "ci"/);
  expect(Object.values(preview.changes).filter((operation) => operation === "update")).toHaveLength(3);
  const { warnings } = await project.up({ expectFailure: true });
  expect(warnings.match(/Could not check/g)).toHaveLength(1);
  expect(stage.mirror.tags("platform/team/web")).toEqual(["1.0"]);
});

it("says of a mirror that is down once that images cannot be looked for", async () => {
  const project = await projectOf(RELEASE);
  await project.up();
  await stage.mirror.close();
  const preview = await project.preview();
  expect(preview.warnings.match(/could not be reached/g)).toHaveLength(1);
  expect(Object.keys(preview.changes).filter((name) => name.startsWith(COPY))).toEqual([]);
});

it("says what stays in the mirror when a stack goes", async () => {
  const project = await projectOf(RELEASE);
  await project.up();
  const { diagnostics } = await project.destroy();
  for (const name of ["web:1.0", "proxy:2.0", "tool:3.0"])
    expect(said({ diagnostics })).toContain(`${stage.mirror.host}/platform/team/${name} stays in the mirror`);
});
