/** docs/leaving.md: a mirrored release becomes a plain one again, in place, and pods find their images and login all the time. */
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expectUnchanged } from "../support/engine";
import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage } from "../support/images";

jest.setTimeout(900_000);

const template = (literal: string): string => `
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
        - { name: web, image: "{{ .Values.registry }}/team/web:1.0" }
        ${literal}
`;

const chartWith = (literal: string): Record<string, string> => ({
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "registry: quay.io\nimagePullSecrets: []\n",
  "chart/templates/web.yaml": template(literal),
});

const MIRRORED = (options: string): string => `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const login = { username: "pods", password: config.requireSecret("password") };
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team", credentials: login, plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const web = new MirroredRelease("web", {
    chart: "./chart", namespace: "shop", createNamespace: true, registry, sourceAccess,
  }, { ${options} });
  export const overrides = web.overrides;
`;

/** The program of docs/leaving.md, with these values in place of the page's. */
const plain = (chart: string, values: unknown): string => `
  import * as k8s from "@pulumi/kubernetes";
  import * as pulumi from "@pulumi/pulumi";
  const mirrored = \`urn:pulumi:\${pulumi.getStack()}::\${pulumi.getProject()}::pulumi-chart-mirror:index:MirroredRelease::web\`;
  new k8s.helm.v3.Release("web", {
    chart: ${JSON.stringify(chart)}, namespace: "shop", createNamespace: true, values: ${JSON.stringify(values)},
  }, { aliases: [{ parent: mirrored }] });
`;

const stage = new MirrorStage({
  images: {
    "team/web:1.0": makeImage({ layers: [{ size: 2000, seed: "web" }] }),
    "team/literal:1.0": makeImage({ layers: [{ size: 1000, seed: "literal" }] }),
  },
  mirror: { auth: { scheme: "basic", users: { pods: "pull-secret" } } },
});

// What the page does: cp -r .chart-mirror/web/*/web mirrored-chart
function keepCopy(folder: string): void {
  const copies = join(folder, ".chart-mirror/web");
  const [copy = ""] = readdirSync(copies).filter((name) => !name.startsWith("."));
  cpSync(join(copies, copy, "web"), join(folder, "mirrored-chart"), { recursive: true });
}

const RELEASE = "kubernetes:helm.sh/v3:Release::web";

it.each([
  ["by values alone", "", "./chart"],
  ["with lines that were patched", "- { name: literal, image: quay.io/team/literal:1.0 }", "./mirrored-chart"],
])("leaves in place, %s", async (_, literal, chart) => {
  const project = await stage.project({
    program: { "index.ts": MIRRORED(""), ...chartWith(literal) },
    config: { password: { secret: "pull-secret" } },
  });
  await project.up();
  const before = stage.cluster.objects().filter(({ kind }) => ["Deployment", "Secret"].includes(kind));
  expect(before.map(({ kind }) => kind).sort()).toEqual(["Deployment", "Secret"]);
  const pushed = stage.mirror.tags("team/team/web");

  // What is made for pods is kept when the component goes. Nothing of the cluster changes by that.
  await project.write({ "index.ts": MIRRORED("retainOnDelete: true") });
  expectUnchanged(await project.up());
  const { overrides } = await project.outputs();
  if (chart !== "./chart") keepCopy(project.folder);
  await project.write({ "index.ts": plain(chart, overrides) });
  const left = await project.up();
  expect(left.changes[RELEASE]).toBe("update");
  expect(stage.cluster.releases()).toMatchObject([{ revision: 2 }]);
  expect(stage.cluster.objects().filter(({ kind }) => ["Deployment", "Secret"].includes(kind))).toEqual(before);
  expect(stage.mirror.tags("team/team/web")).toEqual(pushed);
  expectUnchanged(await project.up());
});
