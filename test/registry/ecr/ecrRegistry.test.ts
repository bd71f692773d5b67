import * as pulumi from "@pulumi/pulumi";
import { EcrEncryption, EcrRegistry, EcrRepositories, EcrTagMutability } from "../../../src/registry/ecr/ecrRegistry";
import { value } from "../../support/providers/mockedEngine";
import { thrownBy } from "../../oci/fixture";
import { ACCOUNT, HOST, mockedAws } from "./ecrUnderTest";

const { engine, madeFor } = mockedAws();
const { called } = engine;
const immutable = { tagMutability: EcrTagMutability.Immutable };

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
    [{ retention: { untaggedDays: 7 } }, /its tags can move: .*EcrTagMutability\.Immutable/],
    [{ retention: { untaggedDays: 7 }, ...immutable, tagMutabilityExclusions: ["dev-*"] }, /its tags can move/],
    [{ retention: { untaggedDays: 0 }, ...immutable }, /untaggedDays is 0.*from 1 to 3650/],
    [{ retention: { untaggedDays: 1.5 }, ...immutable }, /untaggedDays is 1\.5/],
    [{ retention: { untaggedDays: 7 }, ...immutable, lifecyclePolicy: "{}" }, /a repository has one policy/],
    [
      { retention: { untaggedDays: 7 }, ...immutable, repositories: EcrRepositories.Existing },
      /repositories are made by somebody else/,
    ],
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

describe("a retention", () => {
  const args = { path: "platform", ...immutable, retention: { untaggedDays: 7 } };
  const policy = {
    rules: [
      expect.objectContaining({
        selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
        action: { type: "expire" },
      }),
    ],
  };

  it("is a lifecycle policy of each repository, for what has no tag", async () => {
    const made = await madeFor(new EcrRegistry("mirror", args));
    const written = made.find(({ type }) => type === "aws:ecr/lifecyclePolicy:LifecyclePolicy")?.inputs["policy"];
    expect(JSON.parse(String(written))).toEqual(policy);
  });

  it("is in the template by which ECR makes repositories on a push, and in none of a cache", async () => {
    const repositories = EcrRepositories.CreateOnPush;
    const pullThrough = [{ upstream: "quay.io", path: "quay" }];
    const made = await madeFor(
      new EcrRegistry("mirror", { ...args, repositories, pullThrough, pullAccounts: ["111111111111"] }),
    );
    const policies = made
      .filter(({ type }) => type.includes("repositoryCreationTemplate"))
      .map(({ inputs }) => [inputs["prefix"], inputs["lifecyclePolicy"]]);
    expect(policies.sort()).toEqual([
      ["platform", expect.stringContaining('"untagged"')],
      ["quay", undefined],
    ]);
  });

  it("takes no image without a tag, and no signatures", async () => {
    const registry = new EcrRegistry("mirror", args);
    await registry.address;
    const digest = `sha256:${"a".repeat(64)}`;
    const image = (target: string) => ({ source: "quay.io/team/web", target: `${HOST}/${target}`, locations: [] });
    const code = "RETENTION_WITHOUT_TAG";
    expect(thrownBy(() => registry.refuseTargets([image(`platform/team/web@${digest}`)]))).toMatchObject({ code });
    registry.refuseTargets([image(`platform/team/web:1@${digest}`)]);
    const tagged = image("platform/team/web:1");
    expect(thrownBy(() => registry.mirrorImages([tagged], [], { referrers: true }))).toMatchObject({ code });
    await value(registry.mirrorImages([tagged], [])[0]!.urn);
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
