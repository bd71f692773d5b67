import type { PropertyMap, PropertyValue } from "../protocol/propertyValue";
import type { AwsApi } from "./awsApi";
import type { AwsResource } from "./ecrResources";

const pullThroughCacheRule: AwsResource = {
  defaults: { upstreamRepositoryPrefix: "ROOT" },
  replaceOn: ["ecrRepositoryPrefix", "upstreamRegistryUrl", "upstreamRepositoryPrefix", "region"],
  identity: "ecrRepositoryPrefix",
  computed: ["registryId"],
  async create(aws, inputs) {
    const { region: _, ...rule } = inputs;
    await aws.attempt("creating ECR Pull Through Cache Rule", "CreatePullThroughCacheRule", rule);
  },
  async update(aws, { ecrRepositoryPrefix, credentialArn, customRoleArn }) {
    await aws.attempt("updating ECR Pull Through Cache Rule", "UpdatePullThroughCacheRule", {
      ecrRepositoryPrefix,
      ...(credentialArn !== undefined && { credentialArn }),
      ...(customRoleArn !== undefined && { customRoleArn }),
    });
  },
  async read(aws, id) {
    const answer = await aws.find<{ pullThroughCacheRules: PropertyMap[] }>("DescribePullThroughCacheRules", {
      ecrRepositoryPrefixes: [id],
    });
    const [rule] = answer?.pullThroughCacheRules ?? [];
    if (rule === undefined) return undefined;
    const { createdAt: _created, updatedAt: _updated, ...outputs } = rule;
    return outputs;
  },
  async delete(aws, id) {
    await aws.attempt("deleting ECR Pull Through Cache Rule", "DeletePullThroughCacheRule", {
      ecrRepositoryPrefix: id,
    });
  },
};

const repositoryCreationTemplate: AwsResource = {
  defaults: { imageTagMutability: "MUTABLE" },
  replaceOn: ["prefix", "region"],
  identity: "prefix",
  computed: ["registryId"],
  create: (aws, inputs) => putTemplate(aws, "Create", inputs),
  update: (aws, inputs) => putTemplate(aws, "Update", inputs),
  async read(aws, id) {
    const answer = await aws.find<{ registryId: string; repositoryCreationTemplates: PropertyMap[] }>(
      "DescribeRepositoryCreationTemplates",
      { prefixes: [id] },
    );
    const [template] = answer?.repositoryCreationTemplates ?? [];
    if (answer === undefined || template === undefined) return undefined;
    return {
      prefix: id,
      registryId: answer.registryId,
      appliedFors: template["appliedFor"] ?? [],
      imageTagMutability: template["imageTagMutability"] ?? "MUTABLE",
    };
  },
  async delete(aws, id) {
    await aws.attempt("deleting ECR Repository Creation Template", "DeleteRepositoryCreationTemplate", { prefix: id });
  },
};

async function putTemplate(aws: AwsApi, verb: "Create" | "Update", inputs: PropertyMap): Promise<void> {
  const { region: _, appliedFors, encryptionConfigurations, resourceTags, ...template } = inputs;
  const [encryptionConfiguration] = (encryptionConfigurations ?? []) as PropertyMap[];
  await aws.attempt("putting ECR Repository Creation Template", `${verb}RepositoryCreationTemplate`, {
    ...template,
    appliedFor: appliedFors,
    ...(encryptionConfiguration && { encryptionConfiguration }),
    ...(resourceTags && {
      resourceTags: Object.entries(resourceTags as PropertyMap).map(([Key, Value]) => ({ Key, Value })),
    }),
  });
}

const accountSetting: AwsResource = {
  replaceOn: ["name", "region"],
  identity: "name",
  computed: [],
  create: (aws, inputs) => putSetting(aws, inputs),
  update: (aws, inputs) => putSetting(aws, inputs),
  read: (aws, id) => aws.find<PropertyMap>("GetAccountSetting", { name: id }),
  // A setting always has a value; the real provider leaves it as it is.
  delete: () => Promise.resolve(),
};

async function putSetting(aws: AwsApi, { name, value }: PropertyMap): Promise<void> {
  await aws.attempt("putting ECR Account Setting", "PutAccountSetting", { name, value });
}

/** A registry always has one; without rules it replicates nothing. */
const replicationConfiguration: AwsResource = {
  replaceOn: ["region"],
  id: ({ scope }) => scope.account,
  computed: ["registryId"],
  create: (aws, { replicationConfiguration: wanted }) => putReplication(aws, wanted ?? { rules: [] }),
  update: (aws, { replicationConfiguration: wanted }) => putReplication(aws, wanted ?? { rules: [] }),
  async read(aws) {
    const found = await aws.find<{ registryId: string; replicationConfiguration: PropertyMap }>("DescribeRegistry", {});
    return found && { registryId: found.registryId, replicationConfiguration: found.replicationConfiguration };
  },
  delete: (aws) => putReplication(aws, { rules: [] }),
};

async function putReplication(aws: AwsApi, wanted: PropertyValue): Promise<void> {
  const doing = "putting ECR Replication Configuration";
  await aws.attempt(doing, "PutReplicationConfiguration", { replicationConfiguration: wanted });
}

/** A registry always has one: BASIC, without rules. */
const registryScanningConfiguration: AwsResource = {
  replaceOn: ["region"],
  id: ({ scope }) => scope.account,
  computed: ["registryId"],
  create: (aws, inputs) => putScanning(aws, inputs),
  update: (aws, inputs) => putScanning(aws, inputs),
  async read(aws) {
    const found = await aws.find<{ registryId: string; scanningConfiguration: PropertyMap }>(
      "GetRegistryScanningConfiguration",
      {},
    );
    return found && { registryId: found.registryId, ...found.scanningConfiguration };
  },
  delete: (aws) => putScanning(aws, { scanType: "BASIC", rules: [] }),
};

async function putScanning(aws: AwsApi, { scanType, rules = [] }: PropertyMap): Promise<void> {
  const doing = "putting ECR Registry Scanning Configuration";
  await aws.attempt(doing, "PutRegistryScanningConfiguration", { scanType, rules });
}

/** The types that are about a whole registry. */
export const ecrRegistryResources: Readonly<Record<string, AwsResource>> = {
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": pullThroughCacheRule,
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": repositoryCreationTemplate,
  "aws:ecr/accountSetting:AccountSetting": accountSetting,
  "aws:ecr/replicationConfiguration:ReplicationConfiguration": replicationConfiguration,
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": registryScanningConfiguration,
};
