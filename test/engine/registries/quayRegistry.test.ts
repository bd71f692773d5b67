import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registries } from "../../../src/oci/registries";
import { parseReference } from "../../../src/image/reference";
import { startNameProxy, type NameProxy } from "../../support/cloud";
import { createProject, expectUnchanged, type Project } from "../../support/engine";
import { yamlProject } from "../../support/engine/yamlProgram";
import { makeImage, pushImage } from "../../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";
import { startQuay, type Quay } from "../../support/quay";
import { startRegistry, type TestRegistry } from "../../support/registry";

jest.setTimeout(900_000);

/** The Appcircle guide's shape: a port, an organization, an upstream that takes a JSON key. */
const HOST = "registry.spacetech.com:8083";
const UPSTREAM = "europe-west1-docker.pkg.dev";
const key = (id: string) =>
  JSON.stringify({ private_key: `-----BEGIN-----\n${id}\n-----END`, type: "service_account" });
const DYNAMIC = "pulumi-nodejs:dynamic/chart-mirror";

const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: appcircle\nversion: 3.27.3\n",
  "chart/values.yaml": `
global:
  imageRegistry: ${UPSTREAM}
  imageRepositoryPath: appcircle/docker-registry
vault:
  server: { image: { repository: ${UPSTREAM}/appcircle/docker-registry/appcircle-vault, tag: v3 } }
`,
  "chart/templates/server.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: server }
spec:
  selector: { matchLabels: { app: server } }
  template:
    metadata: { labels: { app: server } }
    spec:
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets: {{ toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - { name: ui, image: "{{ .Values.global.imageRegistry }}/{{ .Values.global.imageRepositoryPath }}/uiserver:v3" }
        - { name: minio, image: "{{ .Values.global.imageRegistry }}/{{ .Values.global.imageRepositoryPath }}/minio/miniob:v3" }
        - { name: vault, image: "{{ .Values.vault.server.image.repository }}:{{ .Values.vault.server.image.tag }}" }
`,
};
const images = Object.fromEntries(
  ["uiserver", "minio/miniob", "appcircle-vault"].map((name) => [
    name,
    makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 2000, seed: name }] }),
  ]),
);

const program = (registry: string) => `
  import * as pulumi from "@pulumi/pulumi";
  import { MirroredRelease, QuayRegistry, QuayRepositories } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const credentials = { username: "_json_key", password: config.requireSecret("upstreamKey") };
  const registry = new QuayRegistry("mirror", {
    host: "${HOST}", organization: "appcircle", token: config.requireSecret("quayToken"),
    caCertificate: config.require("ca"), ${registry}
  });
  // The upstream is open to its key alone, which the proxy has been told; a plain organization has to be told too.
  new MirroredRelease("appcircle", {
    chart: "./chart", registry, ${registry.includes("proxy") ? "" : `sourceAccess: [{ host: "${UPSTREAM}", ...credentials }]`}
  });
`;
const PROXY = `proxy: { upstream: "${UPSTREAM}/appcircle/docker-registry", ...credentials },`;

let quay: Quay;
let upstream: TestRegistry;
let names: NameProxy;
let cluster: MemoryClusterHandle;
let folder: string;
let token: string;
const projects: Project[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quay-registry-"));
  upstream = await startRegistry({
    auth: { scheme: "bearer", users: { _json_key: key("key-of-march") } },
    tls: { names: [UPSTREAM] },
  });
  for (const [name, image] of Object.entries(images))
    await pushImage(upstream, `appcircle/docker-registry/${name}:v3`, image);
  quay = await startQuay({
    upstreams: { [UPSTREAM]: { url: upstream.url, ca: upstream.ca! } },
    tls: { names: ["registry.spacetech.com"] },
  });
  token = quay.issueToken();
  await writeFile(join(folder, "ca.pem"), upstream.ca!);
  names = await startNameProxy({ "registry.spacetech.com": quay.host, [UPSTREAM]: upstream.host });
  cluster = await memoryCluster();
});
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
  await cluster.dispose();
  await Promise.all([quay, upstream, names].map((server) => server.close()));
  await rm(folder, { recursive: true, force: true });
});

const projectOf = (registry: string): Promise<Project> => projectWith({ program: { "index.ts": program(registry) } });

async function projectWith({
  program: files,
  path = [],
}: {
  program: Record<string, string>;
  path?: readonly string[];
}): Promise<Project> {
  const project = await createProject({
    program: { ...files, ...CHART },
    path,
    providers: [cluster.provider],
    config: {
      quayToken: { secret: token },
      upstreamKey: { secret: key("key-of-march") },
      ca: quay.ca!,
    },
    env: { HTTPS_PROXY: names.url, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") },
  });
  projects.push(project);
  return project;
}

const organization = () => quay.state.organizations.get("appcircle")!;

describe("QuayRegistry on the real engine", () => {
  it("serves the Appcircle chart through a proxy organization", async () => {
    const project = await projectOf(PROXY);
    const preview = await project.preview({ diff: true });
    for (const kind of ["QuayOrganization::mirror", "QuayProxyCache::mirror-proxy", "QuayRobot::mirror-pull"])
      expect(preview.step(`${DYNAMIC}:${kind}`)).toMatchObject({ operation: "create" });
    for (const [name, image] of Object.entries(images))
      expect(
        preview.step(`${DYNAMIC}:ImageCopy::mirror/${UPSTREAM}/appcircle/docker-registry/${name}:v3`).inputs,
      ).toMatchObject({ target: `${HOST}/appcircle/${name}:v3`, digest: image.digest, method: "pull-through" });
    expect(preview.step("kubernetes:helm.sh/v3:Release::appcircle").inputs.values).toMatchObject({
      global: { imageRegistry: HOST, imageRepositoryPath: "appcircle" },
      vault: { server: { image: { repository: `${HOST}/appcircle/appcircle-vault` } } },
    });
    expect([...quay.state.organizations.keys()]).toEqual([]);

    const up = await project.up();
    const robot = organization().robots.get("chart_mirror_pull")!;
    for (const [name, image] of Object.entries(images))
      expect(quay.images.tag(`appcircle/${name}`, "v3")).toBe(image.digest);
    // The login that pods get is one that Quay takes.
    const secret = JSON.stringify(cluster.objects("Secret"));
    const docker = Buffer.from(/"\.dockerconfigjson":"([^"]+)"/.exec(secret)?.[1] ?? "", "base64").toString();
    expect(JSON.parse(docker)).toMatchObject({
      auths: { [HOST]: { username: "appcircle+chart_mirror_pull", password: robot } },
    });
    const pods = new Registries({
      access: [
        { host: quay.host, username: "appcircle+chart_mirror_pull", password: robot, caCertificates: [quay.ca!] },
      ],
    });
    await expect(pods.head(parseReference(`${quay.host}/appcircle/uiserver:v3`))).resolves.toMatchObject({
      digest: images.uiserver!.digest,
    });
    pods.close();
    const secrets = [token, robot, "service_account", "key-of-march"];
    const shown = up.diagnostics.filter(({ severity }) => severity !== "debug").map(({ message }) => message);
    const seen = [up.stdout, up.stderr, ...shown, JSON.stringify(await project.exportState())].join("\n");
    for (const text of secrets) expect(seen).not.toContain(text);

    // Another token is no change, though the one in the state is worth nothing any more.
    quay.revokeToken(token);
    const rotated = quay.issueToken();
    await project.setConfig({ quayToken: { secret: rotated } });
    expectUnchanged(await project.up());
    expect(organization().robots.get("chart_mirror_pull")).toBe(robot);

    // Another key of the upstream is one change, in place.
    upstream.setPassword("_json_key", key("key-of-april"));
    await project.setConfig({ upstreamKey: { secret: key("key-of-april") } });
    expect((await project.up()).changes).toEqual({ [`${DYNAMIC}:QuayProxyCache::mirror-proxy`]: "update" });
    expect(organization().proxy?.upstream_registry_password).toBe(key("key-of-april"));

    // What somebody deletes is made again, and pods get the new robot's login.
    quay.state.organizations.delete("appcircle");
    await project.up();
    expect(organization().robots.get("chart_mirror_pull")).not.toBe(robot);
    expect([...organization().teams.get("chart_mirror_pull")!.members]).toEqual(["appcircle+chart_mirror_pull"]);
    expectUnchanged(await project.up());

    // The tokens in the state are worth nothing any more, and destroying runs no program that has another.
    quay.revokeToken(rotated);
    const refused = await project.destroy({ expectFailure: true });
    expect(refused.errors).toMatch(/refused the API token.*QUAY_TOKEN/);
    await project.destroy({ env: { QUAY_TOKEN: quay.issueToken() } });
    expect([...quay.state.organizations.keys()]).toEqual([]);
  });

  it("copies to a plain organization, and does not delete images unasked", async () => {
    const project = await projectOf("repositories: QuayRepositories.Create,");
    const preview = await project.preview({ diff: true });
    expect(preview.step(`${DYNAMIC}:QuayRepository::mirror/appcircle/docker-registry/uiserver`).operation).toBe(
      "create",
    );
    await project.up();
    const path = "appcircle/docker-registry/uiserver";
    expect(quay.images.tag(`appcircle/${path}`, "v3")).toBe(images.uiserver!.digest);
    expect(Object.fromEntries(organization().repositories.get(path)!.roles)).toEqual({
      ada: "admin",
      "appcircle+chart_mirror_push": "write",
      "appcircle+chart_mirror_pull": "read",
    });
    expectUnchanged(await project.up());
    const refused = await project.destroy({ expectFailure: true });
    expect(refused.errors).toMatch(/not deleted: it holds images.*forceDelete/);
    await project.write({ "index.ts": program("repositories: QuayRepositories.Create, forceDelete: true,") });
    await project.up();
    await project.destroy();
    expect([...quay.state.organizations.keys()]).toEqual([]);
  });

  it("says in the preview what stands in the way, and takes what exists when it is told", async () => {
    quay.state.createOrganization("appcircle", "", "ada");
    const project = await projectOf(PROXY);
    const { errors } = await project.preview({ expectFailure: true });
    expect(errors).toMatch(/Organization appcircle exists.*outside of this stack.*existing: true/);

    await project.write({ "index.ts": program(`existing: true, ${PROXY}`) });
    await project.up();
    await project.destroy();
    expect(organization()).toMatchObject({ robots: new Map(), prototypes: [] });
    expect(organization().proxy).toBeUndefined();
    expect([...organization().teams.keys()]).toEqual(["owners"]);
  });

  it.each([
    [
      "a proxy",
      `proxy: { upstream: ${UPSTREAM}/appcircle/docker-registry, username: _json_key, password: "\${upstreamKey}" }`,
    ],
    ["a plain organization", "repositories: create\n      forceDelete: true"],
  ])("as %s it is made by the plugin for programs in YAML", async (what, registry) => {
    const body = `resources:
  mirror:
    type: chart-mirror:QuayRegistry
    properties:
      host: ${HOST}
      organization: appcircle
      token: \${quayToken}
      caCertificate: \${ca}
      ${registry}
  appcircle:
    type: chart-mirror:MirroredRelease
    properties:
      chart: ./chart
      registry: \${mirror}
      ${what === "a proxy" ? "" : `sourceAccess: [{ host: ${UPSTREAM}, username: _json_key, password: "\${upstreamKey}" }]`}
outputs: { robot: "\${mirror.pullRobot}", organization: "\${mirror.organization}" }
`;
    const project = await projectWith(await yamlProject(body, ["ca"], ["quayToken", "upstreamKey"]));
    const preview = await project.preview({ diff: true });
    expect(preview.step("chart-mirror:index:QuayOrganization::mirror").operation).toBe("create");
    expect([...quay.state.organizations.keys()]).toEqual([]);
    const up = await project.up();
    const path = what === "a proxy" ? "appcircle/uiserver" : "appcircle/appcircle/docker-registry/uiserver";
    expect(quay.images.tag(path, "v3")).toBe(images.uiserver!.digest);
    expect(await project.outputs()).toEqual({
      robot: "appcircle+chart_mirror_pull",
      organization: "appcircle",
    });
    const robot = organization().robots.get("chart_mirror_pull")!;
    const seen = [preview.shown, up.shown, JSON.stringify(await project.exportState())].join("\n");
    for (const secret of [token, robot, "service_account"]) expect(seen).not.toContain(secret);

    // Another token is no change, though the key is JSON, which the language has read as such.
    await project.setConfig({ quayToken: { secret: quay.issueToken() } });
    expectUnchanged(await project.up());
    await project.destroy({ env: { QUAY_TOKEN: quay.issueToken() } });
    expect([...quay.state.organizations.keys()]).toEqual([]);
  });
});
