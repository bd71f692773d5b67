import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAzure, type Azure } from "../support/azure";
import { startNameProxy, type NameProxy } from "../support/cloud";
import { createProject, expectUnchanged, type Project, type RunResult } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { azureNativeOn } from "../support/providers/azureNative";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

const NAME = "contoso1";
const HOST = `${NAME}.azurecr.io`;
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const REGISTRY = "azure-native:containerregistry:Registry::mirror";
const RULE = "azure-native:containerregistry:CacheRule::mirror/quay";
const ROLE = "azure-native:authorization:RoleAssignment::mirror-aks";
/** A token of the double's Entra ID; see entra.ts. */
const TOKEN = /entra\.[\w-]{20,}/;
const KUBELET = "0f0e0d0c-0b0a-4908-8706-050403020100";

/** An image that is copied, and one of a host that a cache rule may serve. */
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "web: ghcr.io/team/web:1.0\nproxy: quay.io/team/proxy:2.0\n",
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: "{{ .Values.web }}" }
        - { name: proxy, image: "{{ .Values.proxy }}" }
`,
};
const web = makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] });
const proxied = makeImage({ layers: [{ size: 2000, seed: "proxy" }] });

const program = (registry: string, options = "{}") => `
  import * as pulumi from "@pulumi/pulumi";
  import { AcrRegistry, AcrSku, MirroredRelease } from "pulumi-chart-mirror";
  const location = new pulumi.Config().require("sourceHost");
  const sourceAccess = ["ghcr.io", "quay.io"].map((host) => ({ host, location, plainHttp: true }));
  const common = { registryName: "${NAME}", resourceGroupName: "platform", path: "platform" };
  const registry = new AcrRegistry("mirror", { ...common, ${registry} }, ${options});
  new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
`;
const CACHE = `cacheRules: [{ upstream: "quay.io", path: "quay" }], pullers: { aks: "${KUBELET}" }`;

let azure: Azure;
let acr: TestRegistry;
let source: TestRegistry;
let proxy: NameProxy;
let cluster: MemoryClusterHandle;
let folder: string;
const projects: Project[] = [];

beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "acr-registry-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  source = await startRegistry();
  await pushImage(source, "team/web:1.0", web);
  await pushImage(source, "team/proxy:2.0", proxied);
  const played = { url: source.url };
  azure = await startAzure({ upstreams: { "quay.io": played, "ghcr.io": played } });
  acr = await azure.startAcr(NAME);
  await writeFile(join(folder, "ca.pem"), azure.ca);
  proxy = await startNameProxy({ [HOST]: acr.host, "management.azure.com": azure.management });
  cluster = await memoryCluster();
});
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
  await cluster.dispose();
  await Promise.all([acr, source, proxy, azure].map((server) => server.close()));
});

async function projectOf(text: string, principal = azure.principal): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": text, ...CHART },
    providers: [cluster.provider, azureNativeOn(azure, principal)],
    config: { sourceHost: source.host },
    env: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") },
  });
  projects.push(project);
  return project;
}

const made = (type: string) => azure.resources.ofType(`Microsoft.${type}`);

/** What users see; the SDK's debug log has every value. */
function shown({ stdout, stderr, diagnostics }: RunResult): string {
  const messages = diagnostics.filter(({ severity }) => severity !== "debug").map(({ message }) => message);
  return [stdout, stderr, ...messages].join("\n");
}

describe("AcrRegistry on the real engine", () => {
  it("lists all before anything exists, makes it, is unchanged with other tokens, and goes", async () => {
    const project = await projectOf(program(CACHE));
    const preview = await project.preview({ diff: true });
    expect(preview.step(REGISTRY)).toMatchObject({
      operation: "create",
      inputs: { registryName: NAME, sku: { name: "Standard" }, adminUserEnabled: false },
    });
    expect(preview.step(RULE).inputs).toMatchObject({ sourceRepository: "quay.io/*", targetRepository: "quay/*" });
    expect(preview.step(ROLE).inputs).toMatchObject({ principalId: KUBELET });
    const targets = {
      "ghcr.io/team/web:1.0": "platform/team/web:1.0",
      "quay.io/team/proxy:2.0": "quay/team/proxy:2.0",
    };
    for (const [from, target] of Object.entries(targets))
      expect(preview.step(`${COPY}::mirror/${from}`).inputs).toMatchObject({ target: `${HOST}/${target}` });
    expect(made("ContainerRegistry/registries")).toEqual([]);

    const up = await project.up();
    expect(up.errors).toBe("");
    expect(acr.tag("platform/team/web", "1.0")).toBe(web.digest);
    expect(await acr.defects("platform/team/web", "1.0")).toEqual([]);
    // Served through the rule: asked for by its name in the cache, never pushed.
    expect(acr.tag("quay/team/proxy", "2.0")).toBe(proxied.digest);
    expect(acr.requests.find({ method: "PUT" }).map(({ path }) => path)).not.toContainEqual(
      expect.stringContaining("quay/"),
    );
    const [registry] = made("ContainerRegistry/registries");
    expect(made("Authorization/roleAssignments")).toMatchObject([
      { properties: { principalId: KUBELET, scope: registry?.id } },
    ]);
    expect(JSON.stringify(cluster.objects("Deployment"))).toContain(`${HOST}/quay/team/proxy:2.0`);
    expect(cluster.objects("Secret")).toEqual([]);
    expect(shown(up)).not.toMatch(TOKEN);
    expect(JSON.stringify(await project.exportState())).not.toMatch(TOKEN);

    // Every run gets other tokens.
    expectUnchanged(await project.up());
    expectUnchanged(await (await project.onAnotherMachine()).up());

    await project.write({ "index.ts": program(`${CACHE}, sku: AcrSku.Premium, tags: { team: "platform" }`) });
    expect((await project.up()).changes).toEqual({ [REGISTRY]: "update" });
    expect(made("ContainerRegistry/registries")[0]).toMatchObject({
      sku: { name: "Premium" },
      tags: { team: "platform" },
    });

    await project.destroy();
    expect(azure.resources.all().map(({ type }) => type)).toEqual(["Microsoft.Resources/resourceGroups"]);
    expect((await project.exportState()).resources ?? []).toEqual([]);
  });
});
