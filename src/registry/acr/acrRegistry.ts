import type * as azureRegistry from "@pulumi/azure-native/containerregistry";
import * as pulumi from "@pulumi/pulumi";
import { azureEndpoints, AzureCloud, isAzureCloud } from "../../azure/azureCloud";
import { CopyMethod } from "../../copy/copyMethod";
import type { RegistryAccessArgs } from "../../copy/imageCopy";
import { MirrorError } from "../../error";
import { addressed } from "../../machine/errorAddress";
import type { PullCredentials } from "../../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress } from "../../plan/layout";
import { knownNow } from "../../inputs/knownNow";
import type { AcrCacheRule } from "./acrCacheRule";
import { warnOfForeignRule, warnOfTakenName, type AcrPreviewContext } from "./acrForeignResources";
import { acrLogin } from "./acrLogin";
import { brokenRepositoryNameRule, invalidAcrRepositoryName } from "./acrName";
import { AcrPlace } from "./acrPlace";
import { createPullToken } from "./acrPullToken";
import { AcrSku, type AcrPullToken, type AcrRegistryArgs } from "./acrRegistryArgs";
import { registryProblems } from "./acrRegistryProblems";
import { repositoryOfTarget } from "../ecr/ecrRepositoryName";
import { acrRegistryFields } from "../argumentShapes";
import { checkArguments } from "../../inputs/checkArguments";
import { MirrorRegistry } from "../mirrorRegistry";
import { loadAzure, type AzureSdk } from "./azureSdk";
import { createCacheRule } from "./acrCacheRuleResource";
import type { RegistryReference } from "../registryReference";

/**
 * Azure Container Registry: creates a registry or takes one that exists, and logs in by the inherited `azure-native`
 * provider.
 *
 * It needs the package `@pulumi/azure-native`.
 *
 * @example
 * ```ts
 * const registry = new AcrRegistry("mirror", {
 *   registryName: "contosoplatform",
 *   resourceGroupName: group.name,
 *   pullers: { aks: cluster.identityProfile.apply((identities) => identities!.kubeletidentity.objectId!) },
 * });
 * new MirroredRelease("stackstate", { chart: "stackstate", version: "5.0.0", repositoryOpts, values, registry });
 * ```
 */
export class AcrRegistry extends MirrorRegistry {
  override readonly address: Promise<MirrorAddress>;
  override readonly layout: LayoutOptions;
  override readonly pushAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;
  override readonly pullCredentials: pulumi.Output<pulumi.Unwrap<PullCredentials>> | undefined;
  override readonly pullGrants: readonly pulumi.Resource[];
  protected override readonly copyWith: CopyMethod | undefined;
  protected override readonly copyMethods: readonly CopyMethod[];
  /** `NAME.azurecr.io`, known in previews. */
  readonly host: pulumi.Output<string>;

  protected override readonly shared: pulumi.Input<Partial<RegistryReference>>;

  private readonly azure: AzureSdk;
  private readonly args: AcrRegistryArgs;
  private readonly place: AcrPlace;
  /** Undefined when it exists already. */
  private readonly registry: azureRegistry.Registry | undefined;
  /** By their paths. */
  private readonly cacheRules: ReadonlyMap<string, pulumi.Resource>;

  /** @throws {MissingPackageError} when `@pulumi/azure-native` is not installed */
  constructor(name: string, args: AcrRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "AcrRegistry", name }, args, acrRegistryFields);
    super("AcrRegistry", name, {}, opts);
    this.azure = loadAzure();
    this.args = args;
    const cloud = args.cloud ?? stackCloud(name);
    this.place = new AcrPlace(this.azure, cloud, args, this);
    const { registrySuffix } = azureEndpoints(cloud);
    this.host = pulumi.output(args.host ?? pulumi.output(args.registryName).apply((of) => acrHost(of, registrySuffix)));
    this.layout = { keepHost: args.keepHost ?? false, upstreams: args.cacheRules ?? [] };
    this.address = this.readAddress();
    // Whoever plans awaits the address and reports its error; a registry that nobody uses must not fail the program.
    this.address.catch(() => undefined);

    this.registry = args.existing ? undefined : this.createRegistry();
    if (this.registry) warnOfTakenName(this.previewContext(), this.registry);
    this.cacheRules = this.createCacheRules();
    this.pullGrants = this.createPullers();
    this.copyWith = args.copyWith;
    this.copyMethods = [
      CopyMethod.Process,
      CopyMethod.Kubernetes,
      CopyMethod.PullThrough,
      CopyMethod.Docker,
      ...(args.resourceGroupName === undefined ? [] : [CopyMethod.AcrImport]),
    ];
    const { armTokens = true } = args;
    const resourceManager = args.resourceGroupName === undefined ? undefined : this.inAzure();
    const loggedIn = { armTokens, ...(resourceManager && { resourceManager }) };
    this.pushAccess = acrLogin(this.azure, { host: this.host, ...loggedIn }, this);
    this.pullCredentials = args.pullToken && this.createPullToken(args.pullToken);
    this.shared = pulumi
      .all([loggedIn, this.pullCredentials])
      .apply(([acr, pullCredentials]) => ({ acr, ...(pullCredentials && { pullCredentials }) }));
    this.registerWithReference({ host: this.host });
  }

  /** ACR makes repositories itself, when something is pushed or, below a cache rule, pulled. */
  protected override repositoryFor(target: string): pulumi.Resource[] {
    const repository = repositoryOfTarget(target);
    const rule = [...this.cacheRules].find(([path]) => repository.startsWith(`${path}/`))?.[1];
    const needed = rule ?? this.registry;
    return needed ? [needed] : [];
  }

  protected override get itself(): readonly pulumi.Resource[] {
    return this.registry ? [this.registry] : [];
  }

  protected override targetProblem(source: string, target: string): MirrorError | undefined {
    const repository = repositoryOfTarget(target);
    const broken = brokenRepositoryNameRule(repository);
    return broken === undefined ? undefined : invalidAcrRepositoryName(source, repository, broken);
  }

  private createRegistry(): azureRegistry.Registry {
    const { args } = this;
    const ranges = args.allowedIpRanges;
    return new this.azure.registry.Registry(
      this.resourceName,
      {
        ...this.place.inputs,
        sku: { name: args.sku ?? AcrSku.Standard },
        adminUserEnabled: false,
        ...(args.location !== undefined && { location: args.location }),
        ...(args.anonymousPull !== undefined && { anonymousPullEnabled: args.anonymousPull }),
        ...(args.publicNetworkAccess !== undefined && { publicNetworkAccess: status(args.publicNetworkAccess) }),
        ...(args.trustedServices !== undefined && {
          networkRuleBypassOptions: args.trustedServices ? "AzureServices" : "None",
        }),
        ...(ranges && {
          networkRuleSet: {
            defaultAction: "Deny",
            ipRules: ranges.map((iPAddressOrRange) => ({ action: "Allow", iPAddressOrRange })),
          },
        }),
        ...(args.zoneRedundancy !== undefined && { zoneRedundancy: status(args.zoneRedundancy) }),
        ...(args.armTokens !== undefined && {
          policies: { azureADAuthenticationAsArmPolicy: { status: status(args.armTokens).toLowerCase() } },
        }),
        ...(args.tags !== undefined && { tags: args.tags }),
      },
      { parent: this, dependsOn: [...this.waitsFor] },
    );
  }

  /** What all that is made in the registry waits for. */
  private afterRegistry(): pulumi.Input<pulumi.Resource>[] {
    return this.registry ? [this.registry] : [...this.waitsFor];
  }

  private createCacheRules(): Map<string, pulumi.Resource> {
    const rules = (this.args.cacheRules ?? []).filter(({ existing }) => !existing);
    return new Map(rules.map((rule) => [rule.path, this.createCacheRule(rule)]));
  }

  private createCacheRule(rule: AcrCacheRule): pulumi.Resource {
    const { azure, place } = this;
    const resourceName = `${this.resourceName}/${rule.path}`;
    const context = { azure, place, parent: this, dependsOn: this.afterRegistry() };
    const made = createCacheRule(context, resourceName, rule);
    // One that is made now has none.
    if (this.args.existing) warnOfForeignRule(this.previewContext(), made, resourceName, rule.path);
    return made;
  }

  private previewContext(): AcrPreviewContext {
    return {
      azure: this.azure,
      ...this.inAzure(),
      subscription: this.place.subscription,
      registryName: this.args.registryName,
      parent: this,
      parentName: this.resourceName,
    };
  }

  private createPullers(): pulumi.Resource[] {
    const dependsOn = this.afterRegistry();
    return Object.entries(this.args.pullers ?? {}).map(([puller, principal]) =>
      this.place.assignRole(`${this.resourceName}-${puller}`, "acrPull", this.place.registryId, principal, {
        parent: this,
        dependsOn,
      }),
    );
  }

  private createPullToken(token: AcrPullToken): pulumi.Output<pulumi.Unwrap<PullCredentials>> {
    const { azure, place, host, resourceName: name, args } = this;
    const cached = (args.cacheRules ?? []).map((rule) => rule.path);
    const paths = pulumi.output(args.path).apply((path) => (path ? [path, ...cached] : []));
    return createPullToken({ azure, place, name, host, paths, parent: this, dependsOn: this.afterRegistry() }, token);
  }

  /** Where Resource Manager has it. */
  private inAzure() {
    const { url, registryId } = this.place;
    return { url, registryId };
  }

  private async readAddress(): Promise<MirrorAddress> {
    const { args, resourceName } = this;
    const known = <T>(input: pulumi.Input<T>, what: string): Promise<T> =>
      knownNow(input, `the ${what} of registry ${resourceName}`);
    const [registryName, host, path] = await Promise.all([
      known(args.registryName, "name"),
      known(this.host, "host"),
      known(args.path, "path"),
    ]);
    const problems = registryProblems(args, registryName, path);
    if (problems.length > 0)
      throw new MirrorError(
        "INVALID_REGISTRY",
        `The registry ${resourceName} cannot be used: ${problems.join("; ")}`,
        "Correct the arguments of AcrRegistry",
      );
    return path ? { host, path } : { host };
  }
}

/** The cloud of the stack's own provider. */
function stackCloud(name: string): AzureCloud {
  const cloud = new pulumi.Config("azure-native").get("environment") ?? AzureCloud.Public;
  if (isAzureCloud(cloud)) return cloud;
  throw addressed(
    new MirrorError(
      "INVALID_REGISTRY",
      `The registry ${name} cannot be used: azure-native:environment is ${JSON.stringify(cloud)}, whose host names are not known`,
      "Give cloud, or the registry's host",
    ),
  );
}

/** Hosts are lower-case, whatever the registry's name is. */
function acrHost(registryName: string, suffix: string): string {
  return `${registryName.toLowerCase()}.${suffix}`;
}

function status(on: boolean): "Enabled" | "Disabled" {
  return on ? "Enabled" : "Disabled";
}
