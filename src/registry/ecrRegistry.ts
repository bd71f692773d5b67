import type * as awsEcr from "@pulumi/aws/ecr";
import type * as awsIdentity from "@pulumi/aws/getCallerIdentity";
import type * as awsRegion from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import { MirrorError } from "../error";
import type { PullCredentials } from "../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress } from "../plan/layout";
import { knownNow, UnknownInputError } from "../release/knownNow";
import { awsPartition, ecrHost } from "./awsPartition";
import { brokenNameRule, InvalidRepositoryNameError, repositoryOfTarget } from "./ecrRepositoryName";
import { ecrRepositoryPolicy } from "./ecrRepositoryPolicy";
import { MirrorRegistry } from "./mirrorRegistry";
import { optionalPackage } from "./optionalPackage";

/** Who creates the repositories of an {@link EcrRegistry}. */
export const EcrRepositories = {
  /** This component creates one for each image. */
  Create: "create",
  /** They are there: another stack creates them, or a repository creation template applied for CREATE_ON_PUSH. */
  Existing: "existing",
} as const;
export type EcrRepositories = (typeof EcrRepositories)[keyof typeof EcrRepositories];

/** Whether a tag may move to another image. */
export const EcrTagMutability = { Mutable: "MUTABLE", Immutable: "IMMUTABLE" } as const;
export type EcrTagMutability = (typeof EcrTagMutability)[keyof typeof EcrTagMutability];

/** How ECR encrypts images. */
export const EcrEncryption = { Aes256: "AES256", Kms: "KMS", KmsDualLayer: "KMS_DSSE" } as const;
export type EcrEncryption = (typeof EcrEncryption)[keyof typeof EcrEncryption];

/** Arguments of {@link EcrRegistry}. */
export interface EcrRegistryArgs {
  /** Path before every repository: `platform` makes `platform/stackstate/wait`. */
  path?: pulumi.Input<string>;
  /** Account of the registry. Default: the one that the inherited `aws` provider is logged in to. */
  registryId?: pulumi.Input<string>;
  /** Region of the registry. Default: the inherited `aws` provider's. */
  region?: pulumi.Input<string>;
  /** Who creates repositories. Default: `EcrRepositories.Create`. */
  repositories?: EcrRepositories;
  /** Whether tags may move. Default: ECR's own, `EcrTagMutability.Mutable`. */
  tagMutability?: EcrTagMutability;
  /** Tags to which the opposite of `tagMutability` applies: at most five texts, `*` for any characters. */
  tagMutabilityExclusions?: string[];
  /** Scan each image when it is pushed. A scanning configuration of the whole registry overrules it. */
  scanOnPush?: pulumi.Input<boolean>;
  /** Default: ECR's own, AES256; KMS where there is a `kmsKey`. A change replaces the repositories. */
  encryption?: EcrEncryption;
  /** ARN of a KMS key to encrypt with. Default for KMS: the key that AWS manages for ECR. */
  kmsKey?: pulumi.Input<string>;
  /** Tags of the repositories. */
  tags?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Delete repositories although they hold images. Default: false, and destroying fails while images are there. */
  forceDelete?: pulumi.Input<boolean>;
  /** JSON of a lifecycle policy for each repository. An image that it expires is copied again by the next update. */
  lifecyclePolicy?: pulumi.Input<string>;
  /** JSON of a policy for each repository, to which `pullAccounts` and `pullOrganization` add their statements. */
  repositoryPolicy?: pulumi.Input<string>;
  /** Ids of other accounts whose identities may pull. */
  pullAccounts?: pulumi.Input<pulumi.Input<string>[]>;
  /** Id of the organisation (`o-a1b2c3d4e5`) whose accounts may all pull. */
  pullOrganization?: pulumi.Input<string>;
  /**
   * Give pods a pull secret. Default: false, because nodes of EKS pull with their own identity. ECR's logins end after
   * 12 hours, and every update writes a fresh one.
   */
  pullSecret?: boolean;
  /** Keep the source's host as the first segment of each repository: `quay.io/stackstate/wait`. Default: false. */
  keepHost?: boolean;
}

/**
 * Amazon ECR: creates a repository for each image that is mirrored, and logs in by the inherited `aws` provider.
 *
 * It needs the package `@pulumi/aws`.
 *
 * @example
 * ```ts
 * const registry = new EcrRegistry("mirror", { path: "platform", scanOnPush: true });
 * new MirroredRelease("stackstate", { chart: "stackstate", version: "5.0.0", repositoryOpts, values, registry });
 * ```
 */
export class EcrRegistry extends MirrorRegistry {
  override readonly address: Promise<MirrorAddress>;
  override readonly layout: LayoutOptions;
  override readonly pushAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;
  override readonly pullCredentials: pulumi.Output<pulumi.Unwrap<PullCredentials>> | undefined;
  /** `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, known in previews. */
  readonly host: pulumi.Output<string>;

  private readonly aws: AwsSdk;
  private readonly args: EcrRegistryArgs;
  private readonly account: pulumi.Output<string>;
  private readonly region: pulumi.Output<string>;
  private readonly made = new Map<string, pulumi.Resource[]>();

  /** @throws {MissingPackageError} when `@pulumi/aws` is not installed */
  constructor(name: string, args: EcrRegistryArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("pulumi-chart-mirror:index:EcrRegistry", name, {}, opts);
    this.aws = loadAws();
    this.args = args;
    this.layout = { keepHost: args.keepHost ?? false };
    this.account = args.registryId === undefined ? this.callerAccount() : pulumi.output(args.registryId);
    this.region = args.region === undefined ? this.providerRegion() : pulumi.output(args.region);
    this.host = pulumi.all([this.account, this.region]).apply(([account, region]) => ecrHost(account, region));
    this.address = this.readAddress();
    // Whoever plans awaits the address and reports its error; a registry that nobody uses must not fail the program.
    this.address.catch(() => undefined);

    const token = this.aws.ecr.getAuthorizationTokenOutput(
      { registryId: this.account, ...this.inRegion() },
      { parent: this },
    );
    const login = { host: this.host, username: token.userName, password: token.password };
    this.pushAccess = pulumi.secret(login);
    this.pullCredentials = args.pullSecret ? pulumi.secret(login) : undefined;
    this.registerOutputs({ host: this.host });
  }

  protected override repositoryFor(target: string): pulumi.Resource[] {
    if (!this.createsRepositories()) return [];
    const repository = repositoryOfTarget(target);
    const made = this.made.get(repository) ?? this.createRepository(repository);
    this.made.set(repository, made);
    return made;
  }

  protected override targetProblem(source: string, target: string): MirrorError | undefined {
    const repository = repositoryOfTarget(target);
    const broken = brokenNameRule(repository);
    return broken && new InvalidRepositoryNameError(source, repository, broken);
  }

  private createsRepositories(): boolean {
    return this.args.repositories !== EcrRepositories.Existing;
  }

  private createRepository(path: string): pulumi.Resource[] {
    const { ecr } = this.aws;
    const { scanOnPush, tags, forceDelete, lifecyclePolicy } = this.args;
    const name = `${this.resourceName}/${path}`;
    const options = { parent: this };
    const repository = new ecr.Repository(
      name,
      {
        name: path,
        ...this.mutability(),
        ...this.encryption(),
        ...(scanOnPush !== undefined && { imageScanningConfiguration: { scanOnPush } }),
        ...(forceDelete !== undefined && { forceDelete }),
        ...(tags !== undefined && { tags }),
        ...this.inRegion(),
      },
      options,
    );
    const made: pulumi.Resource[] = [repository];
    const of = { repository: repository.name, ...this.inRegion() };
    const policy = this.policy();
    if (policy) made.push(new ecr.RepositoryPolicy(name, { ...of, policy }, options));
    if (lifecyclePolicy !== undefined)
      made.push(new ecr.LifecyclePolicy(name, { ...of, policy: lifecyclePolicy }, options));
    return made;
  }

  private mutability(): Pick<awsEcr.RepositoryArgs, "imageTagMutability" | "imageTagMutabilityExclusionFilters"> {
    const { tagMutability, tagMutabilityExclusions = [] } = this.args;
    if (tagMutabilityExclusions.length === 0) return tagMutability ? { imageTagMutability: tagMutability } : {};
    return {
      imageTagMutability: `${tagMutability ?? EcrTagMutability.Mutable}_WITH_EXCLUSION`,
      imageTagMutabilityExclusionFilters: tagMutabilityExclusions.map((filter) => ({
        filter,
        filterType: "WILDCARD",
      })),
    };
  }

  private encryption(): Pick<awsEcr.RepositoryArgs, "encryptionConfigurations"> {
    const { kmsKey, encryption = kmsKey === undefined ? undefined : EcrEncryption.Kms } = this.args;
    if (encryption === undefined) return {};
    return { encryptionConfigurations: [{ encryptionType: encryption, ...(kmsKey !== undefined && { kmsKey }) }] };
  }

  private policy(): pulumi.Output<string> | undefined {
    const { repositoryPolicy, pullAccounts, pullOrganization } = this.args;
    if (repositoryPolicy === undefined && pullAccounts === undefined && pullOrganization === undefined)
      return undefined;
    return pulumi
      .all([this.region, pullAccounts ?? [], pullOrganization, repositoryPolicy])
      .apply(([region, accounts, organization, own]) =>
        ecrRepositoryPolicy(this.resourceName, awsPartition(region).id, { accounts, organization }, own),
      );
  }

  /** The region for a resource or function, where it is not the provider's. */
  private inRegion(): { region?: pulumi.Input<string> } {
    return this.args.region === undefined ? {} : { region: this.args.region };
  }

  private callerAccount(): pulumi.Output<string> {
    return this.aws.getCallerIdentityOutput({}, { parent: this }).apply(({ accountId }) => answered(accountId));
  }

  private providerRegion(): pulumi.Output<string> {
    return this.aws.getRegionOutput({}, { parent: this }).apply(({ region }) => answered(region));
  }

  private async readAddress(): Promise<MirrorAddress> {
    const { args, resourceName } = this;
    const known = <T>(input: pulumi.Input<T>, what: string): Promise<T> =>
      knownNow(input, `the ${what} of registry ${resourceName}`, "Give registryId and region as known values");
    const [account, region, path] = await Promise.all([
      known(this.account, "AWS account"),
      known(this.region, "AWS region"),
      knownNow(args.path, `the path of registry ${resourceName}`),
    ]);
    const problem = addressProblem(account, region, path) ?? (await this.accountProblem(account));
    if (problem)
      throw new MirrorError(
        "INVALID_REGISTRY",
        `The ECR registry ${resourceName} cannot be used: ${problem.rule}`,
        problem.remedy,
      );
    const host = ecrHost(account, region);
    return path ? { host, path } : { host };
  }

  /** Whether the repositories would come into being in another account than the one that is pushed to. */
  private async accountProblem(account: string): Promise<{ rule: string; remedy: string } | undefined> {
    if (this.args.registryId === undefined || !this.createsRepositories()) return undefined;
    const caller = await knownNow(this.callerAccount(), "the AWS account of the provider").catch((error: unknown) => {
      // A provider that is not configured yet tells no account; the update asks again.
      if (error instanceof UnknownInputError) return account;
      throw error;
    });
    if (caller === account) return undefined;
    return {
      rule: `it is in account ${account}, and its aws provider would create repositories in account ${caller}`,
      remedy: `Pass a provider of account ${account} in the registry's options, or set repositories to EcrRepositories.Existing`,
    };
  }
}

/** The parts of `@pulumi/aws` that are needed here, loaded one by one: the whole takes a second. */
interface AwsSdk {
  readonly ecr: typeof awsEcr;
  readonly getCallerIdentityOutput: typeof awsIdentity.getCallerIdentityOutput;
  readonly getRegionOutput: typeof awsRegion.getRegionOutput;
}

function loadAws(): AwsSdk {
  /* eslint-disable @typescript-eslint/no-require-imports -- an import would load it for those who do not use it */
  return optionalPackage("EcrRegistry", "@pulumi/aws", () => ({
    ecr: require("@pulumi/aws/ecr") as typeof awsEcr,
    ...(require("@pulumi/aws/getCallerIdentity") as Pick<AwsSdk, "getCallerIdentityOutput">),
    ...(require("@pulumi/aws/getRegion") as Pick<AwsSdk, "getRegionOutput">),
  }));
  /* eslint-enable @typescript-eslint/no-require-imports */
}

/** The engine answers for a provider whose configuration is unknown with nothing at all, which is an unknown value. */
function answered(value: string | undefined): string {
  return value ?? (pulumi.unknown as unknown as string);
}

function addressProblem(
  account: string,
  region: string,
  path: string | undefined,
): { rule: string; remedy: string } | undefined {
  if (!/^\d{12}$/.test(account))
    return { rule: `${JSON.stringify(account)} is not an account`, remedy: "Give registryId as 12 digits, in quotes" };
  if (!/^[a-z]+(?:-[a-z]+)+-\d+$/.test(region))
    return { rule: `${JSON.stringify(region)} is not a region`, remedy: "Give region as in eu-west-1" };
  const broken = path ? brokenNameRule(`${path}/image`) : undefined;
  return broken && { rule: `its path is ${JSON.stringify(path)}, and ${broken.rule}`, remedy: broken.remedy };
}
