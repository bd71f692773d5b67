import { createProject, expectUnchanged, type Project, type ProjectOptions } from "../../support/engine";
import { memoryCluster, realClusters, type MemoryClusterHandle } from "../../support/providers/kubernetes";

jest.setTimeout(900_000);

let cluster: MemoryClusterHandle;
const projects: Project[] = [];
beforeEach(async () => void (cluster = await memoryCluster()));
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
  await cluster.dispose();
});

const imports = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  const config = new pulumi.Config();
`;

const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: '7.0'\n",
  "chart/values.yaml": "image: registry.example/web:1\nreplicas: 1\n",
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}-web }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: {{ required "an image is needed" .Values.image | quote }} }]
---
apiVersion: batch/v1
kind: Job
metadata: { name: {{ .Release.Name }}-migrate, annotations: { helm.sh/hook: "pre-install,pre-upgrade" } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: migrate, image: {{ .Values.image | quote }} }] } } }
`,
};

async function projectOf(program: string, options: Partial<ProjectOptions> = {}): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": imports + program, ...chart },
    providers: [cluster.provider],
    ...options,
  });
  projects.push(project);
  return project;
}

/** What the real provider stores of a release that names only chart and values: it fills in every zero value. */
const storedInputs = [
  ...["allowNullValues", "atomic", "chart", "cleanupOnFail", "createNamespace", "dependencyUpdate", "description"],
  ...["devel", "disableCRDHooks", "disableOpenapiValidation", "disableWebhooks", "forceUpdate", "keyring", "lint"],
  ...["name", "namespace", "postrender", "recreatePods", "renderSubchartNotes", "replace", "resetValues"],
  ...["reuseValues", "skipAwait", "skipCrds", "takeOwnership", "timeout", "values", "verify", "version"],
  "waitForJobs",
].sort();

const secret = "kubernetes:core/v1:Secret::login";
const release = "kubernetes:helm.sh/v3:Release::web";

describe("a Secret and a Release of a local chart", () => {
  const program = `
    const login = new k8s.core.v1.Secret("login", {
      metadata: { name: "login" },
      stringData: { password: config.requireSecret("password") },
    });
    const web = new k8s.helm.v3.Release("web", {
      chart: "./chart",
      values: { replicas: 2, secretName: login.metadata.name },
    });
    export const name = web.status.name;
    export const resources = web.resourceNames;
  `;
  const config = { password: { secret: "swordfish" } };

  it("are previewed, created, left alone, and destroyed", async () => {
    const project = await projectOf(program, { config });

    const preview = await project.preview({ diff: true });
    expect(preview.changes).toEqual({ [secret]: "create", [release]: "create" });
    expect(preview.step("web").inputs).toMatchObject({ version: "1.2.3", namespace: "default", timeout: 300 });
    expect(Object.keys(preview.step("web").inputs).sort()).toEqual(storedInputs);
    expect(cluster.objects()).toEqual([]);

    await project.up();
    expect(cluster.object("Secret", "login")["data"]).toEqual({
      password: Buffer.from("swordfish").toString("base64"),
    });
    const [deployed] = cluster.releases();
    expect(deployed).toMatchObject({ revision: 1, status: "deployed", values: { replicas: 2, secretName: "login" } });
    expect(deployed?.name).toMatch(/^web-[0-9a-f]{8}$/);
    expect(cluster.object("Deployment", `${deployed?.name}-web`)["spec"]).toMatchObject({ replicas: 2 });
    expect(cluster.objects("Job")).toHaveLength(1);
    expect(await project.outputs()).toEqual({
      name: deployed?.name,
      resources: { "Deployment.apps/apps/v1": [`${deployed?.name}-web`] },
    });

    expectUnchanged(await project.preview());
    expectUnchanged(await project.up());
    expectUnchanged(await project.refresh());
    expectUnchanged(await (await project.onAnotherMachine()).up());

    const state = JSON.stringify(await project.exportState());
    expect(state).not.toContain("swordfish");
    expect(state).not.toContain(Buffer.from("swordfish").toString("base64"));

    expect((await project.destroy()).changes).toEqual({ [secret]: "delete", [release]: "delete" });
    expect(cluster.releases()).toEqual([]);
    expect(cluster.objects().map(({ kind }) => kind)).toEqual(["Job"]);
  });

  it("change one without the other", async () => {
    const project = await projectOf(program, { config });
    await project.up();
    const { name } = cluster.releases()[0] ?? {};

    await project.write({ "index.ts": imports + program.replace("replicas: 2", "replicas: 3") });
    const updated = await project.up();
    expect(updated.changes).toEqual({ [release]: "update" });
    expect(updated.step("web").diff).toEqual({ "values.replicas": "update" });
    expect(cluster.releases()).toMatchObject([{ name, revision: 2 }]);

    await project.setConfig({ password: { secret: "marlin" } });
    const replaced = await project.up();
    expect(replaced.changes).toEqual({ [secret]: "replace" });
    expect(replaced.step("login").diff).toEqual({ "data.password": "update-replace" });
    expect(cluster.object("Secret", "login")["data"]).toEqual({ password: Buffer.from("marlin").toString("base64") });

    // The chart's own version is an input: a newer chart is a difference although the program is the same.
    await project.write({ "chart/Chart.yaml": chart["chart/Chart.yaml"].replace("1.2.3", "1.2.4") });
    expect((await project.up()).step("web").diff).toEqual({ version: "update" });
    // A template is not.
    await project.write({ "chart/values.yaml": "image: registry.example/web:2\nreplicas: 1\n" });
    expectUnchanged(await project.up());
  });

  it("replace the release only with another name or namespace", async () => {
    const project = await projectOf(program, { config });
    await project.up();
    await project.write({
      "index.ts": imports + program.replace(`chart: "./chart",`, `chart: "./chart", name: "site",`),
    });
    const replaced = await project.up();
    expect(replaced.changes).toEqual({ [release]: "replace" });
    expect(replaced.step("web").diff).toEqual({ name: "update-replace" });
    expect(cluster.releases()).toMatchObject([{ name: "site", revision: 1 }]);
  });

  it("keeps a mutable Secret in place", async () => {
    const mutable = `
      const provider = new k8s.Provider("cluster", { enableSecretMutable: true, namespace: "team" });
      new k8s.core.v1.Namespace("team", { metadata: { name: "team" } }, { provider });
      new k8s.core.v1.Secret("login", { metadata: { name: "login" }, stringData: { password: config.requireSecret("password") } }, { provider });
    `;
    const project = await projectOf(mutable, { config });
    await project.up();
    await project.setConfig({ password: { secret: "marlin" } });
    expect((await project.up()).changes).toEqual({ [secret]: "update" });
    expect(cluster.object("Secret", "login", "team")["data"]).toEqual({
      password: Buffer.from("marlin").toString("base64"),
    });
    await project.destroy();
    expect(cluster.objects()).toEqual([]);
  });
});

describe("objects without a name of their own", () => {
  it("are named once, and anew when they are replaced", async () => {
    const program = `new k8s.core.v1.ConfigMap("settings", { data: { size: config.require("size") } });`;
    const project = await projectOf(program, { config: { size: "1" } });
    await project.up();
    const [first] = cluster.objects("ConfigMap");
    expect(first?.metadata.name).toMatch(/^settings-[0-9a-f]{8}$/);
    expectUnchanged(await project.up());
    await project.setConfig({ size: "2" });
    expect((await project.up()).changes).toEqual({ "kubernetes:core/v1:ConfigMap::settings": "replace" });
    const [second, ...others] = cluster.objects("ConfigMap");
    expect(others).toEqual([]);
    expect(second?.metadata.name).not.toBe(first?.metadata.name);
  });
});

describe("custom resources", () => {
  it("need their definition, which may come in the same update", async () => {
    const program = `
      const definition = new k8s.apiextensions.v1.CustomResourceDefinition("crontabs", {
        metadata: { name: "crontabs.stable.example.com" },
        spec: {
          group: "stable.example.com", scope: "Namespaced", names: { plural: "crontabs", singular: "crontab", kind: "CronTab" },
          versions: [{ name: "v1", served: true, storage: true, 
            schema: { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } } }],
        },
      });
      new k8s.apiextensions.CustomResource("tab", {
        apiVersion: "stable.example.com/v1", kind: "CronTab", metadata: { name: "tab" }, spec: { schedule: "* * * * *" },
      }, { dependsOn: definition });
    `;
    const project = await projectOf(program);
    await project.up();
    expect(cluster.object("CronTab", "tab")["spec"]).toEqual({ schedule: "* * * * *" });
    // The API has dashes in the names of these fields, programs and states have none.
    const name = "crontabs.stable.example.com";
    expect(JSON.stringify(cluster.object("CustomResourceDefinition", name))).toContain(
      `"x-kubernetes-preserve-unknown-fields":true`,
    );
    const state = (await project.exportState()).resources?.find(({ id }) => id === name);
    expect(JSON.stringify(state?.outputs)).toContain(`"x_kubernetes_preserve_unknown_fields":true`);
    expect(JSON.stringify(state?.outputs)).not.toContain("x-kubernetes-");
    expect(state?.outputs).toMatchObject({ status: { conditions: [{ type: "Established", status: "True" }] } });
    expectUnchanged(await project.up());
    expectUnchanged(await project.refresh());

    const orphan = await projectOf(`
      new k8s.apiextensions.CustomResource("other", { apiVersion: "none.example.com/v1", kind: "None", metadata: { name: "x" } });
    `);
    const failed = await orphan.up({ expectFailure: true });
    expect(failed.errors).toContain('no matches for kind "None" in version "none.example.com/v1"');
  });
});

it("patches what is not its own, and gives it back", async () => {
  const program = `
    new k8s.core.v1.ServiceAccountPatch("default", {
      metadata: { name: "default" }, imagePullSecrets: [{ name: "login" }],
    });
  `;
  const project = await projectOf(program);
  await project.up();
  expect(cluster.object("ServiceAccount", "default")["imagePullSecrets"]).toEqual([{ name: "login" }]);
  expectUnchanged(await project.up());
  await project.destroy();
  expect(cluster.object("ServiceAccount", "default")["imagePullSecrets"]).toBeUndefined();
});

it("keeps what another resource has written where the program ignores it", async () => {
  const program = (labels: string): string => `
    const data = (text: string) => ({ "a.b": Buffer.from(text).toString("base64") });
    const metadata = { name: "login", namespace: "default" };
    const secret = new k8s.core.v1.Secret("login", { metadata: { ...metadata, labels: ${labels} }, data: data("none") }, { ignoreChanges: ["data"] });
    new k8s.core.v1.SecretPatch("written", {
      metadata: { ...metadata, annotations: { "pulumi.com/patchForce": "true" } }, data: data("written"),
    }, { dependsOn: secret });
  `;
  const project = await projectOf(program("{}"));
  await project.up();
  const written = { "a.b": Buffer.from("written").toString("base64") };
  expect(cluster.object("Secret", "login")["data"]).toEqual(written);
  // Paths such as data["a.b"] lie below data.
  expectUnchanged(await project.refresh());
  expectUnchanged(await project.up());
  await project.write({ "index.ts": imports + program("{ tier: 'web' }") });
  expect((await project.up()).changes).toEqual({ "kubernetes:core/v1:Secret::login": "update" });
  expect(cluster.object("Secret", "login")).toMatchObject({ metadata: { labels: { tier: "web" } }, data: written });
});

describe("kubernetes:helm:template", () => {
  const program = `
    export const objects = pulumi.runtime.invokeOutput("kubernetes:helm:template", {
      jsonOpts: JSON.stringify({ path: ".", chart: "chart", namespace: "team", release_name: "web", values: { replicas: 5 } }),
    }, { provider: new k8s.Provider("cluster", { kubeconfig: config.get("kubeconfig") }) }).apply((answer: any) => answer.result);
  `;

  it("renders with the real helm, hooks too, without a cluster", async () => {
    const project = await projectOf(program, { providers: [await realClusters()] });
    await project.up();
    const { objects } = await project.outputs();
    expect(objects).toMatchObject([
      { kind: "Deployment", metadata: { name: "web-web", namespace: "team" }, spec: { replicas: 5 } },
      { kind: "Job", metadata: { name: "web-migrate", namespace: "team" } },
    ]);
  });

  it("fails with helm's reason", async () => {
    const missing = await projectOf(program.replace(`chart: "chart"`, `chart: "absent"`));
    expect((await missing.preview({ expectFailure: true })).errors).toMatch(
      /failed to generate YAML .*absent" not found/,
    );
    const broken = await projectOf(program.replace("replicas: 5", "image: ''"));
    expect((await broken.preview({ expectFailure: true })).errors).toContain("an image is needed");
  });
});

describe("a cluster that is made in the same update", () => {
  // Its kubeconfig is unknown until then.
  const program = `
    const made: pulumi.dynamic.ResourceProvider = { create: async () => ({ id: "cluster", outs: { kubeconfig: "{}" } }) };
    class Cluster extends pulumi.dynamic.Resource {
      readonly kubeconfig!: pulumi.Output<string>;
      constructor(name: string) { super(made, name, { kubeconfig: undefined }); }
    }
    const provider = new k8s.Provider("cluster", { kubeconfig: new Cluster("cluster").kubeconfig });
    new k8s.core.v1.Secret("login", { metadata: { name: "login" }, stringData: { a: "b" } }, { provider });
    new k8s.helm.v3.Release("web", { chart: "./chart" }, { provider });
    const answer = pulumi.runtime.invoke("kubernetes:helm:template", { jsonOpts: "{}" }, { provider });
    export const invoked = pulumi.output(answer).apply((got: any) => JSON.stringify(got ?? null));
  `;

  it("lets everything on it be previewed, and knows nothing", async () => {
    const project = await projectOf(program);
    const preview = await project.preview();
    expect(preview.changes).toMatchObject({ [secret]: "create", [release]: "create" });
    expect(preview.step("web").inputs).not.toHaveProperty("version");
    expect(preview.stdout).toContain("invoked: (json) {}");
  });
});

describe("without a cluster", () => {
  it("everything is previewed, and nothing created", async () => {
    const program = `
      new k8s.core.v1.Secret("login", { metadata: { name: "login" }, stringData: { a: "b" } });
      new k8s.helm.v3.Release("web", { chart: "./chart" });
    `;
    const project = await projectOf(program, { providers: [await realClusters()] });
    expect((await project.preview()).changes).toEqual({ [secret]: "create", [release]: "create" });
    const failed = await project.up({ expectFailure: true });
    expect(failed.errors).toContain("unreachable");
    expect(failed.errors).toContain("no configuration has been provided");
  });
});

describe("failures", () => {
  /** What a program fails with; programs of one test share a project. */
  const failing = async (program: string, when: "preview" | "up" = "preview") => {
    const project = projects[0] ?? (await projectOf(""));
    await project.write({ "index.ts": imports + program });
    return (await project[when]({ expectFailure: true })).errors;
  };

  it("of a chart show in the preview", async () => {
    expect(await failing(`new k8s.helm.v3.Release("web", { chart: "./absent" });`)).toContain(
      'path "./absent" not found',
    );
    expect(await failing(`new k8s.helm.v3.Release("web", { chart: "absent" });`)).toContain(
      "check the chart name and repository configuration",
    );
    expect(
      await failing(
        `new k8s.helm.v3.Release("web", { chart: "web", repositoryOpts: { repo: "http://127.0.0.1:9/charts" } });`,
      ),
    ).toContain("http://127.0.0.1:9/charts");
  });

  it("of a chart without its dependency show in the preview", async () => {
    const project = await projectOf(`new k8s.helm.v3.Release("web", { chart: "./chart" });`);
    const dependency = "dependencies: [{ name: redis, version: 1.0.0, repository: 'https://charts.example' }]\n";
    await project.write({ "chart/Chart.yaml": chart["chart/Chart.yaml"] + dependency });
    expect((await project.preview({ expectFailure: true })).errors).toContain(
      "found in Chart.yaml, but missing in charts/ directory: redis",
    );
  });

  it("of rendering show in the update, as with the real provider", async () => {
    const project = await projectOf(`new k8s.helm.v3.Release("web", { chart: "./chart", values: { image: "" } });`);
    await project.preview();
    expect((await project.up({ expectFailure: true })).errors).toContain("an image is needed");
    expect(cluster.releases()).toEqual([]);
    expect((await project.exportState()).resources?.map(({ type }) => type)).not.toContain(
      "kubernetes:helm.sh/v3:Release",
    );
  });

  it("of readiness leave a failed release, which the next update repairs", async () => {
    await cluster.setNeverReady("Deployment/web-web");
    const program = `new k8s.helm.v3.Release("web", { chart: "./chart", name: "web" });`;
    const project = await projectOf(program);
    const failed = await project.up({ expectFailure: true });
    expect(failed.errors).toContain('Helm release "default/web" was created, but failed to initialize completely');
    expect(failed.errors).toContain("context deadline exceeded");
    expect(cluster.releases()).toMatchObject([{ status: "failed", revision: 1 }]);

    await cluster.setNeverReady();
    expect((await project.up()).changes).toEqual({ [release]: "update" });
    expect(cluster.releases()).toMatchObject([{ status: "deployed", revision: 2 }]);
    expectUnchanged(await project.up());
  });

  it("of readiness leave nothing behind when the release is atomic", async () => {
    await cluster.setNeverReady("Deployment/web-web");
    const errors = await failing(
      `new k8s.helm.v3.Release("web", { chart: "./chart", name: "web", atomic: true });`,
      "up",
    );
    expect(errors).toContain("has been uninstalled due to atomic being set");
    expect(cluster.releases()).toEqual([]);
    expect(cluster.objects("Deployment")).toEqual([]);
  });

  it("are what the API server refuses", async () => {
    expect(await failing(`new k8s.core.v1.Secret("x", { metadata: { name: "Not_Valid" } });`)).toContain("RFC 1123");
    expect(
      await failing(`new k8s.core.v1.Secret("x", { type: "kubernetes.io/dockerconfigjson", stringData: { a: "b" } });`),
    ).toContain("data[.dockerconfigjson]: Required value");
    expect(
      await failing(
        `new k8s.core.v1.Secret("x", { metadata: { namespace: "nowhere" }, stringData: { a: "b" } });`,
        "up",
      ),
    ).toContain('namespaces "nowhere" not found');
    expect(
      await failing(
        `const first = new k8s.core.v1.Secret("first", { metadata: { name: "x" } });
         new k8s.core.v1.Secret("second", { metadata: { name: "x" } }, { dependsOn: first });`,
        "up",
      ),
    ).toContain('secrets "x" already exists');
  });

  it("are properties that the schema does not have", async () => {
    const resource = (type: string, inputs: string) => `new pulumi.CustomResource("${type}", "x", ${inputs});`;
    expect(
      await failing(resource("kubernetes:helm.sh/v3:Release", `{ chart: "./chart", postRenderer: "x" }`)),
    ).toContain('there is no property "postRenderer" in the schema');
    expect(
      await failing(
        resource("kubernetes:helm.sh/v3:Release", `{ chart: "./chart", repositoryOpts: { plainHttp: true } }`),
      ),
    ).toContain('there is no property "repositoryOpts.plainHttp" in the schema');
    expect(await failing(resource("kubernetes:helm.sh/v3:Release", `{ chart: "./chart", timeout: "5m" }`))).toContain(
      "expected a number, got a string",
    );
    expect(
      await failing(resource("kubernetes:core/v1:Secret", `{ apiVersion: "v1", kind: "Secret", spec: {} }`)),
    ).toContain('there is no property "spec" in the schema');
  });
});

it("sees what others have changed", async () => {
  const project = await projectOf(`new k8s.core.v1.ConfigMap("x", { metadata: { name: "x" }, data: { size: "1" } });`);
  await project.up();
  await cluster.change(cluster.object("ConfigMap", "x"), (object) => (object["data"] = { size: "9" }));
  expect((await project.refresh()).changes).toEqual({ "kubernetes:core/v1:ConfigMap::x": "update" });
  expect((await project.up()).changes).toEqual({ "kubernetes:core/v1:ConfigMap::x": "replace" });
  await cluster.remove(cluster.object("ConfigMap", "x"));
  expect((await project.refresh()).changes).toEqual({ "kubernetes:core/v1:ConfigMap::x": "delete" });
});

it("takes values from files, and secrets stay secret", async () => {
  const project = await projectOf(
    `
      new k8s.helm.v3.Release("web", {
        chart: "./chart", name: "web",
        valueYamlFiles: [new pulumi.asset.FileAsset("./more.yaml")],
        values: { replicas: 4, login: { password: config.requireSecret("password") } },
      });
    `,
    { config: { password: { secret: "swordfish" } } },
  );
  await project.write({ "more.yaml": "replicas: 9\nextra: { from: file }\n" });
  const preview = await project.preview({ diff: true });
  const up = await project.up();
  expect(cluster.releases()).toMatchObject([
    { values: { replicas: 4, extra: { from: "file" }, login: { password: "swordfish" } } },
  ]);
  expect(preview.everything + up.everything).not.toContain("swordfish");
  expect(JSON.stringify(await project.exportState())).not.toContain("swordfish");
  expectUnchanged(await project.up());
});
