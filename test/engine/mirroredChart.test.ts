import { expectUnchanged, type Project } from "../support/engine";
import { MirrorStage } from "../support/engine/mirrorStage";
import { yamlProject } from "../support/engine/yamlProgram";
import { makeImage } from "../support/images";

jest.setTimeout(600_000);

const pod = (image: string): string => `
      spec:
        imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
        containers:
          - name: main
            image: "${image}"`;

/** A chart with a hook, a definition with an object of its kind, and a value that is the content of a file. */
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": `
imagePullSecrets: []
image: { registry: quay.io, repository: team/web, tag: "1.0" }
migrations: quay.io/team/migrations:1.0
notes: ""
replicas: 1
`,
  "chart/crds/backup.yaml": `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: backups.shop.test }
spec:
  group: shop.test
  names: { kind: Backup, plural: backups, singular: backup, listKind: BackupList }
  scope: Namespaced
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } } }]
`,
  "chart/templates/backup.yaml": `
apiVersion: shop.test/v1
kind: Backup
metadata: { name: nightly }
spec: { image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}" }
`,
  "chart/templates/web.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: notes }
data: { notes: {{ .Values.notes | quote }} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
      metadata: { labels: { app: web } }
${pod("{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}").slice(1)}
`,
  "chart/templates/migrations.yaml": `
apiVersion: batch/v1
kind: Job
metadata: { name: migrations, annotations: { helm.sh/hook: "pre-install,pre-upgrade" } }
spec:
  template:
${pod("{{ .Values.migrations }}").slice(1)}
        restartPolicy: Never
`,
  "replicas.yaml": "replicas: 2\n",
  "notes.txt": "from a file",
};

const COMMON = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { ExistingRegistry, MirroredChart } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } });
  const chart = {
    chart: "./chart",
    namespace: namespace.metadata.name,
    valueYamlFiles: [new pulumi.asset.FileAsset("replicas.yaml")],
    values: { notes: new pulumi.asset.FileAsset("notes.txt") },
  };
`;
const PLAIN = `${COMMON} new k8s.helm.v4.Chart("web", chart);`;
const MIRRORED = `${COMMON}
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"),
    path: "team",
    credentials: { username: "ci", password: config.requireSecret("password") },
    plainHttp: true,
  });
  const web = new MirroredChart("web", {
    ...chart,
    registry,
    sourceAccess: [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }],
  });
  export const images = web.images;
  export const kinds = web.resources.apply((resources) => resources.length);
`;

const images = {
  "team/web:1.0": makeImage({ layers: [{ size: 1000, seed: "web" }] }),
  "team/migrations:1.0": makeImage({ layers: [{ size: 1000, seed: "migrations" }] }),
};

const stage = new MirrorStage({
  images,
  mirror: { auth: { scheme: "basic", users: { ci: "push-secret-1" } } },
});

const projectOf = (program: string): Promise<Project> =>
  stage.project({ program: { "index.ts": program, ...CHART }, config: { password: { secret: "push-secret-1" } } });

describe("MirroredChart on the real engine", () => {
  it("previews, deploys from the mirror, changes nothing the second time, and goes away", async () => {
    const project = await projectOf(MIRRORED);
    const preview = await project.preview({ diff: true });
    const target = `${stage.mirror.host}/team/team/web:1.0`;
    // The namespace's name is known already, so the preview shows each object of the chart.
    expect(preview.step("web:shop/web").inputs).toMatchObject({
      metadata: { namespace: "shop" },
      spec: { replicas: 2, template: { spec: { imagePullSecrets: [{ name: "web-pull" }] } } },
    });
    expect(preview.warnings).toMatch(/hooks are not deployed.*Job migrations \(pre-install,pre-upgrade\)/);
    expect(stage.mirror.repositories()).toEqual([]);

    await project.up();
    for (const [name, image] of Object.entries(images)) {
      const [repository = "", tag = ""] = `team/${name}`.split(":");
      expect(stage.mirror.tag(repository, tag)).toBe(image.digest);
    }
    expect(JSON.stringify(stage.cluster.object("Deployment", "web", "shop"))).toContain(target);
    expect(stage.cluster.object("Backup", "nightly", "shop")).toMatchObject({ spec: { image: target } });
    expect(stage.cluster.object("ConfigMap", "notes", "shop")).toMatchObject({ data: { notes: "from a file" } });
    expect(stage.cluster.object("Secret", "web-pull", "shop")).toBeDefined();
    expect(stage.cluster.objects("Job")).toEqual([]);
    expect(await project.outputs()).toMatchObject({ images: [{}, {}], kinds: 4 });

    expectUnchanged(await project.up());
    expectUnchanged(await (await project.onAnotherMachine()).up());
    await project.destroy();
    expect(stage.cluster.objects()).toEqual([]);
    expect(stage.mirror.tag("team/team/web", "1.0")).toBe(images["team/web:1.0"].digest);
  });

  it("takes over the objects of a plain chart, and deploys what it must patch", async () => {
    const project = await projectOf(PLAIN);
    await project.up();
    // No value reaches this pod's pull secrets any more.
    const patched = CHART["chart/templates/web.yaml"].replace(/ +imagePullSecrets:.*\n/, "");
    await project.write({ "chart/templates/web.yaml": patched, "index.ts": MIRRORED });
    const up = await project.up();
    expect(up.changes["kubernetes:apps/v1:Deployment::web:shop/web"]).toBe("update");
    expect(Object.values(up.changes)).not.toContain("delete");
    expect(Object.values(up.changes)).not.toContain("replace");
    expect(stage.cluster.object("Deployment", "web", "shop")).toMatchObject({
      spec: { template: { spec: { imagePullSecrets: [{ name: "web-pull" }] } } },
    });
    expectUnchanged(await project.up());
  });

  it("is made by the plugin for programs in YAML, with files as values", async () => {
    const body = `resources:
  mirror:
    type: chart-mirror:ExistingRegistry
    properties:
      host: \${mirrorHost}
      path: team
      credentials: { username: ci, password: "\${password}" }
      plainHttp: true
  web:
    type: chart-mirror:MirroredChart
    properties:
      chart: ./chart
      registry: \${mirror}
      valueYamlFiles: [{ fn::fileAsset: ./replicas.yaml }]
      values: { notes: { fn::fileAsset: ./notes.txt } }
      sourceAccess: [{ host: quay.io, location: "\${sourceHost}", plainHttp: true }]
outputs: { images: "\${web.images}" }
`;
    const { program, path } = await yamlProject(body, ["mirrorHost", "sourceHost"], ["password"]);
    const project = await stage.project({
      program: { ...program, ...CHART },
      path,
      config: { password: { secret: "push-secret-1" } },
    });
    const preview = await project.preview({ diff: true });
    expect(preview.step("web:default/web").inputs).toMatchObject({
      spec: { replicas: 2, template: { spec: { imagePullSecrets: [{ name: "web-pull" }] } } },
    });
    expect(stage.mirror.repositories()).toEqual([]);
    await project.up();
    const target = `${stage.mirror.host}/team/team/web:1.0`;
    expect(JSON.stringify(stage.cluster.object("Deployment", "web", "default"))).toContain(target);
    expect(stage.cluster.object("ConfigMap", "notes", "default")).toMatchObject({ data: { notes: "from a file" } });
    expect(await project.outputs()).toMatchObject({ images: [{}, {}] });
    expectUnchanged(await project.up());
    await project.destroy();
    expect(stage.cluster.objects()).toEqual([]);
  });
});
