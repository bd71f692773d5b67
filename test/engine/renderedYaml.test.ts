/** A Kubernetes provider that writes objects into files: what they hold is all that is ever deployed. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "js-yaml";
import { webChart } from "../support/charts/webChart";
import { expectUnchanged, type Project } from "../support/engine";
import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage } from "../support/images";

jest.setTimeout(900_000);

const stage = new MirrorStage({
  images: { "team/web:1.0": makeImage({ layers: [{ size: 500, seed: "web" }] }) },
  mirror: { auth: { scheme: "basic", users: { ci: "push-secret-1", pods: "pull-secret-1" } } },
});
const CHART = webChart({
  values: "web: quay.io/team/web:1.0\nimagePullSecrets: []\n",
  containers: { web: "{{ .Values.web }}" },
  pullSecrets: true,
});
const PROGRAM = `
  import * as k8s from "@pulumi/kubernetes";
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredChart } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"),
    plainHttp: true,
    credentials: { username: "ci", password: config.requireSecret("push") },
    pullCredentials: { username: "pods", password: config.requireSecret("pull") },
  });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const files = new k8s.Provider("files", { renderYamlToDirectory: "rendered" });
  const pullSecret = { namespaces: ["jobs"] };
  new MirroredChart("web", { chart: "./chart", namespace: "shop", registry, sourceAccess, pullSecret }, { providers: [files] });
`;

/** The files that were written, by their names. */
async function rendered(project: Project): Promise<Record<string, unknown>> {
  const folder = join(project.folder, "rendered/1-manifest");
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, load(await readFile(join(folder, name), "utf8"))] as const)),
  );
}

const secret = (namespace: string, password: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "web-pull", namespace },
  type: "kubernetes.io/dockerconfigjson",
  data: {
    ".dockerconfigjson": Buffer.from(
      JSON.stringify({
        auths: {
          [stage.mirror.host]: {
            username: "pods",
            password,
            auth: Buffer.from(`pods:${password}`).toString("base64"),
          },
        },
      }),
    ).toString("base64"),
  },
});

it("has one whole pull Secret in each namespace, and the chart's objects as they are pulled", async () => {
  const project = await stage.project({
    program: { "index.ts": PROGRAM, ...CHART },
    config: {
      mirrorHost: stage.mirror.host,
      sourceHost: stage.source.host,
      push: { secret: "push-secret-1" },
      pull: { secret: "pull-secret-1" },
    },
  });
  await project.preview();
  await project.up();
  const deployment = {
    spec: {
      template: {
        spec: {
          imagePullSecrets: [{ name: "web-pull" }],
          containers: [{ name: "web", image: `${stage.mirror.host}/team/web:1.0` }],
        },
      },
    },
  };
  expect(await rendered(project)).toMatchObject({
    "apps_v1-deployment-shop-web.yaml": deployment,
    "v1-secret-jobs-web-pull.yaml": secret("jobs", "pull-secret-1"),
    "v1-secret-shop-web-pull.yaml": secret("shop", "pull-secret-1"),
  });
  expectUnchanged(await project.up());

  stage.mirror.setPassword("pods", "pull-secret-2");
  await project.setConfig({ pull: { secret: "pull-secret-2" } });
  await project.up();
  expect(await rendered(project)).toMatchObject({
    "v1-secret-jobs-web-pull.yaml": secret("jobs", "pull-secret-2"),
    "v1-secret-shop-web-pull.yaml": secret("shop", "pull-secret-2"),
  });
  expect(stage.cluster.objects("Secret")).toEqual([]);
});
