import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs } from "../../copy/imageCopy";
import { MirrorError, MirrorErrors } from "../../error";
import type { PullCredentials } from "../../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress } from "../../plan/layout";
import { knownNow, UnknownInputError } from "../../inputs/knownNow";
import { awsPartition, ecrHost } from "./awsPartition";
import { loadAws, type AwsSdk } from "./awsSdk";
import { warnOfForeignResource } from "../foreignResource";
import { ecrLogin } from "./ecrLogin";
import { pullThroughProblems, type EcrPullThrough } from "./ecrPullThrough";
import { createPullThroughRule, type EcrPullThroughContext } from "./ecrPullThroughRule";
import { EcrRepositories, type EcrRegistryArgs } from "./ecrRegistryArgs";
import { createCreationTemplate, createRepository, CreationCause, type EcrRepositoryContext } from "./ecrRepository";
import { createEcrSettings } from "./ecrSettings";
import { addressProblems, foreignAccountProblem, templateProblems, type Problem } from "./ecrRegistryProblems";
import { brokenNameRule, invalidEcrRepositoryName, repositoryOfTarget } from "./ecrRepositoryName";
import { referrersProblem, retentionProblems, untaggedProblem } from "./ecrRetention";
import { ecrRepositoryPolicy } from "./ecrRepositoryPolicy";
import { ecrRegistryFields } from "../argumentShapes";
import { checkArguments } from "../../inputs/checkArguments";
import { MirrorRegistry } from "../mirrorRegistry";
import type { MirrorImagesOptions } from "../registryCopies";
import type { RegistryReference } from "../registryReference";
import { answered } from "../../inputs/unknownAnswer";

export {
  EcrEncryption,
  EcrRepositories,
  EcrScanning,
  EcrTagMutability,
  type EcrRegistryArgs,
  type EcrRetention,
} from "./ecrRegistryArgs";

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
  override readonly pullTokenExpires = true;
  override readonly pullGrants: readonly pulumi.Resource[];
  override readonly makesRepositories: boolean;
  override readonly sourceAccess: readonly pulumi.Input<RegistryAccessArgs>[];
  /** `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, known in previews. */
  readonly host: pulumi.Output<string>;

  protected override readonly shared: pulumi.Input<Partial<RegistryReference>>;

  private readonly aws: AwsSdk;
  private readonly args: EcrRegistryArgs;
  private readonly account: pulumi.Output<string>;
  private readonly region: pulumi.Output<string>;
  private readonly made = new Map<string, pulumi.Resource[]>();
  /** What copies need besides their repositories. */
  private readonly settings: pulumi.Resource[];
  /** By their paths: what images under a rule need. */
  private readonly caches: ReadonlyMap<string, pulumi.Resource[]>;
  private names: Promise<ReadonlySet<string>> | undefined;

  /** @throws {MissingPackageError} when `@pulumi/aws` is not installed */
  constructor(name: string, args: EcrRegistryArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "EcrRegistry", name }, args, ecrRegistryFields);
    super("EcrRegistry", name, {}, opts);
    this.aws = loadAws();
    this.args = args;
    this.makesRepositories = this.createsRepositories();
    const upstreams = (args.pullThrough ?? []).map(({ upstream, path }) => ({ upstream, path }));
    this.layout = { keepHost: args.keepHost ?? false, ...(upstreams.length > 0 && { upstreams }) };
    this.account = args.registryId === undefined ? this.callerAccount() : pulumi.output(args.registryId);
    this.region = args.region === undefined ? this.providerRegion() : pulumi.output(args.region);
    this.host = pulumi.all([this.account, this.region]).apply(([account, region]) => ecrHost(account, region));
    this.address = this.readAddress();
    // Whoever plans awaits the address and reports its error; a registry that nobody uses must not fail the program.
    this.address.catch(() => undefined);

    const login = ecrLogin(this.aws, this.account, this.region, this.inRegion(), this);
    this.pushAccess = login;
    this.pullCredentials = args.pullSecret ? login : undefined;
    this.shared = pulumi
      .all([this.account, this.region])
      .apply(([account, region]) => ({ ecr: { account, region, pullSecret: args.pullSecret ?? false } }));
    this.sourceAccess = (args.pullThrough ?? []).flatMap(({ upstream, login }) =>
      login ? [{ host: upstream.split("/", 1)[0] ?? "", ...login }] : [],
    );
    this.settings = this.createSettings();
    this.caches = this.createCaches();
    this.pullGrants = this.createPullers();
    this.registerWithReference({ host: this.host });
  }

  protected override repositoryFor(target: string): pulumi.Resource[] {
    const repository = repositoryOfTarget(target);
    const cache = this.cacheOf(repository);
    if (cache) return cache[1];
    if (!this.createsRepositories()) return this.settings;
    const made = this.made.get(repository) ?? this.createRepository(repository);
    this.made.set(repository, made);
    return [...this.settings, ...made];
  }

  protected override targetProblem(source: string, target: string): MirrorError | undefined {
    const repository = repositoryOfTarget(target);
    const broken = brokenNameRule(repository);
    if (broken) return invalidEcrRepositoryName(source, repository, broken);
    return this.cacheOf(repository) ? undefined : untaggedProblem(this.args, source, target);
  }

  protected override optionsProblem({ referrers }: Pick<MirrorImagesOptions, "referrers">): MirrorError | undefined {
    return referrersProblem(this.args, referrers);
  }

  private cacheOf(repository: string): [string, pulumi.Resource[]] | undefined {
    return [...this.caches].find(([path]) => repository.startsWith(`${path}/`));
  }

  private createsRepositories(): boolean {
    const { repositories = EcrRepositories.Create } = this.args;
    return repositories === EcrRepositories.Create;
  }

  private createRepository(path: string): pulumi.Resource[] {
    const resourceName = `${this.resourceName}/${path}`;
    const made = createRepository(this.repositoryContext(), resourceName, path);
    const [repository] = made;
    warnOfForeignResource({
      resource: repository,
      known: repository.arn,
      type: "aws:ecr/repository:Repository",
      resourceName,
      id: path,
      what: `The ECR repository ${path}`,
      parent: this,
      parentName: this.resourceName,
      exists: async () => (await this.existingNames()).has(path),
      otherwise: "Or set repositories to EcrRepositories.Existing, and it stays with whoever made it",
    });
    return made;
  }

  /** The repositories that the account has in the region. */
  private existingNames(): Promise<ReadonlySet<string>> {
    this.names ??= knownNow(
      this.aws.ecr.getRepositoriesOutput(this.inRegion(), { parent: this }).names,
      "the repositories",
    ).then((names: string[] | undefined) => new Set(names));
    return this.names;
  }

  private createSettings(): pulumi.Resource[] {
    const { aws, args, account } = this;
    const context = { aws, args, account, name: this.resourceName, options: this.childOptions() };
    const made: pulumi.Resource[] = createEcrSettings({ ...context, inRegion: this.inRegion() });
    if (args.repositories === EcrRepositories.CreateOnPush)
      made.push(this.creationTemplate("push", args.path, CreationCause.Push));
    return made;
  }

  private creationTemplate(
    what: string,
    prefix: pulumi.Input<string> | undefined,
    cause: CreationCause,
  ): pulumi.CustomResource {
    return createCreationTemplate(this.repositoryContext(), `${this.resourceName}/${what}`, prefix, cause);
  }

  private createCaches(): Map<string, pulumi.Resource[]> {
    const rules = this.args.pullThrough ?? [];
    const context = {
      aws: this.aws,
      name: this.resourceName,
      options: this.childOptions(),
      inRegion: this.inRegion(),
      tags: this.args.tags,
    };
    return new Map(
      rules.map((rule) => [
        rule.path,
        rule.existing
          ? []
          : [
              this.createRule(context, rule),
              ...(this.hasRepositorySettings()
                ? [this.creationTemplate(rule.path, rule.path, CreationCause.PullThrough)]
                : []),
            ],
      ]),
    );
  }

  private createRule(context: EcrPullThroughContext, rule: EcrPullThrough): pulumi.CustomResource {
    const resource = createPullThroughRule(context, rule);
    const { path } = rule;
    warnOfForeignResource({
      resource,
      known: resource.registryId,
      type: "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
      resourceName: `${this.resourceName}/${path}`,
      id: path,
      what: `The pull-through cache rule with the prefix ${path}`,
      parent: this,
      parentName: this.resourceName,
      exists: () => this.ruleExists(path),
      otherwise: "Or set existing: true on the rule, and it stays with whoever made it, or give it another path",
    });
    return resource;
  }

  private async ruleExists(ecrRepositoryPrefix: string): Promise<boolean> {
    const { region } = this.args;
    const here = region === undefined ? {} : { region: await knownNow(region, "the region") };
    const { registryId } = await this.aws.ecr.getPullThroughCacheRule(
      { ecrRepositoryPrefix, ...here },
      { parent: this },
    );
    return Boolean(registryId);
  }

  /** Whether repositories that ECR makes for a cache are to be other than ECR makes them without a template. */
  private hasRepositorySettings(): boolean {
    const { tags, kmsKey, encryption, lifecyclePolicy } = this.args;
    return [tags, kmsKey, encryption, lifecyclePolicy, this.policy()].some((setting) => setting !== undefined);
  }

  private createPullers(): pulumi.Resource[] {
    const { aws } = this;
    const policyArn = this.region.apply(
      (region) => `arn:${awsPartition(region).id}:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly`,
    );
    return Object.entries(this.args.pullers ?? {}).map(
      ([puller, role]) =>
        new aws.RolePolicyAttachment(`${this.resourceName}-${puller}`, { role, policyArn }, this.childOptions()),
    );
  }

  private childOptions(): pulumi.CustomResourceOptions {
    return { parent: this, dependsOn: [...this.waitsFor] };
  }

  private repositoryContext(): EcrRepositoryContext {
    const { aws, args } = this;
    return { aws, args, options: this.childOptions(), inRegion: this.inRegion(), policy: this.policy() };
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
    const invalid = addressProblems(account, region, path);
    const foreignAccount = invalid.length > 0 ? undefined : await this.accountProblem(account);
    const problems = [
      ...invalid,
      ...(foreignAccount ? [foreignAccount] : []),
      ...pullThroughProblems(args.pullThrough ?? [], path),
      ...templateProblems(args),
      ...retentionProblems(args),
    ];
    MirrorErrors.throwIfAny(
      `The ECR registry ${resourceName} cannot be used`,
      problems.map(
        ({ rule, remedy }) =>
          new MirrorError("INVALID_REGISTRY", `The ECR registry ${resourceName} cannot be used: ${rule}`, remedy),
      ),
    );
    const host = ecrHost(account, region);
    return path ? { host, path } : { host };
  }

  /** Whether the repositories would come into being in another account than the one that is pushed to. */
  private async accountProblem(account: string): Promise<Problem | undefined> {
    if (this.args.registryId === undefined || !this.createsRepositories()) return undefined;
    const caller = await knownNow(this.callerAccount(), "the AWS account of the provider").catch((error: unknown) => {
      // A provider that is not configured yet tells no account; the update asks again.
      if (error instanceof UnknownInputError) return account;
      throw error;
    });
    return caller === account ? undefined : foreignAccountProblem(account, caller);
  }
}
