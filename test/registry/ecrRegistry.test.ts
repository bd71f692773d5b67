import * as pulumi from "@pulumi/pulumi";
import {
  EcrEncryption,
  EcrRegistry,
  EcrRepositories,
  EcrScanning,
  EcrTagMutability,
  type EcrRegistryArgs,
} from "../../src/registry/ecrRegistry";
import { mockedEngine, value, type MockedResource } from "../support/providers/mockedEngine";

const ACCOUNT = "123456789012";
const HOST = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;
const TOKEN = { userName: "AWS", password: "token-1", proxyEndpoint: `https://${HOST}` };

const engine = mockedEngine({
  answers: {
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: ACCOUNT },
    "aws:index/getRegion:getRegion": { region: "eu-west-1" },
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": TOKEN,
  },
});
const { registered, called } = engine;

const image = (name: string) => ({ source: `quay.io/${name}`, target: `${HOST}/platform/${name}`, locations: [] });

/** What is made for an image besides the component and the copy. */
async function madeFor(registry: EcrRegistry, name = "team/web:1.0"): Promise<MockedResource[]> {
  await value(registry.mirrorImages([image(name)], [])[0]!.urn);
  return registered.filter(({ type }) => type.startsWith("aws:"));
}

describe("address", () => {
  it("is made of the account and the region of the provider", async () => {
    const registry = new EcrRegistry("mirror", { path: "platform" });
    expect(await registry.address).toEqual({ host: HOST, path: "platform" });
    expect(await value(registry.host)).toBe(HOST);
  });

  it("of a region in China has China's domain", async () => {
    const registry = new EcrRegistry("mirror", { region: "cn-north-1" });
    expect(await registry.address).toEqual({ host: `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn` });
  });

  it("needs no provider where account and region are given", async () => {
    engine.answers = {};
    const registry = new EcrRegistry("mirror", { registryId: ACCOUNT, region: "eu-west-1" });
    expect(await registry.address).toEqual({ host: HOST });
  });

  it("is not guessed while the provider's configuration is unknown", async () => {
    engine.answers = {};
    const { address } = new EcrRegistry("mirror");
    await expect(address).rejects.toMatchObject({ code: "UNKNOWN_INPUT" });
    await expect(address).rejects.toThrow(/registryId and region/);
  });

  it.each([
    [{ registryId: "1234" }, /"1234" is not an account.*12 digits/],
    [{ region: "Ireland" }, /"Ireland" is not a region/],
    [{ path: "Platform" }, /"Platform".*lower-case/],
    [{ path: "/platform" }, /empty segment/],
    [{ registryId: "999999999999" }, /account 999999999999.*repositories in account 123456789012.*provider of account/],
  ])("with %j is refused", async (args, reason) => {
    const { address } = new EcrRegistry("mirror", args);
    await expect(address).rejects.toMatchObject({ code: "INVALID_REGISTRY" });
    await expect(address).rejects.toThrow(reason);
  });

  it("may be in another account when the repositories are there already", async () => {
    const registry = new EcrRegistry("mirror", {
      registryId: "999999999999",
      repositories: EcrRepositories.Existing,
    });
    expect(await registry.address).toEqual({ host: "999999999999.dkr.ecr.eu-west-1.amazonaws.com" });
  });
});

describe("logins", () => {
  it("pushes with a token of the provider, secret, and gives pods none", async () => {
    const registry = new EcrRegistry("mirror");
    expect(await pulumi.isSecret(registry.pushAccess)).toBe(true);
    expect(await value(registry.pushAccess)).toEqual({ host: HOST, username: "AWS", password: "token-1" });
    expect(registry.pullCredentials).toBeUndefined();
    expect(called.filter(({ token }) => token.includes("getAuthorizationToken"))).toEqual([
      { token: "aws:ecr/getAuthorizationToken:getAuthorizationToken", inputs: { registryId: ACCOUNT } },
    ]);
  });

  it("gives pods the token when they are to have a secret", async () => {
    const { pullCredentials } = new EcrRegistry("mirror", { pullSecret: true });
    if (!pullCredentials) throw new Error("no pull credentials");
    expect(await pulumi.isSecret(pullCredentials)).toBe(true);
    expect(await value(pullCredentials)).toEqual({ host: HOST, username: "AWS", password: "token-1" });
  });

  it("asks in the region that was given", async () => {
    await value(new EcrRegistry("mirror", { region: "eu-central-1" }).pushAccess);
    expect(called).toContainEqual({
      token: "aws:ecr/getAuthorizationToken:getAuthorizationToken",
      inputs: { registryId: ACCOUNT, region: "eu-central-1" },
    });
  });
});

describe("repositories", () => {
  it("are bare unless more is asked for", async () => {
    expect(await madeFor(new EcrRegistry("mirror"))).toEqual([
      {
        type: "aws:ecr/repository:Repository",
        name: "mirror/platform/team/web",
        inputs: { name: "platform/team/web" },
      },
    ]);
  });

  it("have all that the registry was given", async () => {
    const registry = new EcrRegistry("mirror", {
      region: "eu-west-1",
      tagMutability: EcrTagMutability.Immutable,
      tagMutabilityExclusions: ["dev-*"],
      scanOnPush: true,
      kmsKey: "arn:aws:kms:eu-west-1:123456789012:key/k",
      tags: { team: "platform" },
      forceDelete: true,
      lifecyclePolicy: '{"rules":[]}',
      pullAccounts: ["111111111111"],
    });
    const made = await madeFor(registry);
    expect(made[0]).toEqual({
      type: "aws:ecr/repository:Repository",
      name: "mirror/platform/team/web",
      inputs: {
        name: "platform/team/web",
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: "dev-*", filterType: "WILDCARD" }],
        encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: "arn:aws:kms:eu-west-1:123456789012:key/k" }],
        imageScanningConfiguration: { scanOnPush: true },
        forceDelete: true,
        tags: { team: "platform" },
        region: "eu-west-1",
      },
    });
    const policies = Object.fromEntries(made.slice(1).map(({ type, inputs }) => [type, inputs]));
    expect(policies).toEqual({
      "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
        repository: "platform/team/web",
        region: "eu-west-1",
        policy: '{"rules":[]}',
      },
      "aws:ecr/repositoryPolicy:RepositoryPolicy": {
        repository: "platform/team/web",
        region: "eu-west-1",
        policy: expect.stringContaining("arn:aws:iam::111111111111:root") as string,
      },
    });
  });

  it.each([
    [{ tagMutability: EcrTagMutability.Immutable }, { imageTagMutability: "IMMUTABLE" }],
    [
      { tagMutabilityExclusions: ["v*"] },
      {
        imageTagMutability: "MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: "v*", filterType: "WILDCARD" }],
      },
    ],
    [{ encryption: EcrEncryption.Kms }, { encryptionConfigurations: [{ encryptionType: "KMS" }] }],
    [
      { encryption: EcrEncryption.KmsDualLayer, kmsKey: "k" },
      { encryptionConfigurations: [{ encryptionType: "KMS_DSSE", kmsKey: "k" }] },
    ],
    [{ scanOnPush: false }, { imageScanningConfiguration: { scanOnPush: false } }],
  ])("with %j have %j", async (args, inputs) => {
    expect(await madeFor(new EcrRegistry("mirror", args))).toMatchObject([
      { inputs: { name: "platform/team/web", ...inputs } },
    ]);
  });

  it("let an organisation pull", async () => {
    const made = await madeFor(new EcrRegistry("mirror", { pullOrganization: "o-a1b2c3d4e5" }));
    const policy = made.find(({ type }) => type.endsWith(":RepositoryPolicy"))?.inputs.policy;
    expect(JSON.parse(String(policy))).toMatchObject({
      Statement: [{ Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }],
    });
  });

  it("are one for each path, however many tags and releases", async () => {
    const registry = new EcrRegistry("mirror");
    await madeFor(registry, "team/web:1.0");
    await madeFor(registry, "team/web:1.0");
    await madeFor(registry, "team/web:2.0");
    const made = await madeFor(registry, "team/proxy:1");
    expect(made.map(({ name }) => name)).toEqual(["mirror/platform/team/web", "mirror/platform/team/proxy"]);
  });

  it("are left alone when they exist", async () => {
    expect(await madeFor(new EcrRegistry("mirror", { repositories: EcrRepositories.Existing }))).toEqual([]);
  });
});

describe("names that ECR refuses", () => {
  const long = `quay.io/${"x".repeat(260)}:1`;
  const targets = [
    { source: "docker.io/library/a:1", target: `${HOST}/a:1` },
    { source: long, target: `${HOST}/${"x".repeat(260)}:1` },
    { source: "quay.io/team/web:1", target: `${HOST}/team/web:1` },
  ];

  it("are told together, each with image, rule and remedy", () => {
    const registry = new EcrRegistry("mirror");
    const refuse = () => registry.refuseTargets(targets);
    expect(refuse).toThrow(/2 problems/);
    expect(refuse).toThrow(
      /docker\.io\/library\/a:1 .*"a": a name has at least 2 characters\. Give the registry a path/,
    );
    expect(refuse).toThrow(/at most 256 characters, and this one has 260/);
    expect(refuse).not.toThrow(/team\/web/);
  });

  it("have a code, and good ones pass", () => {
    const registry = new EcrRegistry("mirror");
    const code = "INVALID_REPOSITORY_NAME";
    expect(() => registry.refuseTargets(targets.slice(0, 1))).toThrow(expect.objectContaining({ code }) as Error);
    expect(() => registry.refuseTargets(targets.slice(2))).not.toThrow();
  });
});

const RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule";
const TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate";

describe("pull-through", () => {
  const hub = { upstream: "docker.io", path: "hub", login: { username: "ada", password: "token" } };

  it("makes a rule with its secret, and nothing for the image itself", async () => {
    const registry = new EcrRegistry("mirror", {
      pullThrough: [hub, { upstream: "quay.io/team", path: "quay", roleArn: "arn:aws:iam::1:role/r" }],
    });
    expect(registry.layout.upstreams).toEqual([
      { upstream: "docker.io", path: "hub" },
      { upstream: "quay.io/team", path: "quay" },
    ]);
    expect(registry.sourceAccess).toEqual([{ host: "docker.io", username: "ada", password: "token" }]);
    const [copy] = registry.mirrorImages(
      [{ source: "docker.io/library/nginx:1", target: `${HOST}/hub/library/nginx:1`, locations: [] }],
      [],
    );
    await value(copy!.urn);
    expect(registered.find(({ type }) => type.endsWith("ImageCopy"))?.inputs).toMatchObject({ method: "pull-through" });
    const aws = registered.filter(({ type }) => type.startsWith("aws:"));
    expect(aws.map(({ type }) => type).sort()).toEqual([
      RULE,
      RULE,
      "aws:secretsmanager/secret:Secret",
      "aws:secretsmanager/secretVersion:SecretVersion",
    ]);
    const of = (type: string, name: string) => aws.find((one) => one.type === type && one.name === name)?.inputs;
    expect(of(RULE, "mirror/hub")).toMatchObject({
      ecrRepositoryPrefix: "hub",
      upstreamRegistryUrl: "registry-1.docker.io",
    });
    expect(of(RULE, "mirror/quay")).toEqual({
      ecrRepositoryPrefix: "quay",
      upstreamRegistryUrl: "quay.io",
      upstreamRepositoryPrefix: "team",
      customRoleArn: "arn:aws:iam::1:role/r",
    });
    expect(of("aws:secretsmanager/secret:Secret", "mirror/hub")).toMatchObject({ name: "ecr-pullthroughcache/hub" });
    const { secretString } = of("aws:secretsmanager/secretVersion:SecretVersion", "mirror/hub") ?? {};
    expect(JSON.stringify(secretString)).toContain("accessToken");
  });

  it("leaves a rule that is there alone", async () => {
    const registry = new EcrRegistry("mirror", {
      pullThrough: [{ upstream: "docker.io", path: "hub", existing: true }],
    });
    expect(await registry.address).toEqual({ host: HOST });
    const [copy] = registry.mirrorImages(
      [{ source: "docker.io/library/nginx:1", target: `${HOST}/hub/library/nginx:1`, locations: [] }],
      [],
    );
    await value(copy!.urn);
    expect(registered.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
  });

  it("gives the repositories of a cache the settings of the others, but for tags, which follow the upstream", async () => {
    const registry = new EcrRegistry("mirror", {
      pullThrough: [{ upstream: "quay.io", path: "quay" }],
      tagMutability: EcrTagMutability.Immutable,
      encryption: EcrEncryption.Kms,
      lifecyclePolicy: "{}",
    });
    await registry.address;
    await value(registry.urn);
    expect(registered.find(({ type }) => type === TEMPLATE)?.inputs).toEqual({
      prefix: "quay",
      appliedFors: ["PULL_THROUGH_CACHE"],
      encryptionConfigurations: [{ encryptionType: "KMS" }],
      lifecyclePolicy: "{}",
    });
  });

  it.each([
    [{ pullThrough: [{ upstream: "docker.io", path: "hub" }] }, /rule for docker\.io has no login.*secretArn/],
    [{ pullThrough: [{ upstream: "quay.io", path: "Quay" }] }, /cannot have the prefix "Quay".*2 to 30/],
    [{ pullThrough: [{ upstream: "quay", path: "quay" }] }, /names no registry/],
    [
      {
        pullThrough: [
          { upstream: "quay.io", path: "cache" },
          { upstream: "registry.k8s.io", path: "cache" },
        ],
      },
      /registry\.k8s\.io has the prefix cache, which is that of quay\.io.*its own path/,
    ],
    [
      { path: "cache/own", pullThrough: [{ upstream: "quay.io", path: "cache" }] },
      /cache\/own would stand in its cache/,
    ],
    [{ tags: { a: "b" }, pullThrough: [{ upstream: "quay.io", path: "quay" }] }, /creationRoleArn/],
  ])("with %j is refused", async (args, reason) => {
    const { address } = new EcrRegistry("mirror", args);
    await expect(address).rejects.toMatchObject({ code: "INVALID_REGISTRY" });
    await expect(address).rejects.toThrow(reason);
  });
});

describe("settings of the whole registry", () => {
  it("are made on request, before images are pushed", async () => {
    const registry = new EcrRegistry("mirror", {
      path: "platform",
      repositories: EcrRepositories.CreateOnPush,
      tagMutability: EcrTagMutability.Immutable,
      blobMounting: true,
      replicateTo: ["eu-central-1"],
      pullers: { nodes: "node-role" },
    });
    const made = await madeFor(registry);
    expect(Object.fromEntries(made.map(({ type, inputs }) => [type.split(":").at(-1), inputs]))).toEqual({
      AccountSetting: { name: "BLOB_MOUNTING", value: "ENABLED" },
      RepositoryCreationTemplate: {
        prefix: "platform",
        appliedFors: ["CREATE_ON_PUSH"],
        imageTagMutability: "IMMUTABLE",
      },
      ReplicationConfiguration: {
        replicationConfiguration: {
          rules: [
            {
              destinations: [{ region: "eu-central-1", registryId: ACCOUNT }],
              repositoryFilters: [{ filter: "platform/", filterType: "PREFIX_MATCH" }],
            },
          ],
        },
      },
      RolePolicyAttachment: {
        role: "node-role",
        policyArn: "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      },
    });
    expect(registry.pullGrants).toHaveLength(1);
  });
});

describe("scanning of the registry", () => {
  it.each<[string, EcrRegistryArgs, string, string[]]>([
    ["by ECR", { path: "platform", scanning: EcrScanning.Basic }, "SCAN_ON_PUSH", ["platform/*"]],
    ["by Inspector", { path: "platform", scanning: EcrScanning.Enhanced }, "CONTINUOUS_SCAN", ["platform/*"]],
    ["of all that it holds", { scanning: EcrScanning.Basic }, "SCAN_ON_PUSH", ["*"]],
    [
      "of caches as well",
      { path: "platform", scanning: EcrScanning.Basic, pullThrough: [{ upstream: "quay.io", path: "quay" }] },
      "SCAN_ON_PUSH",
      ["platform/*", "quay/*"],
    ],
  ])("%s", async (_, args, scanFrequency, filters) => {
    const made = await madeFor(new EcrRegistry("mirror", args));
    expect(made.find(({ name }) => name === "mirror-scanning")).toEqual({
      type: "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
      name: "mirror-scanning",
      inputs: {
        scanType: args.scanning,
        rules: [{ scanFrequency, repositoryFilters: filters.map((filter) => ({ filter, filterType: "WILDCARD" })) }],
      },
    });
  });

  it("stays as it is unless it is asked for", async () => {
    const made = await madeFor(new EcrRegistry("mirror", { path: "platform" }));
    expect(made.filter(({ name }) => name === "mirror-scanning")).toEqual([]);
  });
});
