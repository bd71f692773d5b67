import type { RepositoryCatalogue, TestRegistry } from "../registry";
import { AwsError, type AwsScope, type Moto } from "./moto";

interface Repository {
  createdAt: number;
  imageTagMutability: string;
  imageTagMutabilityExclusionFilters?: { filter: string }[];
  encryptionConfiguration?: { encryptionType: string; kmsKey?: string };
}

interface Template extends Partial<Repository> {
  prefix: string;
  appliedFor: string[];
  resourceTags?: object[];
  repositoryPolicy?: string;
  lifecyclePolicy?: string;
}

const APPLIED_FOR = { push: "CREATE_ON_PUSH", pullThrough: "PULL_THROUGH_CACHE" } as const;

/**
 * Binds a registry's repositories to ECR's control plane: they are those that moto has, with its settings, and moto
 * lists the images that are pushed.
 *
 * @param registry the registry that serves their content; asked only when the catalogue is.
 */
export function ecrCatalogue(moto: Moto, scope: AwsScope, registry: () => TestRegistry): Required<RepositoryCatalogue> {
  const ecr = <T>(operation: string, parameters: object) => moto.call<T>("ecr", operation, parameters, scope);
  /** When each repository was created: one of another time is another repository, and starts empty. */
  const created = new Map<string, number>();

  async function describe(repository: string): Promise<Repository | undefined> {
    const answer = await unless<{ repositories: Repository[] }>(
      "RepositoryNotFoundException",
      ecr("DescribeRepositories", { repositoryNames: [repository] }),
    );
    const found = answer?.repositories[0];
    if (found?.createdAt !== created.get(repository)) registry().deleteRepository(repository);
    if (!found) return void created.delete(repository);
    created.set(repository, found.createdAt);
    registry().createRepository(repository);
    return found;
  }

  return {
    exists: async (repository) => (await describe(repository)) !== undefined,

    create: async (repository, cause) => {
      const { repositoryCreationTemplates } = await ecr<{ repositoryCreationTemplates: Template[] }>(
        "DescribeRepositoryCreationTemplates",
        {},
      );
      const template = matchingTemplate(repositoryCreationTemplates, repository, APPLIED_FOR[cause]);
      // A pull-through makes its repositories with default settings where no template applies; a push makes none.
      if (!template && cause === "push") return false;
      await createFrom(ecr, repository, template);
      return (await describe(repository)) !== undefined;
    },

    isImmutable: async (repository, tag) => {
      const { imageTagMutability = "MUTABLE", imageTagMutabilityExclusionFilters = [] } =
        (await describe(repository)) ?? {};
      const excluded = imageTagMutabilityExclusionFilters.some(({ filter }) => wildcard(filter).test(tag));
      return imageTagMutability.startsWith("IMMUTABLE") !== excluded;
    },

    mayMount: async (repository, from) => {
      const { value } = await ecr<{ value: string }>("GetAccountSetting", { name: "BLOB_MOUNTING" });
      const [target, source] = [await describe(repository), await describe(from)];
      const encryption = (of?: Repository) => JSON.stringify(of?.encryptionConfiguration);
      return value === "ENABLED" && encryption(target) === encryption(source);
    },

    manifestStored: async (repositoryName, { digest, mediaType, bytes }, imageTag) => {
      await unless(
        "ImageAlreadyExistsException",
        ecr("PutImage", {
          repositoryName,
          imageManifest: bytes.toString(),
          imageManifestMediaType: mediaType,
          imageDigest: digest,
          ...(imageTag !== undefined && { imageTag }),
        }),
      );
    },
  };
}

/** {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html the longest prefix wins, ROOT is the rest} */
function matchingTemplate(templates: readonly Template[], repository: string, cause: string): Template | undefined {
  const length = ({ prefix }: Template) => (prefix === "ROOT" ? 0 : prefix.length);
  return templates
    .filter((template) => template.appliedFor.includes(cause))
    .filter(({ prefix }) => prefix === "ROOT" || repository.startsWith(`${prefix.replace(/\/$/, "")}/`))
    .sort((a, b) => length(b) - length(a))[0];
}

async function createFrom(
  ecr: (operation: string, parameters: object) => Promise<unknown>,
  repositoryName: string,
  template: Partial<Template> = {},
): Promise<void> {
  const { imageTagMutability, imageTagMutabilityExclusionFilters, encryptionConfiguration, resourceTags } = template;
  await ecr("CreateRepository", {
    repositoryName,
    ...(imageTagMutability !== undefined && { imageTagMutability }),
    ...(imageTagMutabilityExclusionFilters && { imageTagMutabilityExclusionFilters }),
    ...(encryptionConfiguration && { encryptionConfiguration }),
    ...(resourceTags && { tags: resourceTags }),
  });
  const { repositoryPolicy, lifecyclePolicy } = template;
  if (repositoryPolicy) await ecr("SetRepositoryPolicy", { repositoryName, policyText: repositoryPolicy });
  if (lifecyclePolicy) await ecr("PutLifecyclePolicy", { repositoryName, lifecyclePolicyText: lifecyclePolicy });
}

/** The result of a call, or undefined when it was refused with this code. */
async function unless<T>(code: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AwsError && error.code === code) return undefined;
    throw error;
  }
}

function wildcard(filter: string): RegExp {
  return new RegExp(
    `^${filter
      .split("*")
      .map((part) => part.replace(/[.\\+?^$()[\]{}|]/g, "\\$&"))
      .join(".*")}$`,
  );
}
