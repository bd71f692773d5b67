import {
  EcrRegistry,
  EcrRepositories,
  EcrScanning,
  EcrTagMutability,
  type EcrRegistryArgs,
} from "../../../src/registry/ecr/ecrRegistry";
import { ACCOUNT, mockedAws } from "./ecrUnderTest";

const { madeFor } = mockedAws();

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
