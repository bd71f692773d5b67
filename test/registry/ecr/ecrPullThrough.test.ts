import { EcrEncryption, EcrRegistry, EcrTagMutability } from "../../../src/registry/ecr/ecrRegistry";
import { registration, value } from "../../support/providers/mockedEngine";
import { HOST, mockedAws } from "./ecrUnderTest";
import { letRefusedChildrenFail } from "../refusedChildren";

letRefusedChildrenFail();

const { engine } = mockedAws();
const { registered } = engine;

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
    new EcrRegistry("mirror", {
      pullThrough: [{ upstream: "quay.io", path: "quay" }],
      tagMutability: EcrTagMutability.Immutable,
      encryption: EcrEncryption.Kms,
      lifecyclePolicy: "{}",
    });
    const { inputs } = await registration(engine, TEMPLATE);
    expect(inputs).toEqual({
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
