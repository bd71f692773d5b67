/** What a stack of some years does with its components: renames them, moves them, refreshes, targets. */
import { expectUnchanged, type Project } from "../../support/engine";
import { MirrorStage } from "../../support/engine/mirrorStage";
import { makeImage } from "../../support/images";

jest.setTimeout(900_000);

const images = {
  "team/web:1.0": makeImage({ layers: [{ size: 3000, seed: "web" }] }),
  "team/web:1.1": makeImage({ layers: [{ size: 1000, seed: "web 1.1" }] }),
};
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": 'image: { repository: quay.io/team/web, tag: "1.0" }\nimagePullSecrets: []\n',
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
`,
};
const [push, pull] = ["push-secret-1", "pull-secret-1"];
const BEGIN = `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const place = {
    host: config.require("mirrorHost"),
    path: "team",
    plainHttp: true,
    credentials: { username: "ci", password: config.requireSecret("push") },
    pullCredentials: { username: "pods", password: config.requireSecret("pull") },
  };
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const web = { chart: "./chart", name: "web", namespace: "shop", createNamespace: true, sourceAccess };
  const pullSecret = { name: "pull" };
`;
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const stage = new MirrorStage({
  images,
  mirror: { auth: { scheme: "basic", users: { ci: push, pods: pull } } },
});
const projectOf = (program: string): Promise<Project> =>
  stage.project({
    program: { "index.ts": BEGIN + program, ...CHART },
    config: { push: { secret: push }, pull: { secret: pull } },
  });

it("copies, replaces and deletes nothing when its components are renamed, or moved into another one", async () => {
  const project = await projectOf(`
    const registry = new ExistingRegistry("mirror", place);
    new MirroredRelease("web", { ...web, registry, pullSecret });
  `);
  await project.up();
  const renamed = `${BEGIN}
    const registry = new ExistingRegistry("images", place, { aliases: [{ name: "mirror" }] });
    new MirroredRelease("shop", { ...web, registry, pullSecret }, { aliases: [{ name: "web" }] });
  `;
  await project.write({ "index.ts": renamed });
  stage.mirror.requests.clear();
  // What it was given is another registry; the chart's folder keeps the component's first name.
  expect((await project.up()).changes).toEqual({ "pulumi-chart-mirror:index:ChartMirror::shop": "update" });
  expect(stage.mirror.requests.all.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);

  await project.write({
    "index.ts": `${BEGIN}
      class Shop extends pulumi.ComponentResource {
        constructor(name: string) {
          super("acme:index:Shop", name);
          const moved = { parent: this, aliases: [{ parent: pulumi.rootStackResource }] };
          const registry = new ExistingRegistry("images", place, moved);
          new MirroredRelease("shop", { ...web, registry, pullSecret }, moved);
        }
      }
      new Shop("all");
    `,
  });
  expect((await project.up()).changes).toEqual({
    "acme:index:Shop::all": "create",
    "pulumi-chart-mirror:index:ChartMirror::shop": "update",
  });
  expectUnchanged(await project.up({ args: ["--refresh"] }));
});

it("goes on to another image, and brings one back by its URN alone", async () => {
  const program = (tag: string): string => `
    const registry = new ExistingRegistry("mirror", place);
    new MirroredRelease("web", { ...web, registry, values: { image: { tag: "${tag}" } } });
  `;
  const project = await projectOf(program("1.0"));
  await project.up();
  await project.write({ "index.ts": BEGIN + program("1.1") });
  expect((await project.up()).changes).toMatchObject({
    [`${COPY}::mirror/quay.io/team/web:1.0`]: "delete",
    [`${COPY}::mirror/quay.io/team/web:1.1`]: "create",
  });
  // It is gone from the state, and not from the registry.
  expect(stage.mirror.tags("team/team/web")).toEqual(["1.0", "1.1"]);

  stage.mirror.deleteManifest("team/team/web", images["team/web:1.1"].digest);
  const { resources = [] } = await project.exportState();
  const copy = resources.find(({ urn }) => urn.endsWith("mirror/quay.io/team/web:1.1"))?.urn ?? "";
  expect((await project.up({ args: ["--target", copy] })).changes).toEqual({
    [`${COPY}::mirror/quay.io/team/web:1.1`]: "update",
  });
  expect(stage.mirror.tag("team/team/web", "1.1")).toBe(images["team/web:1.1"].digest);
});
