/** Every example's program, on doubles of what it needs: the guides' images, the values that the guides write by hand. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../src/cli/main";
import { parseReference } from "../../../src/image/reference";
import { findHelm } from "../../../src/machine/findHelm";
import { Registries } from "../../../src/oci/registries";
import { startAzure, type Azure } from "../../support/azure";
import { startChartRepository, type ChartRepository } from "../../support/charts/chartRepository";
import { guideImages, pushGuideImages, type GuideImage } from "../../support/charts/guideImages";
import { ecrHostName, startEcr, startMoto, startNameProxy, type Moto } from "../../support/cloud";
import { createProject, expectUnchanged, type Project, type ProjectOptions } from "../../support/engine";
import { run } from "../../support/engine/process";
import { awsOn } from "../../support/providers/aws";
import { azureNativeOn } from "../../support/providers/azureNative";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";
import { startQuay } from "../../support/quay";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ensureTool } from "../../support/tools";

jest.setTimeout(900_000);

const CRED_JSON = JSON.stringify({ type: "service_account", private_key: "key-secret-1" });
const SECRETS = { registryPassword: "push-secret-1", licenseKey: "license-1" };
const stackstate = guideImages("stackstate-ecr");
const appcircle = guideImages("appcircle-openshift");

let charts: ChartRepository;
/** Stands for quay.io and Docker Hub. */
let source: TestRegistry;
/** Stands for Appcircle's registry. */
let vendor: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  charts = await startChartRepository("stackstate", "appcircle");
  source = await startRegistry();
  vendor = await startRegistry({ auth: { scheme: "bearer", users: { _json_key: CRED_JSON } } });
  await pushGuideImages(source, stackstate);
  await pushGuideImages(vendor, appcircle);
});
afterAll(async () => {
  for (const server of [charts, source, vendor]) await server.close();
});
beforeEach(async () => {
  mirror = await startRegistry({ auth: { scheme: "basic", users: { ci: SECRETS.registryPassword } } });
  cluster = await memoryCluster();
  closing.push(
    () => mirror.close(),
    () => cluster.dispose(),
  );
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What the programs ask of their configuration. */
function config(more: ProjectOptions["config"] = {}): ProjectOptions["config"] {
  const hosts = ["quay.io", "docker.io"].map((host) => ({ host, location: source.host, plainHttp: true }));
  return {
    charts: charts.url,
    sourceAccess: JSON.stringify(hosts),
    baseUrl: "https://stackstate.example.com",
    licenseKey: { secret: SECRETS.licenseKey },
    registryHost: mirror.host,
    registryUsername: "ci",
    registryPassword: { secret: SECRETS.registryPassword },
    plainHttp: "true",
    credJson: { secret: CRED_JSON },
    source: vendor.host,
    sourcePlainHttp: "true",
    ...more,
  };
}

async function projectOf(example: string, options: Partial<ProjectOptions> = {}): Promise<Project> {
  const file = join(__dirname, "../../../examples", example, "index.ts");
  const project = await createProject({
    program: { "index.ts": await readFile(file, "utf8") },
    name: example,
    ...options,
    config: config(options.config),
    providers: [cluster.provider, ...(options.providers ?? [])],
  });
  closing.push(() => project.dispose());
  return project;
}

/** A preview that touches nothing, an update, one more that changes nothing. */
async function deploy(project: Project, untouched: TestRegistry): Promise<void> {
  const preview = await project.preview({ diff: true });
  expect(untouched.repositories()).toEqual([]);
  expect(cluster.objects()).toEqual([]);
  const up = await project.up();
  for (const secret of [...Object.values(SECRETS), "key-secret-1"])
    for (const text of [preview.stdout, up.stdout, JSON.stringify(await project.exportState())])
      expect(text).not.toContain(secret);
  expectUnchanged(await project.up());
}

/** The registry has the guide's images, by their digests and with all of their content, and no others. */
async function expectImages(
  registry: TestRegistry,
  images: readonly GuideImage[],
  nameOf: (image: GuideImage) => string,
): Promise<void> {
  const names = images.map(nameOf);
  expect(registry.repositories().sort()).toEqual(names.sort());
  for (const image of images) {
    expect(registry.tag(nameOf(image), image.tag)).toBe(image.image.digest);
    expect(await registry.defects(nameOf(image), image.tag)).toEqual([]);
  }
}

/** A Secret of the cluster has one login, for this host, with which the registry behind it lets pull and not push. */
async function expectPullLogin(
  name: string,
  namespace: string,
  host: string,
  { host: at, ca }: Pick<TestRegistry, "host" | "ca">,
  image: GuideImage,
  nameOf: (image: GuideImage) => string,
): Promise<void> {
  const { data } = cluster.object("Secret", name, namespace) as unknown as { data: Record<string, string> };
  const docker = Buffer.from(data[".dockerconfigjson"] ?? "", "base64").toString();
  const { auths } = JSON.parse(docker) as { auths: Record<string, { auth: string }> };
  expect(Object.keys(auths)).toEqual([host]);
  const [username = "", password = ""] = Buffer.from(auths[host]?.auth ?? "", "base64")
    .toString()
    .split(":");
  const pods = new Registries({
    access: [{ host: at, username, password, ...(ca === undefined ? { plainHttp: true } : { caCertificates: [ca] }) }],
  });
  const repository = `${at}/${nameOf(image)}`;
  expect(await pods.head(parseReference(`${repository}:${image.tag}`))).toMatchObject({ digest: image.image.digest });
  const pushed = pods.copy(parseReference(`${repository}:${image.tag}`), parseReference(`${repository}:pushed`));
  await expect(pushed).rejects.toThrow(/denied|unauthorized/i);
  pods.close();
}

/** What the pods of the cluster pull. */
function pulled(): string[] {
  const images = cluster
    .objects("Deployment")
    .flatMap((object) => [...JSON.stringify(object).matchAll(/"image":"([^"]+)"/g)].map(([, image = ""]) => image));
  return [...new Set(images)].sort();
}

/** Amazon's API and its registry under its own name, and what a program needs to reach them. */
async function amazon() {
  const moto: Moto = await startMoto();
  const ecr = await startEcr(moto);
  const host = ecrHostName();
  const proxy = await startNameProxy({ [host]: ecr.host });
  const folder = await mkdtemp(join(tmpdir(), "examples-"));
  closing.push(...[moto, ecr, proxy].map((server) => () => server.close()), () => rm(folder, { recursive: true }));
  await writeFile(join(folder, "ca.pem"), ecr.ca ?? "");
  const cloud = {
    providers: [awsOn(moto)],
    env: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") },
  };
  return { ecr, host, cloud };
}

describe("the StackState guide", () => {
  const kept = ({ repository }: GuideImage) => repository;

  it("is a program for Amazon ECR", async () => {
    const { ecr, host, cloud } = await amazon();
    const config = { "aws:region": "us-east-1", forceDelete: "true" };
    const project = await projectOf("stackstate-ecr", { ...cloud, config });
    await deploy(project, ecr);
    await expectImages(ecr, stackstate, kept);
    expect(pulled()).toEqual(stackstate.map((image) => `${host}/${kept(image)}:${image.tag}`).sort());
    // What the guide's values.yaml says, without the secret that nodes of EKS do not need.
    expect((await project.outputs()).overrides).toEqual({
      global: { imageRegistry: host },
      elasticsearch: {
        "prometheus-elasticsearch-exporter": { image: { repository: `${host}/justwatch/elasticsearch_exporter` } },
      },
    });
    await project.destroy();
    expect(cluster.objects("Deployment")).toEqual([]);
  });

  it("is a program for Azure Container Registry, with the chart's own pull secret", async () => {
    const azure: Azure = await startAzure();
    const acr = await azure.startAcr("contoso1");
    const host = "contoso1.azurecr.io";
    const proxy = await startNameProxy({ [host]: acr.host, "management.azure.com": azure.management });
    const folder = await mkdtemp(join(tmpdir(), "examples-"));
    closing.push(...[azure, acr, proxy].map((server) => () => server.close()), () => rm(folder, { recursive: true }));
    await writeFile(join(folder, "ca.pem"), azure.ca);
    const project = await projectOf("stackstate-acr", {
      providers: [azureNativeOn(azure)],
      config: { registryName: "contoso1", resourceGroup: "platform" },
      env: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") },
    });
    await deploy(project, acr);
    await expectImages(acr, stackstate, kept);
    expect(pulled()).toEqual(stackstate.map((image) => `${host}/${kept(image)}:${image.tag}`).sort());
    // The guide's values.yaml, and what it leaves out: the exporter's chart does not read `global.imagePullSecrets`.
    expect((await project.outputs()).overrides).toEqual({
      global: { imageRegistry: host, imagePullSecrets: ["stackstate-pull-secret"] },
      elasticsearch: {
        "prometheus-elasticsearch-exporter": {
          image: { repository: `${host}/justwatch/elasticsearch_exporter`, pullSecret: "stackstate-pull-secret" },
        },
      },
    });
    for (const { spec } of cluster.objects("Deployment"))
      expect(JSON.stringify(spec)).toContain('"imagePullSecrets":[{"name":"stackstate-pull-secret"}]');
    // The chart's own Secret has a login that the registry takes, and that it takes for nothing but pulling.
    await expectPullLogin("stackstate-pull-secret", "stackstate", host, acr, stackstate[0] as GuideImage, kept);
    await project.destroy();
    expect(cluster.objects("Deployment")).toEqual([]);
  });

  it("lists in a dry run what the guide's script lists", async () => {
    process.env.HELM = findHelm() ?? (await ensureTool("helm"));
    const host = "57413481473.dkr.ecr.eu-west-1.amazonaws.com";
    let out = "";
    const streams = { out: (text: string) => (out += text), err: () => undefined };
    expect(await main(["copy", "-d", host, "-t", "-c", "stackstate", "-r", charts.url], streams as never)).toBe(0);
    // As the guide has it, whose script copies once for each line of the chart that has an image, one of them twice.
    const guide = `\
Copying justwatch/elasticsearch_exporter:1.1.0 to ${host}/justwatch/elasticsearch_exporter:1.1.0 (dry-run)
Copying quay.io/stackstate/stackgraph-console:3.6.14 to ${host}/stackstate/stackgraph-console:3.6.14 (dry-run)
Copying quay.io/stackstate/stackstate-server-stable:4.2.2 to ${host}/stackstate/stackstate-server-stable:4.2.2 (dry-run)
Copying quay.io/stackstate/wait:1.0.0 to ${host}/stackstate/wait:1.0.0 (dry-run)
Copying quay.io/stackstate/stackstate-server-stable:4.2.2 to ${host}/stackstate/stackstate-server-stable:4.2.2 (dry-run)
`;
    const lines = out.trimEnd().split("\n");
    expect(lines.sort()).toEqual([...new Set(guide.trimEnd().split("\n"))].sort());
    // The images of the guide's list are those of the example.
    expect(lines.map((line) => line.split(" ")[1]).sort()).toEqual(stackstate.map(({ reference }) => reference).sort());
  });
});

describe("the Appcircle guide", () => {
  const inOrganisation = ({ repository }: GuideImage) => repository.replace("appcircle/docker-registry", "appcircle");
  const repository = (name: string) => `${mirror.host}/appcircle/${name}`;

  it.each<[string, object]>([
    ["appcircle-registry", {}],
    [
      "appcircle-openshift",
      {
        "cert-utils-operator": {
          image: { repository: "cert-utils-operator" },
          kube_rbac_proxy: { image: { repository: "kube-rbac-proxy" } },
        },
      },
    ],
  ])("is a program: %s", async (example, operator) => {
    const images = guideImages(example);
    // This cluster is none of OpenShift; what tells its nodes of the registry is tried in the cluster suite.
    const project = await projectOf(example, { config: { configureNodes: "false" } });
    await deploy(project, mirror);
    await expectImages(mirror, images, inOrganisation);
    expect(pulled()).toEqual(images.map((image) => `${mirror.host}/${inOrganisation(image)}:${image.tag}`).sort());
    const text = JSON.stringify(operator).replace(/"repository":"([^"]+)"/g, (_, name: string) =>
      JSON.stringify({ repository: repository(name) }).slice(1, -1),
    );
    // The guide's values.yaml, and its secret.
    expect((await project.outputs()).overrides).toEqual({
      global: {
        imageRegistry: mirror.host,
        imageRepositoryPath: "appcircle",
        imagePullSecrets: [{ name: "containerregistry" }],
      },
      vault: { server: { image: { repository: repository("appcircle-vault") } } },
      ...(JSON.parse(text) as object),
    });
    expect(cluster.object("Secret", "containerregistry", "appcircle")).toMatchObject({
      type: "kubernetes.io/dockerconfigjson",
    });
    await project.destroy();
    expect(cluster.objects("Deployment")).toEqual([]);
    expect(cluster.objects("Secret")).toEqual([]);
  });

  it.each([
    ["appcircle-registry", []],
    ["appcircle-quay", []],
    ["appcircle-openshift", ["--set", "cert-utils-operator.enabled=true"]],
  ])("%s: the guide's command lists the images of its page, and no others", async (example, values) => {
    const helm = findHelm() ?? (await ensureTool("helm"));
    const chart = join(__dirname, "../../support/charts/appcircle");
    const { stdout } = await run(helm, ["template", "appcircle", chart, ...values], { cwd: chart, env: {} });
    // helm template ... | grep image: | sed 's/\s*image:\s*//; s/"//g' | sort -u
    const lines = stdout.split("\n").filter((line) => line.includes("image:"));
    const images = new Set(lines.map((line) => line.replace(/\s*image:\s*/, "").replace(/"/g, "")));
    expect([...images].sort()).toEqual(guideImages(example).map(({ reference }) => reference));
  });

  it("is a program: appcircle-quay", async () => {
    const images = guideImages("appcircle-quay");
    const quay = await startQuay({ upstreams: { "europe-west1-docker.pkg.dev": { url: vendor.url } } });
    closing.push(() => quay.close());
    const project = await projectOf("appcircle-quay", {
      config: { quayHost: quay.host, quayToken: { secret: quay.issueToken() } },
    });
    await deploy(project, quay.images);
    // Nothing is copied: Quay has been asked for each image, and fetches layers when the first pod pulls them.
    expect(quay.images.repositories().sort()).toEqual(images.map(inOrganisation).sort());
    for (const image of images) expect(quay.images.tag(inOrganisation(image), image.tag)).toBe(image.image.digest);
    expect(pulled()).toEqual(images.map((image) => `${quay.host}/${inOrganisation(image)}:${image.tag}`).sort());
    // The guide's page of the organization, its values.yaml, and its secret.
    expect(quay.state.organizations.get("appcircle")?.proxy).toMatchObject({
      upstream_registry: "europe-west1-docker.pkg.dev/appcircle/docker-registry",
      upstream_registry_username: "_json_key",
      upstream_registry_password: CRED_JSON,
    });
    expect((await project.outputs()).overrides).toEqual({
      global: {
        imageRegistry: quay.host,
        imageRepositoryPath: "appcircle",
        imagePullSecrets: [{ name: "containerregistry" }],
      },
      vault: { server: { image: { repository: `${quay.host}/appcircle/appcircle-vault` } } },
    });
    await expectPullLogin("containerregistry", "appcircle", quay.host, quay, images[0] as GuideImage, inOrganisation);
    await project.destroy();
    expect(cluster.objects("Deployment")).toEqual([]);
    expect([...quay.state.organizations.keys()]).toEqual([]);
  });
});

it("two releases share a registry and its copies", async () => {
  const project = await projectOf("two-releases-one-registry");
  await deploy(project, mirror);
  await expectImages(mirror, stackstate, ({ repository }) => `platform/${repository}`);
  expect(cluster.releases()).toHaveLength(2);
  const pushed = mirror.requests.find({ method: "PUT" }).filter(({ path }) => /\/manifests\/[^:]+$/.test(path));
  expect(pushed).toHaveLength(stackstate.length);
  await project.destroy();
});

it("two stacks share the registry of a third one", async () => {
  const { ecr, host, cloud } = await amazon();
  const region = { "aws:region": "us-east-1" };
  const platform = await projectOf("shared-registry/platform", { ...cloud, name: "platform", config: region });
  await platform.up();
  const application = (namespace: string) =>
    projectOf("shared-registry/stackstate", {
      ...cloud,
      name: namespace,
      beside: platform,
      config: { ...region, platform: "organization/platform/test", namespace },
    });
  const test = await application("stackstate-test");
  await deploy(test, ecr);
  await expectImages(ecr, stackstate, ({ repository }) => `platform/${repository}`);

  const pushed = () => ecr.requests.find({ method: "PUT" }).length;
  const before = pushed();
  const production = await application("stackstate");
  await production.up();
  expect(pushed()).toBe(before);
  expect(cluster.releases()).toHaveLength(2);
  expect(pulled()).toEqual(stackstate.map(({ repository, tag }) => `${host}/platform/${repository}:${tag}`).sort());

  await test.destroy();
  await expectImages(ecr, stackstate, ({ repository }) => `platform/${repository}`);
  expectUnchanged(await production.up());
  await production.destroy();
  await platform.destroy();
});

/** What the operators of Flux and Argo CD bring to a cluster. */
const OPERATORS = `
  import * as k8s from "@pulumi/kubernetes";
  const kinds = [
    ["source.toolkit.fluxcd.io", "v1", "HelmRepository", "helmrepositories"],
    ["helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases"],
    ["argoproj.io", "v1alpha1", "Application", "applications"],
  ];
  for (const [group, version, kind, plural] of kinds)
    new k8s.apiextensions.v1.CustomResourceDefinition(kind, {
      metadata: { name: plural + "." + group },
      spec: {
        group,
        names: { kind, plural, singular: kind.toLowerCase() },
        scope: "Namespaced",
        versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    });
  new k8s.core.v1.Namespace("argocd", { metadata: { name: "argocd" } });
`;

it.each<[string, string, string, (spec: Record<string, unknown>) => unknown]>([
  ["flux", "HelmRelease", "stackstate", (spec) => spec.values],
  ["argocd", "Application", "argocd", (spec) => (spec.source as { helm: { valuesObject: unknown } }).helm.valuesObject],
])("%s gets the solved values, after the images are there", async (example, kind, namespace, valuesOf) => {
  const operators = await createProject({ program: { "index.ts": OPERATORS }, providers: [cluster.provider] });
  closing.push(() => operators.dispose());
  await operators.up();
  const project = await projectOf(example, { config: { licenseKey: "license-of-an-evaluation" } });
  await project.preview();
  await project.up();
  await expectImages(mirror, stackstate, ({ repository }) => `platform/${repository}`);
  const { spec } = cluster.object(kind, "stackstate", namespace) as unknown as { spec: Record<string, unknown> };
  expect(valuesOf(spec)).toMatchObject({
    global: { imageRegistry: `${mirror.host}/platform`, imagePullSecrets: ["stackstate-pull"] },
    elasticsearch: {
      "prometheus-elasticsearch-exporter": {
        image: {
          repository: `${mirror.host}/platform/justwatch/elasticsearch_exporter`,
          pullSecret: "stackstate-pull",
        },
      },
    },
    stackstate: { baseUrl: "https://stackstate.example.com" },
  });
  const { resources = [] } = await project.exportState();
  const deployed = resources.find(({ type }) => type.endsWith(`:${kind}`));
  expect(deployed?.dependencies?.filter((urn) => urn.includes("ImageCopy"))).toHaveLength(stackstate.length);
  expectUnchanged(await project.up());
  await project.destroy();
});
