/** The lowest version of each optional package that package.json takes: its types fit, it loads, and what needs it is made. */
import { lowestVersion, packPackage, type PackedPackage } from "./consumer";
import { createTypeConsumer, peers, type Peer, type TypeConsumer } from "./typeConsumer";

jest.setTimeout(900_000);

let packed: PackedPackage;
let consumer: TypeConsumer;
beforeAll(async () => {
  packed = await packPackage();
  consumer = await createTypeConsumer(packed, lowestVersion);
});
afterAll(async () => {
  await consumer.dispose();
  await packed.dispose();
});

/** What makes all that the package makes of each, and how many resources these are at least. */
const uses: Readonly<Record<Exclude<Peer, "none">, readonly [program: string, resources: number]>> = {
  "@pulumi/aws": [
    `new mirror.EcrRegistry("mirror", {
       path: "team", registryId: "123456789012", region: "eu-west-1", repositories: "createOnPush", blobMounting: true,
       scanning: "ENHANCED", replicateTo: ["eu-west-2"], pullers: { nodes: "role" }, tags: { a: "b" }, creationRoleArn: "arn",
       pullThrough: [{ upstream: "docker.io", path: "hub", login: { username: "u", password: "p" } }],
     });`,
    9,
  ],
  "@pulumi/azure-native": [
    `new mirror.AcrRegistry("mirror", {
       registryName: "contoso1", resourceGroupName: "platform", sku: "Premium", pullers: { aks: "id" }, pullToken: {},
       cacheRules: [{ upstream: "docker.io", path: "hub", login: { usernameSecret: "u", passwordSecret: "p", keyVaultId: "id" } }],
     });`,
    8,
  ],
  "@pulumi/docker": [
    `const registry = new mirror.ExistingRegistry("mirror", { host: "registry.example.com" });
     registry.address.then(() => registry.mirrorImages(
       [{ source: "quay.io/team/web:1.0", target: "registry.example.com/team/web:1.0", digest: "sha256:" + "0".repeat(64), locations: [] }],
       [], { copyWith: "docker" }));`,
    5,
  ],
  "@kubernetes/client-node": [
    `new mirror.ObjectContribution("a", { apiVersion: "v1", kind: "ConfigMap", name: "a", contribution: {} });
     import("@kubernetes/client-node").then(({ KubeConfig, BatchV1Api, CoreV1Api, ApiException }) => {
       if ([KubeConfig, BatchV1Api, CoreV1Api, ApiException].includes(undefined)) throw new Error("something is missing");
     });`,
    1,
  ],
};

it.each(peers)("%s", async (peer) => {
  await consumer.install(peer);
  expect(await consumer.compile(peer, "Pulumi's template")).toBe("");
  const [program, resources] = uses[peer];
  const made = await consumer.run(`
    const pulumi = require("@pulumi/pulumi");
    let made = 0;
    pulumi.runtime.setMocks({
      call: ({ token }) => (/getClientConfig/.test(token) ? { subscriptionId: "sub", tenantId: "t" } : /Caller/.test(token) ? { accountId: "123456789012" } : { token: "t" }),
      newResource: ({ name, inputs }) => (made++, { id: name, state: { ...inputs, identity: { principalId: "id" } } }),
    });
    const mirror = require("pulumi-chart-mirror");
    ${program}
    process.on("beforeExit", () => { console.log(made); process.exit(); });
  `);
  expect(Number(made)).toBeGreaterThanOrEqual(resources);
});
