/** Objects that others own too, on the real engine and a real API server: service accounts, OpenShift's image configuration. */
import { dirname, join } from "node:path";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { realClusters } from "../support/providers/kubernetes";
import { startLocalApiServer, type LocalApiServer } from "../support/providers/kubernetes/localApiServer";
import { ensureTool } from "../support/tools";
import { runCommand } from "../support/tools/command";

jest.setTimeout(600_000);

const HEAD = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { ExistingRegistry, ObjectContribution, OpenShiftImageConfiguration, PullSecret } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const cluster = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });
`;
const PEM = "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n";
const CONTRIBUTION = "pulumi-nodejs:dynamic/chart-mirror:ObjectContribution";

let scratch: string;
let server: LocalApiServer;
let kubectlCommand: string;
const projects: Project[] = [];

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "contribution-"));
  kubectlCommand = await ensureTool("kubectl");
  server = await startLocalApiServer();
  writeFileSync(join(scratch, "kubeconfig"), server.kubeconfig);
}, 15 * 60_000);

afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
});

afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true });
});

async function start(program: string): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": HEAD + program },
    config: { kubeconfig: { secret: server.kubeconfig }, password: { secret: "pull-secret" } },
    providers: [await realClusters()],
  });
  projects.push(project);
  return project;
}

const kubectl = (...args: string[]): Promise<string> =>
  runCommand(kubectlCommand, ["--kubeconfig", join(scratch, "kubeconfig"), ...args]);

async function apply(...objects: object[]): Promise<void> {
  const file = join(scratch, "objects.json");
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  await kubectl("apply", "-f", file);
}

async function get(kind: string, name: string, namespace: string): Promise<Record<string, unknown>> {
  const {
    apiVersion: _,
    kind: __,
    metadata,
    ...content
  } = JSON.parse(await kubectl("get", kind, name, "-n", namespace, "-o", "json")) as Record<string, unknown> & {
    metadata: { annotations?: Record<string, string> };
  };
  const ledger = metadata.annotations?.["pulumi-chart-mirror/contributions"];
  return { ...content, ...(ledger !== undefined && { ledger }) };
}

it("links a pull secret to service accounts beside what they have, heals it, and takes out its own alone", async () => {
  const account = (name: string, ...secrets: string[]) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace: "shop" },
    imagePullSecrets: secrets.map((name) => ({ name })),
  });
  await kubectl("create", "namespace", "shop");
  await apply(account("default", "theirs"), account("builder", "theirs", "registry-login"));
  const project = await start(`
    new PullSecret("pull", {
      name: "registry-login",
      namespace: "shop",
      registries: [{ host: "r.io", username: "pods", password: config.requireSecret("password") }],
      serviceAccounts: ["default", "shop/builder"],
      mountable: true,
    }, { provider: cluster });
  `);
  const preview = await project.preview();
  expect(preview.changes).toMatchObject({ [`${CONTRIBUTION}::pull/default`]: "create" });
  await project.up();
  expect(await get("serviceaccount", "default", "shop")).toMatchObject({
    imagePullSecrets: [{ name: "theirs" }, { name: "registry-login" }],
    secrets: [{ name: "registry-login" }],
  });
  expectUnchanged(await project.up({ args: ["--refresh"] }));

  // A second program wants the same entry, and a third one another.
  const other = await start(`
    const wanted = (name: string) => ({
      apiVersion: "v1", kind: "ServiceAccount", namespace: "shop", name: "default",
      contribution: { imagePullSecrets: [{ name }] },
    });
    new ObjectContribution("same", wanted("registry-login"), { provider: cluster });
    new ObjectContribution("another", wanted("another-login"), { provider: cluster });
  `);
  await other.up();

  // Somebody takes our entry out, and puts one in.
  await apply(account("default", "theirs", "newer"));
  const healed = await project.up();
  expect(healed.changes).toEqual({ [`${CONTRIBUTION}::pull/default`]: "update" });
  expect(healed.everything).toContain("no longer has all that was contributed to it");
  await other.up();
  expect(await get("serviceaccount", "default", "shop")).toMatchObject({
    imagePullSecrets: [{ name: "theirs" }, { name: "newer" }, { name: "registry-login" }, { name: "another-login" }],
  });

  // What the second program wants stays, and what was there before; the kubeconfig is nowhere to be read.
  const state = JSON.stringify(await project.exportState());
  expect(state).not.toContain("local-token");
  await project.destroy();
  expect(await get("serviceaccount", "default", "shop")).toMatchObject({
    imagePullSecrets: [{ name: "theirs" }, { name: "newer" }, { name: "registry-login" }, { name: "another-login" }],
  });
  expect(await get("serviceaccount", "default", "shop")).not.toHaveProperty("secrets");
  expect(await get("serviceaccount", "builder", "shop")).toEqual({
    imagePullSecrets: [{ name: "theirs" }, { name: "registry-login" }],
  });
  await other.destroy();
  expect(await get("serviceaccount", "default", "shop")).toEqual({
    imagePullSecrets: [{ name: "theirs" }, { name: "newer" }],
  });
});

it("puts a registry into OpenShift's one object and its ConfigMap, and leaves both as they were", async () => {
  const definitions = dirname(await ensureTool("openshift-crds"));
  await kubectl("create", "-f", definitions);
  await kubectl("wait", "--for=condition=Established", "-f", definitions);
  await kubectl("create", "namespace", "openshift-config");
  const image = {
    apiVersion: "config.openshift.io/v1",
    kind: "Image",
    metadata: { name: "cluster" },
    spec: {
      additionalTrustedCA: { name: "theirs" },
      registrySources: { insecureRegistries: ["old.test"], allowedRegistries: ["quay.io", "old.test"] },
    },
  };
  const theirs = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "theirs", namespace: "openshift-config" },
    data: { "old.test": "OLD" },
  };
  await apply(image, theirs);
  const before = [
    await get("images.config.openshift.io", "cluster", "default"),
    await get("configmap", "theirs", "openshift-config"),
  ];
  const project = await start(`
    const tls = new ExistingRegistry("tls", { host: "tls.test:5000", path: "team", caCertificate: "${PEM}", credentials: { username: "ci", password: config.requireSecret("password") } });
    const plain = new ExistingRegistry("plain", { host: "plain.test:8083", plainHttp: true });
    new OpenShiftImageConfiguration("tls", { registry: tls, upstreams: ["quay.io"] }, { providers: [cluster] });
    new OpenShiftImageConfiguration("plain", { registry: plain }, { providers: [cluster] });
  `);
  await project.preview();
  await project.up();
  expect(await get("images.config.openshift.io", "cluster", "default")).toMatchObject({
    spec: {
      additionalTrustedCA: { name: "theirs" },
      registrySources: {
        insecureRegistries: ["old.test", "plain.test:8083"],
        allowedRegistries: expect.arrayContaining(["quay.io", "old.test", "plain.test:8083", "tls.test:5000"]) as never,
      },
    },
  });
  expect(await get("configmap", "theirs", "openshift-config")).toMatchObject({
    data: { "old.test": "OLD", "tls.test..5000": PEM.replace(/\\n/g, "\n") },
  });
  expect(await get("imagedigestmirrorset", "chart-mirror-tls-test-5000-team", "default")).toMatchObject({
    spec: { imageDigestMirrors: [{ source: "quay.io", mirrors: ["tls.test:5000/team"] }] },
  });
  expectUnchanged(await project.up());

  await project.destroy();
  expect([
    await get("images.config.openshift.io", "cluster", "default"),
    await get("configmap", "theirs", "openshift-config"),
  ]).toEqual(before);
  expect(await kubectl("get", "imagedigestmirrorsets,imagetagmirrorsets", "-o", "name")).toBe("");
});
