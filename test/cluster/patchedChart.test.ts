/** Patched charts on a real API server, which refuses labels that are none and changes of fields that never change. */
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { realClusters } from "../support/providers/kubernetes";
import { startLocalApiServer, type LocalApiServer } from "../support/providers/kubernetes/localApiServer";
import { startRegistry, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

/** The version as charts write it: as it is, in labels, selectors and claim templates. No value reaches any image. */
const label = 'chart: "shop-{{ .Chart.Version }}"';
const workload = (kind: string, name: string, image: string, more = ""): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, labels: { app: ${name}, ${label} } }
spec:
  selector: { matchLabels: { app: ${name}, ${label} } }
  template:
    metadata: { labels: { app: ${name}, ${label} } }
    spec:
      containers:
        - name: main
          image: ${image}
${more}`;
const claims = `
  serviceName: db
  volumeClaimTemplates:
    - metadata: { name: data, labels: { ${label} } }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`;
const job = `
apiVersion: batch/v1
kind: Job
metadata: { name: setup, labels: { ${label} } }
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: main, image: quay.io/shop/setup:1 }]
`;
const chart = (mirror: string) => ({
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.2.3\n",
  "chart/values.yaml": "job: false\n",
  "chart/templates/db.yaml": workload("StatefulSet", "db", "quay.io/shop/db:1", claims),
  "chart/templates/web.yaml": workload("Deployment", "web", "quay.io/shop/web:1"),
  // It comes from the mirror already, so that nothing of it has to change.
  "chart/templates/kept.yaml": workload("Deployment", "kept", `${mirror}/platform/shop/kept:1`),
  "chart/templates/job.yaml": `{{ if .Values.job }}${job}{{ end }}`,
});

const program = (what: string, values = "{}") => `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const provider = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });
  const registry = new ExistingRegistry("mirror", { host: config.require("mirror"), path: "platform", plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("source"), plainHttp: true }];
  const args = { chart: "./chart", name: config.require("release"), skipAwait: true, values: ${values} };
  ${
    what === "Release"
      ? `new k8s.helm.v3.Release("shop", args, { provider });`
      : `new MirroredRelease("shop", { ...args, registry, sourceAccess }, { providers: { kubernetes: provider } });`
  }
`;
const RELEASE = "kubernetes:helm.sh/v3:Release::shop";

let server: LocalApiServer;
let source: TestRegistry;
let mirror: TestRegistry;
const projects: Project[] = [];
beforeAll(async () => {
  server = await startLocalApiServer();
  source = await startRegistry();
  mirror = await startRegistry();
  for (const name of ["db", "web", "setup"])
    await pushImage(source, `shop/${name}:1`, makeImage({ layers: [{ size: 500, seed: name }] }));
});
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
});
afterAll(async () => {
  await server?.stop();
  await source?.close();
  await mirror?.close();
});

async function projectOf(text: string): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": text, ...chart(mirror.host) },
    config: { kubeconfig: { secret: server.kubeconfig }, mirror: mirror.host, source: source.host, release: "shop" },
    providers: [await realClusters()],
  });
  projects.push(project);
  return project;
}

interface Workload {
  readonly metadata: { readonly uid: string; readonly generation: number; readonly labels: Record<string, string> };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}
async function workloads(): Promise<Record<string, Workload>> {
  const kinds = { db: "StatefulSet", web: "Deployment", kept: "Deployment" };
  const found = Object.entries(kinds).map(async ([name, kind]) => {
    const reference = { kind: { group: "apps", version: "v1", kind }, name, namespace: "default" };
    return [name, (await server.api.get(reference)) as unknown as Workload] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}
const imageOf = (workload: Workload | undefined): string | undefined =>
  workload?.spec.template.spec.containers[0]?.image;

it("are installed with their version in labels, selectors and claim templates", async () => {
  const project = await projectOf(program("MirroredRelease"));
  await project.up();
  const { db, web } = await workloads();
  expect([db, web].map(imageOf)).toEqual(["db", "web"].map((name) => `${mirror.host}/platform/shop/${name}:1`));
  expect(db?.metadata.labels.chart).toBe("shop-1.2.3");
  expectUnchanged(await (await project.onAnotherMachine()).up());
  await project.destroy();
});

it("take over a running release in place, and touch no pod that need not change", async () => {
  const project = await projectOf(program("Release"));
  await project.up();
  const before = await workloads();

  await project.write({ "index.ts": program("MirroredRelease") });
  const preview = await project.preview();
  expect(preview.changes[RELEASE]).toBe("update");
  await project.up();
  const taken = await workloads();
  for (const name of ["db", "web", "kept"]) expect(taken[name]?.metadata.uid).toBe(before[name]?.metadata.uid);
  expect(imageOf(taken.db)).toBe(`${mirror.host}/platform/shop/db:1`);
  expect(taken.kept?.metadata.generation).toBe(before.kept?.metadata.generation);

  // Another patch is another path, and another revision; what it does not touch stays.
  await project.write({ "chart/templates/web.yaml": `${workload("Deployment", "web", "quay.io/shop/web:1")}# more\n` });
  expect((await project.up()).changes[RELEASE]).toBe("update");
  const later = await workloads();
  for (const name of ["db", "web", "kept"]) expect(later[name]?.metadata).toMatchObject(pick(taken[name]));
  await project.destroy();
});

it("say before an upgrade what the API server will refuse, and with it out of the way it goes through", async () => {
  const project = await projectOf(program("Release", "{ job: true }"));
  await project.up();
  await project.write({ "index.ts": program("MirroredRelease", "{ job: true }") });
  const preview = await project.preview();
  expect(preview.stdout).toMatch(/warning: Job setup cannot be changed while it is there \(spec\.template\)/);
  const refused = await project.up({ expectFailure: true });
  expect(refused.everything).toMatch(/field is immutable/);

  const reference = { kind: { group: "batch", version: "v1", kind: "Job" }, name: "setup", namespace: "default" };
  await server.api.delete(reference);
  await project.up();
  expect(await server.api.get(reference)).toMatchObject({
    spec: { template: { spec: { containers: [{ image: `${mirror.host}/platform/shop/setup:1` }] } } },
  });
});

function pick(workload: Workload | undefined): object {
  return { uid: workload?.metadata.uid, generation: workload?.metadata.generation };
}
