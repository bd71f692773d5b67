import { isDeepStrictEqual } from "node:util";
import type { PropertyMap, PropertyValue } from "../protocol/propertyValue";
import type { AwsApi } from "./awsApi";

/** One type of resource, as the provider makes it. Inputs are known and without marks of secrets. */
export interface AwsResource {
  /** What AWS or the provider takes for inputs that are not given. */
  readonly defaults?: PropertyMap;
  /** Inputs whose change makes a new resource. */
  readonly replaceOn: readonly string[];
  /** The input that names it, and is its id. */
  readonly identity?: string;
  /** Its id, where no input is it. */
  id?(aws: AwsApi, inputs: PropertyMap): string;
  /** Outputs that nobody knows before it is made. */
  readonly computed: readonly string[];
  create(aws: AwsApi, inputs: PropertyMap): Promise<void>;
  update(aws: AwsApi, inputs: PropertyMap, before: PropertyMap): Promise<void>;
  /** The outputs that AWS tells; undefined when it is gone. */
  read(aws: AwsApi, id: string): Promise<PropertyMap | undefined>;
  delete(aws: AwsApi, id: string, state: PropertyMap): Promise<void>;
}

interface Described {
  repositoryArn: string;
  registryId: string;
  repositoryName: string;
  repositoryUri: string;
  imageTagMutability: string;
  imageTagMutabilityExclusionFilters?: PropertyMap[];
  imageScanningConfiguration?: { scanOnPush: boolean };
  encryptionConfiguration?: { encryptionType: string; kmsKey?: string };
}

const repository: AwsResource = {
  defaults: { imageTagMutability: "MUTABLE" },
  replaceOn: ["name", "encryptionConfigurations", "region"],
  identity: "name",
  computed: ["arn", "registryId", "repositoryUrl"],

  async create(aws, inputs) {
    const { name, imageTagMutability, imageTagMutabilityExclusionFilters, imageScanningConfiguration } = inputs;
    const [encryptionConfiguration] = (inputs["encryptionConfigurations"] ?? []) as PropertyMap[];
    await aws.attempt(`creating ECR Repository (${text(name)})`, "CreateRepository", {
      repositoryName: name,
      ...(imageTagMutability && { imageTagMutability }),
      ...(imageTagMutabilityExclusionFilters && { imageTagMutabilityExclusionFilters }),
      ...(imageScanningConfiguration && { imageScanningConfiguration }),
      ...(encryptionConfiguration && { encryptionConfiguration }),
      tags: awsTags(inputs["tags"]),
    });
  },

  async update(aws, inputs, before) {
    const repositoryName = inputs["name"];
    const doing = `updating ECR Repository (${text(repositoryName)})`;
    const changed = (key: string) => !isDeepStrictEqual(inputs[key] ?? null, before[key] ?? null);
    const { imageTagMutability, imageTagMutabilityExclusionFilters: filters, imageScanningConfiguration } = inputs;
    if (changed("imageTagMutability") || changed("imageTagMutabilityExclusionFilters"))
      await aws.attempt(doing, "PutImageTagMutability", {
        repositoryName,
        imageTagMutability,
        ...(filters && { imageTagMutabilityExclusionFilters: filters }),
      });
    if (changed("imageScanningConfiguration"))
      await aws.attempt(doing, "PutImageScanningConfiguration", {
        repositoryName,
        imageScanningConfiguration: imageScanningConfiguration ?? { scanOnPush: false },
      });
    if (changed("tags")) {
      const resourceArn = before["arn"];
      const tags = (inputs["tags"] ?? {}) as PropertyMap;
      const gone = Object.keys((before["tags"] ?? {}) as PropertyMap).filter((key) => !(key in tags));
      if (gone.length > 0) await aws.attempt(doing, "UntagResource", { resourceArn, tagKeys: gone });
      if (Object.keys(tags).length > 0) await aws.attempt(doing, "TagResource", { resourceArn, tags: awsTags(tags) });
    }
  },

  async read(aws, id) {
    const answer = await aws.find<{ repositories: Described[] }>("DescribeRepositories", { repositoryNames: [id] });
    const [found] = answer?.repositories ?? [];
    if (found === undefined) return undefined;
    const { encryptionConfiguration, imageTagMutabilityExclusionFilters, imageScanningConfiguration } = found;
    return {
      arn: found.repositoryArn,
      registryId: found.registryId,
      repositoryUrl: found.repositoryUri,
      name: found.repositoryName,
      imageTagMutability: found.imageTagMutability,
      encryptionConfigurations: [{ kmsKey: "", encryptionType: "AES256", ...encryptionConfiguration }],
      ...(imageTagMutabilityExclusionFilters && { imageTagMutabilityExclusionFilters }),
      ...(imageScanningConfiguration && { imageScanningConfiguration: { ...imageScanningConfiguration } }),
    };
  },

  async delete(aws, id, state) {
    await aws.attempt(`deleting ECR Repository (${id})`, "DeleteRepository", {
      repositoryName: id,
      force: state["forceDelete"] === true,
    });
  },
};

const repositoryPolicy: AwsResource = {
  replaceOn: ["repository", "region"],
  identity: "repository",
  computed: ["registryId"],
  create: (aws, inputs) => setPolicy(aws, inputs),
  update: (aws, inputs) => setPolicy(aws, inputs),
  read: (aws, id) => readPolicy(aws, "GetRepositoryPolicy", "policyText", id),
  async delete(aws, id) {
    await aws.find("DeleteRepositoryPolicy", { repositoryName: id });
  },
};

async function setPolicy(aws: AwsApi, inputs: PropertyMap): Promise<void> {
  const { repository: repositoryName } = inputs;
  await aws.attempt(`putting ECR Repository Policy (${text(repositoryName)})`, "SetRepositoryPolicy", {
    repositoryName,
    policyText: policyText(inputs["policy"]),
  });
}

const lifecyclePolicy: AwsResource = {
  replaceOn: ["repository", "policy", "region"],
  identity: "repository",
  computed: ["registryId"],
  async create(aws, inputs) {
    const { repository: repositoryName } = inputs;
    await aws.attempt(`creating ECR Lifecycle Policy (${text(repositoryName)})`, "PutLifecyclePolicy", {
      repositoryName,
      lifecyclePolicyText: policyText(inputs["policy"]),
    });
  },
  update: () => Promise.reject(new Error("every change of a lifecycle policy replaces it")),
  read: (aws, id) => readPolicy(aws, "GetLifecyclePolicy", "lifecyclePolicyText", id),
  async delete(aws, id) {
    await aws.find("DeleteLifecyclePolicy", { repositoryName: id });
  },
};

async function readPolicy(aws: AwsApi, operation: string, key: string, id: string): Promise<PropertyMap | undefined> {
  const found = await aws.find<Record<string, string>>(operation, { repositoryName: id });
  return found && { repository: id, registryId: found["registryId"] ?? aws.scope.account, policy: found[key] ?? "" };
}

/** An input that the schema says is a text. */
function text(input: PropertyValue | undefined): string {
  return typeof input === "string" ? input : "";
}

/** A policy is JSON, as text or as a document. */
function policyText(policy: PropertyValue | undefined): string {
  return typeof policy === "string" ? policy : JSON.stringify(policy);
}

function awsTags(tags: PropertyValue | undefined): object[] {
  return Object.entries((tags ?? {}) as PropertyMap).map(([Key, Value]) => ({ Key, Value }));
}

/** The types that are played. */
export const ecrResources: Readonly<Record<string, AwsResource>> = {
  "aws:ecr/repository:Repository": repository,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": repositoryPolicy,
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": lifecyclePolicy,
};
