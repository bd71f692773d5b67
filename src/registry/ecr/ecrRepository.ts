import type * as awsEcr from "@pulumi/aws/ecr";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsSdk } from "./awsSdk";
import { retentionPolicy } from "./ecrRetention";
import { EcrEncryption, EcrTagMutability, type EcrRegistryArgs } from "./ecrRegistryArgs";

/** How repositories of a registry are made: by this component, or by ECR from a template. */
export interface EcrRepositoryContext {
  readonly aws: AwsSdk;
  readonly args: EcrRegistryArgs;
  readonly options: pulumi.CustomResourceOptions;
  readonly inRegion: { region?: pulumi.Input<string> };
  /** The policy of each repository. */
  readonly policy: pulumi.Output<string> | undefined;
}

/** A repository with its policies; the repository is the first of them. */
export function createRepository(
  { aws, args, options, inRegion, policy }: EcrRepositoryContext,
  name: string,
  path: string,
): [awsEcr.Repository, ...pulumi.CustomResource[]] {
  const { ecr } = aws;
  const { scanOnPush, tags, forceDelete } = args;
  const lifecyclePolicy = lifecyclePolicyOf(args);
  const repository = new ecr.Repository(
    name,
    {
      name: path,
      ...mutability(args),
      ...encryption(args),
      ...(scanOnPush !== undefined && { imageScanningConfiguration: { scanOnPush } }),
      forceDelete,
      tags,
      ...inRegion,
    },
    options,
  );
  const made: [awsEcr.Repository, ...pulumi.CustomResource[]] = [repository];
  const of = { repository: repository.name, ...inRegion };
  if (policy) made.push(new ecr.RepositoryPolicy(name, { ...of, policy }, options));
  if (lifecyclePolicy !== undefined)
    made.push(new ecr.LifecyclePolicy(name, { ...of, policy: lifecyclePolicy }, options));
  return made;
}

/** What makes ECR create repositories by itself. */
export const CreationCause = { Push: "CREATE_ON_PUSH", PullThrough: "PULL_THROUGH_CACHE" } as const;
export type CreationCause = (typeof CreationCause)[keyof typeof CreationCause];

/**
 * A template by which ECR creates repositories.
 *
 * @param prefix of the repositories; undefined for all that no other template is for
 */
export function createCreationTemplate(
  { aws, args, options, inRegion, policy }: EcrRepositoryContext,
  name: string,
  prefix: pulumi.Input<string> | undefined,
  cause: CreationCause,
): awsEcr.RepositoryCreationTemplate {
  const { tags, creationRoleArn } = args;
  return new aws.ecr.RepositoryCreationTemplate(
    name,
    {
      prefix: prefix ?? "ROOT",
      appliedFors: [cause],
      // The tags of a cache follow those of its upstream, so they must be able to move.
      ...(cause === CreationCause.Push && mutability(args)),
      ...encryption(args),
      repositoryPolicy: policy,
      // The tags of a cache move, so that what it has without one may be in use.
      lifecyclePolicy: cause === CreationCause.Push ? lifecyclePolicyOf(args) : args.lifecyclePolicy,
      resourceTags: tags,
      customRoleArn: creationRoleArn,
      ...inRegion,
    },
    options,
  );
}

function lifecyclePolicyOf({ lifecyclePolicy, retention }: EcrRegistryArgs): pulumi.Input<string> | undefined {
  return lifecyclePolicy ?? (retention && retentionPolicy(retention));
}

function mutability({
  tagMutability,
  tagMutabilityExclusions = [],
}: EcrRegistryArgs): Pick<awsEcr.RepositoryArgs, "imageTagMutability" | "imageTagMutabilityExclusionFilters"> {
  if (tagMutabilityExclusions.length === 0) return tagMutability ? { imageTagMutability: tagMutability } : {};
  return {
    imageTagMutability: `${tagMutability ?? EcrTagMutability.Mutable}_WITH_EXCLUSION`,
    imageTagMutabilityExclusionFilters: tagMutabilityExclusions.map((filter) => ({ filter, filterType: "WILDCARD" })),
  };
}

function encryption({
  kmsKey,
  encryption = kmsKey === undefined ? undefined : EcrEncryption.Kms,
}: EcrRegistryArgs): Pick<awsEcr.RepositoryArgs, "encryptionConfigurations"> {
  if (encryption === undefined) return {};
  return { encryptionConfigurations: [{ encryptionType: encryption, kmsKey }] };
}
