import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAzure, type Azure } from "../../support/azure";
import { webChart } from "../../support/charts/webChart";
import { startNameProxy, type NameProxy } from "../../support/cloud";
import { createProject, expectUnchanged, type Project } from "../../support/engine";
import { yamlProject } from "../../support/engine/yamlProgram";
import { makeImage, pushImage } from "../../support/images";
import { azureNativeOn } from "../../support/providers/azureNative";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { basic, rawRequest } from "../../support/registry/transport/rawRequest";

jest.setTimeout(900_000);

const NAME = "contoso1";
const HOST = `${NAME}.azurecr.io`;
const UPSTREAMS = ["ghcr.io", "quay.io"];
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const REGISTRY = "azure-native:containerregistry:Registry::mirror";
const RULE = "azure-native:containerregistry:CacheRule::mirror/quay";
const ROLE = "azure-native:authorization:RoleAssignment::mirror-aks";
/** A token of the double's Entra ID; see entra.ts. */
const TOKEN = /entra\.[\w-]{20,}/;
const KUBELET = "0f0e0d0c-0b0a-4908-8706-050403020100";

/** An image that is copied, and one of a host that a cache rule may serve. */
const CHART = webChart({
  values: "web: ghcr.io/team/web:1.0\nproxy: quay.io/team/proxy:2.0\n",
  containers: { web: "{{ .Values.web }}", proxy: "{{ .Values.proxy }}" },
});
const web = makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] });
const proxied = makeImage({ layers: [{ size: 2000, seed: "proxy" }] });

const program = (registry: string, options = "{}") => `
  import { AcrRegistry, AcrSku, CopyMethod, MirroredRelease } from "pulumi-chart-mirror";
  const common = { registryName: "${NAME}", resourceGroupName: "platform", path: "platform" };
  const registry = new AcrRegistry("mirror", { ...common, ${registry} }, ${options});
  new MirroredRelease("web", { chart: "./chart", registry });
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
  source = await startRegistry({ tls: { names: UPSTREAMS } });
  await pushImage(source, "team/web:1.0", web);
  await pushImage(source, "team/proxy:2.0", proxied);
  const names = <T>(target: T) => Object.fromEntries(UPSTREAMS.map((name) => [name, target]));
  azure = await startAzure({
    upstreams: names({ url: source.url, ...(source.ca !== undefined && { ca: source.ca }) }),
  });
  acr = await azure.startAcr(NAME);
  await writeFile(join(folder, "ca.pem"), azure.ca);
  proxy = await startNameProxy({
    [HOST]: acr.host,
    "management.azure.com": azure.management,
    ...names(source.host),
  });
  cluster = await memoryCluster();
});
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
  await cluster.dispose();
  await Promise.all([acr, source, proxy, azure].map((server) => server.close()));
});

const projectOf = (text: string): Promise<Project> => projectWith({ program: { "index.ts": text } });

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
    providers: [cluster.provider, azureNativeOn(azure, azure.principal)],
    env: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") },
  });
  projects.push(project);
  return project;
}

const made = (type: string) => azure.resources.ofType(`Microsoft.${type}`);

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
    expect(up.shown).not.toMatch(TOKEN);
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

  it("says in the preview which names and rules are taken, and hands its options to its children", async () => {
    const { resources, subscription } = azure;
    resources.taken.add(NAME);
    const first = `import * as azure from "@pulumi/azure-native";
      const first = new azure.authorization.RoleAssignment("first", { scope: "/subscriptions/${subscription}",
        principalId: "${KUBELET}", principalType: "ServicePrincipal",
        roleDefinitionId: "/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${KUBELET}" });`;
    const options = `{ protect: true, retainOnDelete: true, dependsOn: [first], transforms: [({ type, props, opts }) =>
      type === "azure-native:containerregistry:Registry"
        ? { props: { ...props, tags: { team: "b" } }, opts: { ...opts, ignoreChanges: ["sku"] } } : undefined] }`;
    const project = await projectOf(first + program(CACHE, options));
    const { warnings } = await project.preview();
    expect(warnings).toMatch(
      /A container registry of the name of mirror exists already.*shared by all of Azure.*another registryName.*existing: true/,
    );
    resources.taken.delete(NAME);
    expect((await project.preview()).warnings).not.toMatch(/exists already/);
    await project.up();
    interface Kept {
      urn: string;
      protect?: boolean;
      retainOnDelete?: boolean;
      dependencies?: readonly string[];
      inputs?: { tags?: object };
    }
    const state = ((await project.exportState()).resources ?? []) as readonly Kept[];
    const own = state.find(({ urn }) => urn.endsWith(REGISTRY));
    expect(own).toMatchObject({ protect: true, retainOnDelete: true, inputs: { tags: { team: "b" } } });
    expect(own?.dependencies).toEqual([expect.stringMatching(/::first$/)]);
    for (const child of [RULE, ROLE])
      expect(state.find(({ urn }) => urn.endsWith(child))).toMatchObject({ protect: true, retainOnDelete: true });
    const refused = await project.destroy({ expectFailure: true });
    expect(refused.everything).toMatch(/protect/);

    // Another name of the component is no other registry, where the old one is an alias; its sku is left alone.
    const renamed = (more: string) =>
      program(`${CACHE}, sku: AcrSku.Premium`, `{ retainOnDelete: true, ${more} }`).replace('"mirror"', '"images"');
    const kept = `aliases: [{ name: "mirror" }], transforms: [({ type, props, opts }) =>
      type === "azure-native:containerregistry:Registry"
        ? { props: { ...props, tags: { team: "b" } }, opts: { ...opts, ignoreChanges: ["sku"] } } : undefined]`;
    await project.write({ "index.ts": first + renamed(kept) });
    const moved = await project.up();
    // The refused destroy has taken the release, which nothing protects.
    expect(Object.keys(moved.changes).filter((key) => !key.endsWith("::web"))).toEqual([]);
    expect(made("ContainerRegistry/registries")[0]).toMatchObject({ sku: { name: "Standard" } });
    await project.destroy();
    expect(made("ContainerRegistry/registries")).toHaveLength(1);

    // The rule that stayed is now somebody else's.
    const again = program(`existing: true, ${CACHE}`);
    await project.write({ "index.ts": again });
    expect((await project.preview()).warnings).toMatch(
      /A cache rule for quay\/\* exists already.*pulumi import azure-native:containerregistry:CacheRule 'mirror\/quay' '\/subscriptions\S+\/cacheRules\/mirror-quay' --parent.*existing: true on the rule/,
    );
  });

  it("has an existing registry import images, gives pods a token of it, and leaves the registry when it goes", async () => {
    const { resources } = azure;
    const id = `/subscriptions/${azure.subscription}/resourceGroups/platform/providers/Microsoft.ContainerRegistry/registries/${NAME}`;
    await azure.put(id, { location: "westeurope", sku: { name: "Basic" }, properties: {} });
    const args = (rotation: string) =>
      `existing: true, copyWith: CopyMethod.AcrImport, pullToken: { rotation: "${rotation}" }`;
    const project = await projectOf(program(args("1")));
    resources.deny(IMPORT);
    const refused = await project.up({ expectFailure: true });
    expect(refused.errors).toMatch(/AuthorizationFailed.*Container Registry Data Importer and Data Reader/s);
    expect(refused.shown).not.toMatch(TOKEN);

    resources.allow(IMPORT);
    resources.throttle(1);
    const up = await project.up();
    expect(up.errors).toBe("");
    for (const [name, image] of Object.entries({ "platform/team/web:1.0": web, "platform/team/proxy:2.0": proxied })) {
      const [repository = "", tag = ""] = name.split(":");
      expect(acr.tag(repository, tag)).toBe(image.digest);
      expect(await acr.defects(repository, tag)).toEqual([]);
    }
    expect(acr.requests.count({ method: "PUT" }) + acr.requests.count({ method: "PATCH" })).toBe(0);
    const login = pullLogin();
    expect(login.username).toBe("mirror-pull");
    expect(await mayPull(login)).toBe(true);
    expect(up.shown).not.toMatch(TOKEN);
    const state = JSON.stringify(await project.exportState());
    expect(state).not.toMatch(TOKEN);
    expect([state, up.shown].join("\n")).not.toContain(login.password);
    expectUnchanged(await project.up());

    // A new password, while the old one still works for pods that have not got it yet.
    await project.write({ "index.ts": program(args("2")) });
    await project.up();
    expect(pullLogin().password).not.toBe(login.password);
    expect(await Promise.all([pullLogin(), login].map(mayPull))).toEqual([true, true]);

    await project.destroy();
    expect(made("ContainerRegistry/registries")).toHaveLength(1);
    expect(made("ContainerRegistry/registries/tokens")).toEqual([]);
    expect(acr.tag("platform/team/web", "1.0")).toBe(web.digest);
  });

  it("is made by the plugin for programs in YAML, with its rules, imports, tokens and roles", async () => {
    const body = `resources:
  mirror:
    type: chart-mirror:AcrRegistry
    properties:
      registryName: ${NAME}
      resourceGroupName: platform
      path: platform
      cacheRules: [{ upstream: quay.io, path: quay }]
      pullers: { aks: ${KUBELET} }
      pullToken: { rotation: "1" }
  web:
    type: chart-mirror:MirroredRelease
    properties: { chart: ./chart, registry: "\${mirror}", copyWith: acr-import }
`;
    const project = await projectWith(await yamlProject(body));
    const preview = await project.preview({ diff: true });
    expect(preview.step(REGISTRY)).toMatchObject({ operation: "create", inputs: { registryName: NAME } });
    expect(preview.step(RULE).inputs).toMatchObject({ sourceRepository: "quay.io/*", targetRepository: "quay/*" });
    expect(made("ContainerRegistry/registries")).toEqual([]);

    const up = await project.up();
    expect(up.errors).toBe("");
    expect(acr.tag("platform/team/web", "1.0")).toBe(web.digest);
    expect(acr.tag("quay/team/proxy", "2.0")).toBe(proxied.digest);
    // The registry has imported it by itself.
    expect(acr.requests.count({ method: "PUT" }) + acr.requests.count({ method: "PATCH" })).toBe(0);
    const login = pullLogin();
    expect(login.username).toBe("mirror-pull");
    expect(await mayPull(login)).toBe(true);
    const seen = [up.shown, JSON.stringify(await project.exportState())].join("\n");
    expect(seen).not.toMatch(TOKEN);
    expect(seen).not.toContain(login.password);
    expectUnchanged(await project.up());

    await project.write({
      "Pulumi.yaml": (await yamlProject(body.replace('"1"', '"2"'))).program["Pulumi.yaml"] ?? "",
    });
    await project.up();
    expect(pullLogin().password).not.toBe(login.password);
    await project.destroy();
    expect(azure.resources.all().map(({ type }) => type)).toEqual(["Microsoft.Resources/resourceGroups"]);
  });
});

const IMPORT = "Microsoft.ContainerRegistry/registries/importImage/action";

/** The login in the pull secret. */
function pullLogin(): { username: string; password: string } {
  const [secret] = cluster.objects("Secret") as unknown as { data: Record<string, string> }[];
  const config = Buffer.from(secret?.data[".dockerconfigjson"] ?? "", "base64").toString();
  const { auths } = JSON.parse(config) as { auths: Record<string, { username: string; password: string }> };
  return auths[HOST] as { username: string; password: string };
}

/** Whether a login may read an image, and may not write it. */
async function mayPull({ username, password }: { username: string; password: string }): Promise<boolean> {
  const scope = "repository:platform/team/web:pull,push";
  const authorization = basic(username, password);
  const answer = await rawRequest(acr, "GET", `/oauth2/token?service=test-registry&scope=${scope}`, {
    headers: { authorization },
  });
  if (answer.status !== 200) return false;
  const { access_token: token } = JSON.parse(answer.body.toString()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const read = await rawRequest(acr, "HEAD", "/v2/platform/team/web/manifests/1.0", { headers });
  const write = await rawRequest(acr, "POST", "/v2/platform/team/web/blobs/uploads/", { headers });
  return read.status === 200 && write.status === 401;
}
