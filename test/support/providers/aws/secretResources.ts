import type { PropertyMap } from "../protocol/propertyValue";
import type { AwsApi } from "./awsApi";
import type { AwsResource } from "./ecrResources";

const SERVICE = "secretsmanager";

const secret: AwsResource = {
  replaceOn: ["name", "region"],
  identity: "name",
  computed: ["arn"],
  async create(aws, { name, description, tags }) {
    await aws.attempt(
      "creating Secrets Manager Secret",
      "CreateSecret",
      {
        Name: name,
        ...(description !== undefined && { Description: description }),
        Tags: Object.entries((tags ?? {}) as PropertyMap).map(([Key, Value]) => ({ Key, Value })),
      },
      SERVICE,
    );
  },
  async update(aws, { name, description }) {
    const parameters = { SecretId: name, ...(description !== undefined && { Description: description }) };
    await aws.attempt("updating Secrets Manager Secret", "UpdateSecret", parameters, SERVICE);
  },
  async read(aws, id) {
    const found = await aws.find<{ ARN: string; Name: string }>("DescribeSecret", { SecretId: id }, SERVICE);
    return found && { arn: found.ARN, name: found.Name };
  },
  async delete(aws, id, { recoveryWindowInDays: days }) {
    const force = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days ?? 30 };
    await aws.attempt("deleting Secrets Manager Secret", "DeleteSecret", { SecretId: id, ...force }, SERVICE);
  },
};

const secretVersion: AwsResource = {
  replaceOn: ["secretId", "region"],
  identity: "secretId",
  computed: ["arn", "versionId"],
  create: (aws, inputs) => putValue(aws, inputs),
  update: (aws, inputs) => putValue(aws, inputs),
  async read(aws, id) {
    const found = await aws.find<{ ARN: string; VersionId: string }>("GetSecretValue", { SecretId: id }, SERVICE);
    return found && { arn: found.ARN, versionId: found.VersionId, secretId: id };
  },
  // A version ends with its secret.
  delete: () => Promise.resolve(),
};

async function putValue(aws: AwsApi, { secretId, secretString }: PropertyMap): Promise<void> {
  const parameters = { SecretId: secretId, SecretString: secretString };
  await aws.attempt("putting Secrets Manager Secret value", "PutSecretValue", parameters, SERVICE);
}

/** The types of Secrets Manager that are played. */
export const secretResources: Readonly<Record<string, AwsResource>> = {
  "aws:secretsmanager/secret:Secret": secret,
  "aws:secretsmanager/secretVersion:SecretVersion": secretVersion,
};
