import { setTimeout as sleep } from "node:timers/promises";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { realClusters } from "../support/providers/kubernetes";
import { startLocalApiServer, type LocalApiServer } from "../support/providers/kubernetes/localApiServer";

jest.setTimeout(900_000);

let server: LocalApiServer;
beforeAll(async () => void (server = await startLocalApiServer()));
afterAll(() => server?.stop());

const projects: Project[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
});

const files = {
  "settings/Chart.yaml": "apiVersion: v2\nname: settings\nversion: 1.0.0\n",
  "settings/templates/settings.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-settings }
data: { size: {{ .Values.size | quote }} }
`,
  "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
  "web/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: registry.example/web:1 }] }
`,
};

const imports = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  const config = new pulumi.Config();
  const provider = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig"), enableSecretMutable: config.getBoolean("mutable") });
`;

async function projectOf(program: string, config: Record<string, string> = {}): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": imports + program, ...files },
    config: { kubeconfig: { secret: server.kubeconfig }, ...config },
    providers: [await realClusters()],
  });
  projects.push(project);
  return project;
}

const get = (kind: string, name: string, group = "") =>
  server.api.get({ kind: { group, version: "v1", kind }, name, namespace: "default" });
/** The status of a revision of the release `web`, as Helm keeps it. */
const statusOf = async (revision: number) =>
  (await get("Secret", `sh.helm.release.v1.web.v${revision}`))?.metadata["labels"] as { status?: string } | undefined;
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("plain objects on a real API server", () => {
  const program = `
    new k8s.core.v1.Secret("login", { metadata: { name: "login" }, stringData: { password: config.require("password") } }, { provider });
    new k8s.rbac.v1.Role("reader", {
      metadata: { name: "reader" }, rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
    }, { provider });
  `;

  it("are applied, left alone, updated in place or replaced, and deleted", async () => {
    const project = await projectOf(program, { password: "swordfish" });
    const preview = await project.preview();
    expect(Object.values(preview.changes)).toEqual(["create", "create", "create"]);
    expect(await get("Secret", "login")).toBeUndefined();
    await project.up();
    expect((await get("Secret", "login"))?.["data"]).toEqual({ password: base64("swordfish") });
    expectUnchanged(await project.up());
    expectUnchanged(await project.refresh());

    await project.setConfig({ password: "marlin" });
    expect((await project.up()).changes).toEqual({ "kubernetes:core/v1:Secret::login": "replace" });
    await project.setConfig({ password: "tuna", mutable: "true" });
    expect((await project.up()).changes).toMatchObject({ "kubernetes:core/v1:Secret::login": "update" });
    expect((await get("Secret", "login"))?.["data"]).toEqual({ password: base64("tuna") });

    await project.destroy();
    expect(await get("Secret", "login")).toBeUndefined();
    expect(await get("Role", "reader", "rbac.authorization.k8s.io")).toBeUndefined();
  });

  it("are refused in the preview as the server refuses them", async () => {
    const project = await projectOf(`new k8s.core.v1.Secret("x", { metadata: { name: "Not_Valid" } }, { provider });`);
    expect((await project.preview({ expectFailure: true })).errors).toContain("RFC 1123");
    await project.write({
      "index.ts": `${imports} new k8s.core.v1.ConfigMap("x", { metadata: { name: "kube-root", namespace: "nowhere" } }, { provider });`,
    });
    await project.preview();
    expect((await project.up({ expectFailure: true })).errors).toContain('namespaces "nowhere" not found');
  });

  it("that are there already are not taken over", async () => {
    await server.api.apply(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine", namespace: "default" }, data: { a: "1" } },
      { dryRun: false, fieldManager: "somebody", force: false },
    );
    const project = await projectOf(
      `new k8s.core.v1.ConfigMap("x", { metadata: { name: "mine" }, data: { a: "2" } }, { provider });`,
    );
    expect((await project.up({ expectFailure: true })).errors).toContain('configmaps "mine" already exists');
    expect((await get("ConfigMap", "mine"))?.["data"]).toEqual({ a: "1" });
  });
});

describe("a Release on a real API server", () => {
  const program = `
    new k8s.helm.v3.Release("settings", { chart: "./settings", name: "settings", values: { size: config.require("size") } }, { provider });
  `;

  it("is installed, left alone, upgraded and uninstalled by helm", async () => {
    const project = await projectOf(program, { size: "1" });
    await project.up();
    expect((await get("ConfigMap", "settings-settings"))?.["data"]).toEqual({ size: "1" });
    expectUnchanged(await project.up());
    expectUnchanged(await project.refresh());
    await project.setConfig({ size: "2" });
    const { changes } = await project.up();
    expect(changes).toEqual({ "kubernetes:helm.sh/v3:Release::settings": "update" });
    expect((await get("ConfigMap", "settings-settings"))?.["data"]).toEqual({ size: "2" });
    expect((await project.exportState()).resources?.at(-1)?.outputs).toMatchObject({ status: { revision: 2 } });
    await project.destroy();
    expect(await get("ConfigMap", "settings-settings")).toBeUndefined();
  });

  it("that is waited for ends at once when the user interrupts it, is failed, and is repaired by the next update", async () => {
    const program = (more: string) =>
      `new k8s.helm.v3.Release("web", { chart: "./web", name: "web", timeout: 3600${more} }, { provider });`;
    const project = await projectOf(program(""));
    const interrupt = new AbortController();
    const running = project.up({ expectFailure: true, signal: interrupt.signal });
    while ((await get("Deployment", "web", "apps")) === undefined) await sleep(200);
    interrupt.abort();
    expect((await running).everything).toContain("context canceled");
    expect(await statusOf(1)).toMatchObject({ status: "failed" });

    await project.write({ "index.ts": imports + program(", skipAwait: true") });
    await project.up();
    expect(await statusOf(2)).toMatchObject({ status: "deployed" });
    await project.destroy();
  });

  it("that does not become ready is kept as failed, with helm's reason", async () => {
    const project = await projectOf(`
      new k8s.helm.v3.Release("web", { chart: "./web", name: "web", timeout: 3 }, { provider });
    `);
    const failed = await project.up({ expectFailure: true });
    expect(failed.errors).toContain('Helm release "default/web" was created, but failed to initialize completely');
    expect(failed.errors).toContain("context deadline exceeded");
    expect((await project.exportState()).resources?.at(-1)).toMatchObject({
      type: "kubernetes:helm.sh/v3:Release",
      id: "default/web",
    });
    await project.destroy();
    expect(await get("Deployment", "web", "apps")).toBeUndefined();
  });
});
