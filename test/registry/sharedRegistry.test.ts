import * as pulumi from "@pulumi/pulumi";
import { AcrRegistry } from "../../src/registry/acr/acrRegistry";
import { EcrRegistry } from "../../src/registry/ecr/ecrRegistry";
import { ExistingRegistry } from "../../src/registry/existingRegistry";
import type { MirrorRegistry } from "../../src/registry/mirrorRegistry";
import { QuayRegistry } from "../../src/quay/component/quayRegistry";
import type { RegistryReference } from "../../src/registry/registryReference";
import { SharedRegistry } from "../../src/registry/sharedRegistry";
import { mockedEngine, value } from "../support/providers/mockedEngine";

const ACCOUNT = "123456789012";
const GROUP = "/subscriptions/sub-1/resourceGroups/platform";

const { registered } = mockedEngine({
  answers: {
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: ACCOUNT },
    "aws:index/getRegion:getRegion": { region: "eu-west-1" },
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": { userName: "AWS", password: "aws-token" },
    "azure-native:authorization:getClientToken": { token: "entra-token" },
    "azure-native:authorization:getClientConfig": { subscriptionId: "sub-1" },
  },
  outputs: () => ({ token: "robot-token", password: "token-password" }),
});

/** As a stack's output travels: JSON, and what was secret still is. */
const travelled = async (registry: MirrorRegistry): Promise<pulumi.Output<RegistryReference>> => {
  const plain = JSON.parse(JSON.stringify(await value(registry.reference))) as RegistryReference;
  return (await pulumi.isSecret(registry.reference)) ? pulumi.secret(plain) : pulumi.output(plain);
};

const kinds: [string, boolean, () => MirrorRegistry][] = [
  ["ECR", false, () => new EcrRegistry("a", { path: "platform", pullSecret: true })],
  [
    "ECR with caches",
    true,
    () =>
      new EcrRegistry("a", {
        path: "platform",
        keepHost: true,
        pullThrough: [{ upstream: "docker.io", path: "hub", login: { username: "ada", password: "hub-token" } }],
      }),
  ],
  ["ACR", false, () => new AcrRegistry("a", { registryName: "contoso1", resourceGroupName: "platform" })],
  [
    "ACR that exists, with a pull token",
    true,
    () =>
      new AcrRegistry("a", {
        registryName: "contoso1",
        resourceGroupName: "platform",
        existing: true,
        armTokens: false,
        pullToken: {},
        cacheRules: [{ upstream: "quay.io", path: "quay" }],
      }),
  ],
  [
    "Quay",
    true,
    () =>
      new QuayRegistry("a", {
        host: "quay.example.com",
        organization: "appcircle",
        token: "api-token",
        proxy: { upstream: "docker.io", username: "ada", password: "hub-token" },
      }),
  ],
  [
    "any other",
    true,
    () =>
      new ExistingRegistry("a", {
        host: "r.example.com:8083",
        path: "team",
        plainHttp: true,
        push: { location: "push.example.com" },
        credentials: { username: "ci", password: "push-secret" },
        pullCredentials: { username: "pods", password: "pull-secret" },
        upstreams: [{ upstream: "docker.io", path: "hub" }],
      }),
  ],
  [
    "any other, that asks for a client certificate",
    true,
    () => new ExistingRegistry("a", { host: "r.example.com", clientCertificate: { cert: "PEM", key: "KEY" } }),
  ],
  ["any other, open", true, () => new ExistingRegistry("a", { host: "r.example.com" })],
];

describe.each(kinds)("a registry of %s in another stack", (_, secret, make) => {
  it("is what it is in its own", async () => {
    const own = make();
    const reference = await travelled(own);
    expect(await pulumi.isSecret(reference)).toBe(secret);
    const shared = new SharedRegistry("b", reference);
    expect(await shared.address).toEqual(await own.address);
    expect(shared.layout).toEqual({ keepHost: false, upstreams: [], ...own.layout });
    expect(await value(shared.pushAccess)).toEqual(await value(own.pushAccess));
    expect(await value(shared.host)).toBe((await own.address).host);
    expect([await pulumi.isSecret(shared.host), await pulumi.isSecret(shared.pushAccess)]).toEqual([false, true]);
    expect(await value(shared.pullReach())).toEqual(await value(own.pullReach()));
    expect(shared.pullTokenExpires).toBe(own.pullTokenExpires);
    expect(shared.pullCredentials && (await value(shared.pullCredentials))).toEqual(
      own.pullCredentials && (await value(own.pullCredentials)),
    );
    const sources = [shared.sourceAccess, own.sourceAccess].map((access) => value(pulumi.output([...access])));
    const [read, told] = await Promise.all(sources);
    expect(read).toEqual(told);
    // Nothing of it is made again.
    expect(registered.map(({ type, name }) => `${type}::${name}`).filter((urn) => /::b/.test(urn))).toEqual([
      "pulumi-chart-mirror:index:SharedRegistry::b",
    ]);
    // A third stack may take it from this one.
    expect(await value(shared.reference)).toEqual(await value(own.reference));
  });
});

describe("a reference", () => {
  it("of ECR and ACR holds no login that ends", async () => {
    for (const [, , make] of kinds.slice(0, 3)) {
      const { reference } = make();
      expect(JSON.stringify(await value(reference))).not.toMatch(/aws-token|entra-token/);
    }
  });

  it("of ACR names the registry for imports", async () => {
    const { reference } = new AcrRegistry("a", { registryName: "contoso1", resourceGroupName: "platform" });
    expect((await value(reference)).acr?.resourceManager).toEqual({
      url: "https://management.azure.com",
      registryId: `${GROUP}/providers/Microsoft.ContainerRegistry/registries/contoso1`,
    });
  });

  it.each([undefined, null, "r.example.com", {}, { host: "https://r.example.com" }])(
    "that is %j is refused",
    async (wrong) => {
      const { address } = new SharedRegistry("b", wrong as unknown as RegistryReference);
      await expect(address).rejects.toMatchObject({ code: "INVALID_REGISTRY" });
      await expect(address).rejects.toThrow(/is no reference of a registry\. Export `registry\.reference`/);
    },
  );

  it("that is not known yet says which stack comes first", async () => {
    pulumi.runtime.setAllConfig({});
    const unknown = pulumi.output(pulumi.unknown as unknown as RegistryReference);
    const { address } = new SharedRegistry("b", unknown);
    await expect(address).rejects.toThrow(/Update the stack that makes the registry first/);
  });
});
