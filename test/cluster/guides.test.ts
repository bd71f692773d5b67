/** The examples of the two guides on a real cluster: what its pods run are the guides' images, pulled from the mirror. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../src/cli/main";
import { startCluster, type Cluster } from "../support/cluster";
import type { GuideImage } from "../support/charts/guideImages";
import { ecrHostName } from "../support/cloud";
import { createProject, type Project, type ProjectOptions } from "../support/engine";
import { awsOn } from "../support/providers/aws";
import { azureNativeOn } from "../support/providers/azureNative";
import { realClusters } from "../support/providers/kubernetes";
import { ensureTool } from "../support/tools";
import { FOR_ECR, runnableGuideImages, THROUGH_QUAY, type GuideServers, type GuideServersConfig } from "./guideServers";

const startMs = 20 * 60_000;
const testMs = 10 * 60_000;

const ECR = ecrHostName();
const ACR = "contoso1.azurecr.io";
const REGISTRY = "registry.spacetech.com";
const LOGINS = {
  reader: "reader-secret",
  ci: "push-secret",
  credJson: JSON.stringify({ type: "service_account", private_key: "-----BEGIN-----\nkey\n-----END-----" }),
};

let scratch: string;
let binary: Uint8Array;
let cluster: Cluster;
let servers: GuideServers;
const projects: Project[] = [];

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "guides-"));
  const program = await ensureTool("pause");
  binary = readFileSync(program);
  await ensureTool("helm");
  await ensureTool("moto-python");
  cluster = await startCluster({
    hosts: [ECR, ACR, REGISTRY],
    credentialProvider: { executable: nodeIdentity(join(scratch, "servers.out.json")), images: [ECR] },
    log: () => undefined,
  });
  const config: GuideServersConfig = { program, logins: LOGINS, acr: "contoso1", quay: REGISTRY, registryPort: 8083 };
  writeFileSync(join(scratch, "servers.json"), JSON.stringify(config));
  const typescript = join(__dirname, "../support/typescript.js");
  const command = ["--require", typescript, join(__dirname, "guideServers.ts"), "--config"];
  const [line] = await cluster
    .spawn(process.execPath, [...command, join(scratch, "servers.json")])
    .said(/^\{.*\}$/m, 300);
  writeFileSync(join(scratch, "servers.out.json"), line);
  servers = JSON.parse(line) as GuideServers;
  writeFileSync(join(scratch, "ca.pem"), servers.ca);
}, startMs);

afterAll(async () => {
  for (const project of projects) await project.dispose();
  await cluster?.stop();
  rmSync(scratch, { recursive: true });
}, testMs);

/** What nodes of EKS have: an executable that asks ECR for a login with the identity of the node. */
function nodeIdentity(servers: string): string {
  const file = join(scratch, "ecr-credential-provider");
  const script = `#!${process.execPath}
    const { readFileSync } = require("node:fs");
    const { image } = JSON.parse(readFileSync(0, "utf8"));
    const call = {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
        authorization: "AWS4-HMAC-SHA256 Credential=node/20200101/us-east-1/ecr/aws4_request, SignedHeaders=host, Signature=none",
      },
      body: "{}",
    };
    fetch(JSON.parse(readFileSync(${JSON.stringify(servers)}, "utf8")).aws, call)
      .then((answer) => answer.json())
      .then(({ authorizationData: [{ authorizationToken }] }) => {
        const [username, password] = Buffer.from(authorizationToken, "base64").toString().split(":");
        const auth = { [image.split("/")[0]]: { username, password } };
        const [apiVersion, kind] = ["credentialprovider.kubelet.k8s.io/v1", "CredentialProviderResponse"];
        console.log(JSON.stringify({ apiVersion, kind, cacheKeyType: "Registry", cacheDuration: "1m", auth }));
      });
  `;
  writeFileSync(file, script, { mode: 0o755 });
  return file;
}

const exampleProgram = (example: string): string =>
  readFileSync(join(__dirname, "../../examples", example, "index.ts"), "utf8");

async function projectOf(example: string, { config, env, providers = [] }: Partial<ProjectOptions>): Promise<Project> {
  const project = await createProject({
    program: { "index.ts": exampleProgram(example) },
    name: example,
    config: { charts: servers.charts, ...config },
    env: { KUBECONFIG: cluster.kubeconfig, NODE_EXTRA_CA_CERTS: join(scratch, "ca.pem"), ...env },
    providers: [await realClusters(), ...providers],
    enter: (command, args, cwd) => cluster.enter(command, args, cwd),
  });
  projects.push(project);
  return project;
}

/** What nodes are told of a registry, by the command that the guides' readers run. */
async function configureNode(...args: readonly string[]): Promise<void> {
  let said = "";
  const streams = { out: (text: string) => void (said += text), err: (text: string) => void (said += text) };
  const code = await main(["node-config", "containerd", ...args, "--out", cluster.certsFolder], streams);
  expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
}

interface Pod {
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly imageID: string;
    }[];
  };
}

/** The pods of a namespace run images of these names and tags, each of them and no others, with the guide's content. */
async function expectPodsToRun(
  namespace: string,
  images: readonly GuideImage[],
  nameOf: (image: GuideImage) => string,
): Promise<void> {
  const listed = await cluster.kubectl("get", "pods", "-n", namespace, "-o", "json");
  const containers = (JSON.parse(listed) as { items: Pod[] }).items.flatMap(({ spec, status }) =>
    spec.containers.map(({ name, image }) => {
      const { ready, imageID } = status.containerStatuses?.find((container) => container.name === name) ?? {};
      return { image, ready, digest: imageID?.split("@")[1] };
    }),
  );
  const distinct = new Map(containers.map((container) => [container.image, container]));
  const byImage = (a: { image: string }, b: { image: string }) => (a.image < b.image ? -1 : 1);
  expect([...distinct.values()].sort(byImage)).toEqual(
    images.map((image) => ({ image: `${nameOf(image)}:${image.tag}`, ready: true, digest: image.image.digest })).sort(byImage),
  ); // prettier-ignore
}

const podsToGo = (namespace: string): Promise<string> =>
  cluster.kubectl("wait", "pods", "--all", "-n", namespace, "--for=delete", "--timeout=120s");

/** What the kubelet says of an image that it cannot pull. */
async function refusal(name: string, image: string): Promise<string> {
  const containers = [{ name: "main", image, imagePullPolicy: "Always" }];
  const spec = { containers, terminationGracePeriodSeconds: 0 };
  writeFileSync(join(scratch, "pod.json"), JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec }));
  await cluster.kubectl("apply", "--filename", join(scratch, "pod.json"));
  const reason = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull";
  await cluster.kubectl("wait", `--for=${reason}`, `pod/${name}`, "--timeout=60s");
  const events = ["get", "events", `--field-selector=involvedObject.name=${name},reason=Failed`];
  const messages = await cluster.kubectl(...events, "-o", "jsonpath={.items[*].message}");
  await cluster.kubectl("delete", `pod/${name}`, "--wait=false");
  return messages;
}

test(
  "the node has no way to the registries that the images come from",
  async () => {
    expect(await cluster.exec("ip", ["route", "show", "default"])).toMatchObject({ exitCode: 0, stdout: "" });
    const unknown = /lookup .*(no such host|server misbehaving|Temporary failure|connection refused)/;
    expect(await refusal("quay", "quay.io/stackstate/wait:1.0.0")).toMatch(unknown);
    const vendor = "europe-west1-docker.pkg.dev/appcircle/docker-registry";
    expect(await refusal("vendor", `${vendor}/uiserver:v3.27.3`)).toMatch(unknown);
    // What is played for them, known by its address, lets nobody in but the program.
    const refused = /401 Unauthorized|authorization failed|no basic auth/;
    expect(await refusal("quay-address", `${servers.source}/stackstate/wait:1.0.0`)).toMatch(refused);
    const address = `${servers.vendor}/appcircle/docker-registry`;
    expect(await refusal("vendor-address", `${address}/uiserver:v3.27.3`)).toMatch(refused);
  },
  testMs,
);

/** What StackState's programs are told: where quay.io and Docker Hub really are, and what the chart demands. */
const stackStateConfig = (location: string): ProjectOptions["config"] => {
  const login = { location, username: "reader", password: LOGINS.reader, plainHttp: true };
  return {
    baseUrl: "https://stackstate.example.com",
    licenseKey: { secret: "license" },
    sourceAccess: { secret: JSON.stringify(["quay.io", "docker.io"].map((host) => ({ host, ...login }))) },
  };
};

test(
  "StackState from Amazon ECR, by the nodes' own identity",
  async () => {
    await configureNode("--to", ECR, "--ca-file", join(scratch, "ca.pem"));
    const project = await projectOf("stackstate-ecr", {
      providers: [awsOn({ url: servers.aws })],
      config: { ...stackStateConfig(servers.sourceForEcr), "aws:region": "us-east-1", forceDelete: "true" },
    });
    await project.up();
    const images = runnableGuideImages("stackstate-ecr", binary, FOR_ECR);
    await expectPodsToRun("stackstate", images, ({ repository }) => `${ECR}/${repository}`);
    // No pod has a login: the kubelet asked for one.
    expect(await cluster.kubectl("get", "secrets", "-n", "stackstate", "-o", "name")).not.toMatch(/pull/);
    await project.destroy();
    await podsToGo("stackstate");
  },
  testMs,
);

test(
  "StackState from Azure Container Registry, with the chart's own pull secret",
  async () => {
    await configureNode("--to", ACR, "--ca-file", join(scratch, "ca.pem"));
    const project = await projectOf("stackstate-acr", {
      providers: [azureNativeOn(servers.azure)],
      config: { ...stackStateConfig(servers.source), registryName: "contoso1", resourceGroup: "platform" },
      env: { HTTPS_PROXY: servers.proxy, NO_PROXY: "10.96.0.1" },
    });
    await project.up();
    const images = runnableGuideImages("stackstate-acr", binary);
    await expectPodsToRun("stackstate", images, ({ repository }) => `${ACR}/${repository}`);
    // Without the chart's secret the registry lets nobody in.
    expect(await refusal("without", `${ACR}/stackstate/wait:1.0.0`)).toMatch(/401 Unauthorized|authorization failed/);
    await project.destroy();
  },
  testMs,
);

/** Where the Appcircle guide's `imageRegistry` and `imageRepositoryPath` put an image. */
const inAppcircle =
  (host: string) =>
  ({ repository }: GuideImage): string =>
    `${host}/${repository.replace("appcircle/docker-registry", "appcircle")}`;
const vendorConfig = (source: string) => ({
  credJson: { secret: LOGINS.credJson },
  source,
  sourcePlainHttp: "true",
});

test(
  "Appcircle from a registry without TLS on port 8083, and what OpenShift needs besides",
  async () => {
    const host = `${REGISTRY}:8083`;
    await configureNode("--to", `${host}/appcircle`, "--plain-http");
    const project = await projectOf("appcircle-registry", {
      config: {
        ...vendorConfig(servers.vendor),
        registryUsername: "ci",
        registryPassword: { secret: LOGINS.ci },
        // This node is none of OpenShift's.
        configureNodes: "false",
      },
    });
    await project.up();
    await expectPodsToRun("appcircle", runnableGuideImages("appcircle-registry", binary), inAppcircle(host));
    await project.write({ "index.ts": exampleProgram("appcircle-openshift") });
    await project.up();
    await expectPodsToRun("appcircle", runnableGuideImages("appcircle-openshift", binary), inAppcircle(host));
    await project.destroy();
    await podsToGo("appcircle");
  },
  testMs,
);

test(
  "Appcircle through a proxy cache of Quay",
  async () => {
    const host = `${REGISTRY}:${servers.quay.port}`;
    await configureNode("--to", `${host}/appcircle`, "--ca-file", join(scratch, "ca.pem"));
    const project = await projectOf("appcircle-quay", {
      config: { ...vendorConfig(servers.behindQuay), quayHost: host, quayToken: { secret: servers.quay.token } },
    });
    await project.up();
    const images = runnableGuideImages("appcircle-quay", binary, THROUGH_QUAY);
    await expectPodsToRun("appcircle", images, inAppcircle(host));
    await project.destroy();
  },
  testMs,
);
