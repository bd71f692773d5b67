import type * as azureAuthorization from "@pulumi/azure-native/authorization";
import type * as azureRegistry from "@pulumi/azure-native/containerregistry";
import * as pulumi from "@pulumi/pulumi";
import { azureEndpoints, AzureCloud, isAzureCloud } from "../azure/azureCloud";
import { CopyMethod } from "../copy/copyMethod";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import { MirrorError } from "../error";
import type { PullCredentials } from "../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress } from "../plan/layout";
import { knownNow } from "../release/knownNow";
import { cacheRuleName, everythingBelow, type AcrCacheRule } from "./acrCacheRule";
import { warnOfForeignRule, warnOfTakenName, type AcrPreviewContext } from "./acrForeignResources";
import { acrLogin, acrResourceManager } from "./acrLogin";
import { brokenRepositoryNameRule, InvalidAcrRepositoryNameError } from "./acrName";
import { AcrSku, type AcrPullToken, type AcrRegistryArgs } from "./acrRegistryArgs";
import { registryProblems } from "./acrRegistryProblems";
import { repositoryOfTarget } from "./ecrRepositoryName";
import { MirrorRegistry } from "./mirrorRegistry";
import { AcrTokenPassword } from "./acrTokenPassword";
import { loadAzure, type AzureSdk } from "./azureSdk";
import type { RegistryReference } from "./registryReference";
import { answered } from "./unknownAnswer";

/** {@link https://learn.microsoft.com/azure/role-based-access-control/built-in-roles} */
const ROLES = {
  acrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
} as const;

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
  /** A token of the registry stays; one of Entra ID lasts hours. */
  override readonly helmReach: Pick<RegistryAccessArgs, "plainHttp" | "caCertificate"> | undefined;
  override readonly pullGrants: readonly pulumi.Resource[];
  protected override readonly copyMethod: CopyMethod | undefined;
  protected override readonly copyMethods: readonly CopyMethod[];
  /** `NAME.azurecr.io`, known in previews. */
  readonly host: pulumi.Output<string>;

  protected override readonly shared: pulumi.Input<Partial<RegistryReference>>;

  private readonly azure: AzureSdk;
  private readonly args: AcrRegistryArgs;
  private readonly cloud: AzureCloud;
  /** Undefined when it exists already. */
  private readonly registry: azureRegistry.Registry | undefined;
  /** By their paths. */
  private readonly cacheRules: ReadonlyMap<string, pulumi.Resource>;
  private config: pulumi.Output<azureAuthorization.GetClientConfigResult> | undefined;

  /** @throws {MissingPackageError} when `@pulumi/azure-native` is not installed */
  constructor(name: string, args: AcrRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pulumi-chart-mirror:index:AcrRegistry", name, {}, opts);
    this.azure = loadAzure();
    this.args = args;
    this.cloud = args.cloud ?? stackCloud(name);
    const { registrySuffix } = azureEndpoints(this.cloud);
    this.host = pulumi.output(args.host ?? pulumi.output(args.registryName).apply((of) => acrHost(of, registrySuffix)));
    this.layout = { keepHost: args.keepHost ?? false, upstreams: args.cacheRules ?? [] };
    this.address = this.readAddress();
    // Whoever plans awaits the address and reports its error; a registry that nobody uses must not fail the program.
    this.address.catch(() => undefined);

    this.registry = args.existing ? undefined : this.createRegistry();
    if (this.registry) warnOfTakenName(this.previewContext(), this.registry);
    this.cacheRules = this.createCacheRules();
    this.pullGrants = this.createPullers();
    this.copyMethod = args.copyWith;
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
    this.helmReach = args.pullToken && {};
    this.shared = pulumi
      .all([loggedIn, this.pullCredentials])
      .apply(([acr, pullCredentials]) => ({ acr, ...(pullCredentials && { pullCredentials }) }));
    this.registerOutputs({ host: this.host });
  }

  /** ACR makes repositories itself, when something is pushed or, below a cache rule, pulled. */
  protected override repositoryFor(target: string): pulumi.Resource[] {
    const repository = repositoryOfTarget(target);
    const rule = [...this.cacheRules].find(([path]) => repository.startsWith(`${path}/`))?.[1];
    const needed = rule ?? this.registry;
    return needed ? [needed] : [];
  }

  protected override targetProblem(source: string, target: string): MirrorError | undefined {
    const repository = repositoryOfTarget(target);
    const broken = brokenRepositoryNameRule(repository);
    return broken === undefined ? undefined : new InvalidAcrRepositoryNameError(source, repository, broken);
  }

  private createRegistry(): azureRegistry.Registry {
    const { args } = this;
    const ranges = args.allowedIpRanges;
    return new this.azure.registry.Registry(
      this.resourceName,
      {
        ...this.place(),
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

  private createCacheRule({ upstream, path, login }: AcrCacheRule): pulumi.Resource {
    const { registry } = this.azure;
    const resourceName = `${this.resourceName}/${path}`;
    const ruleName = cacheRuleName(path);
    const dependsOn = this.afterRegistry();
    let credentialSetResourceId: pulumi.Output<string> | undefined;
    if (login) {
      const credentials = new registry.CredentialSet(
        resourceName,
        {
          ...this.place(),
          credentialSetName: ruleName,
          loginServer: upstream.split("/")[0],
          identity: { type: "SystemAssigned" },
          authCredentials: [
            {
              name: "Credential1",
              usernameSecretIdentifier: login.usernameSecret,
              passwordSecretIdentifier: login.passwordSecret,
            },
          ],
        },
        { parent: this, dependsOn },
      );
      credentialSetResourceId = credentials.id;
      if (login.keyVaultId !== undefined)
        dependsOn.push(
          this.assignRole(
            `${resourceName}-secrets`,
            "keyVaultSecretsUser",
            login.keyVaultId,
            principalOf(credentials),
            {
              parent: this,
            },
          ),
        );
    }
    const rule = new registry.CacheRule(
      resourceName,
      {
        ...this.place(),
        cacheRuleName: ruleName,
        sourceRepository: everythingBelow(upstream),
        targetRepository: everythingBelow(path),
        ...(credentialSetResourceId && { credentialSetResourceId }),
      },
      // Azure changes nothing of a rule but its credentials, and lets no two rules have one target.
      {
        parent: this,
        dependsOn,
        replaceOnChanges: ["sourceRepository", "targetRepository"],
        deleteBeforeReplace: true,
      },
    );
    // One that is made now has none.
    if (this.args.existing) warnOfForeignRule(this.previewContext(), rule, resourceName, path);
    return rule;
  }

  private previewContext(): AcrPreviewContext {
    return {
      azure: this.azure,
      ...this.inAzure(),
      subscription: this.subscription(),
      registryName: this.args.registryName,
      parent: this,
      parentName: this.resourceName,
    };
  }

  private createPullers(): pulumi.Resource[] {
    const dependsOn = this.afterRegistry();
    return Object.entries(this.args.pullers ?? {}).map(([puller, principal]) =>
      this.assignRole(`${this.resourceName}-${puller}`, "acrPull", this.registryId(), principal, {
        parent: this,
        dependsOn,
      }),
    );
  }

  private assignRole(
    name: string,
    role: keyof typeof ROLES,
    scope: pulumi.Input<string>,
    principalId: pulumi.Input<string>,
    options: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    const roleDefinitionId = pulumi.interpolate`/subscriptions/${this.subscription()}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[role]}`;
    return new this.azure.authorization.RoleAssignment(
      name,
      // A principal that was made a moment ago is not known everywhere yet; its type spares Azure from looking it up.
      { scope, roleDefinitionId, principalId, principalType: "ServicePrincipal" },
      options,
    );
  }

  private createPullToken({ name, rotation }: AcrPullToken): pulumi.Output<pulumi.Unwrap<PullCredentials>> {
    const { registry } = this.azure;
    const resourceName = `${this.resourceName}-pull`;
    const tokenName = name ?? resourceName.replace(/[^a-zA-Z0-9]+/g, "-");
    const paths = pulumi
      .output(this.args.path)
      .apply((path) => (path ? [path, ...(this.args.cacheRules ?? []).map((rule) => rule.path)] : []));
    const scopes = new registry.ScopeMap(
      resourceName,
      {
        ...this.place(),
        scopeMapName: tokenName,
        actions: paths.apply((below) =>
          (below.length > 0 ? below.map(everythingBelow) : ["*"]).flatMap((repositories) =>
            ["content", "metadata"].map((what) => `repositories/${repositories}/${what}/read`),
          ),
        ),
      },
      { parent: this, dependsOn: this.afterRegistry() },
    );
    const token = new registry.Token(
      resourceName,
      { ...this.place(), tokenName, scopeMapId: scopes.id, status: "enabled" },
      { parent: this },
    );
    const { password } = new AcrTokenPassword(
      resourceName,
      {
        tokenName,
        registryId: this.registryId(),
        ...(rotation !== undefined && { rotation }),
        resourceManager: acrResourceManager(this.azure, this.inAzure(), this),
      },
      { parent: this, dependsOn: [token] },
    );
    return pulumi.secret({ host: this.host, username: tokenName, password });
  }

  /** Where the registry is in Azure. */
  private inAzure() {
    return { url: azureEndpoints(this.cloud).resourceManager, registryId: this.registryId() };
  }

  /** The registry, as resources in it name it. */
  private place(): { registryName: pulumi.Input<string>; resourceGroupName: pulumi.Input<string> } {
    const { registryName, resourceGroupName } = this.args;
    // What is missing is told with the address, before anything is made.
    return { registryName, resourceGroupName: resourceGroupName ?? "" };
  }

  private registryId(): pulumi.Output<string> {
    const { registryName, resourceGroupName } = this.place();
    return pulumi.interpolate`/subscriptions/${this.subscription()}/resourceGroups/${resourceGroupName}/providers/Microsoft.ContainerRegistry/registries/${registryName}`;
  }

  private subscription(): pulumi.Output<string> {
    this.config ??= this.azure.authorization.getClientConfigOutput({ parent: this });
    return this.config.apply(({ subscriptionId }) => answered(subscriptionId));
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
  throw new MirrorError(
    "INVALID_REGISTRY",
    `The registry ${name} cannot be used: azure-native:environment is ${JSON.stringify(cloud)}, whose host names are not known`,
    "Give cloud, or the registry's host",
  );
}

/** Hosts are lower-case, whatever the registry's name is. */
function acrHost(registryName: string, suffix: string): string {
  return `${registryName.toLowerCase()}.${suffix}`;
}

function principalOf(credentials: azureRegistry.CredentialSet): pulumi.Output<string> {
  return credentials.identity.apply((identity) => answered(identity?.principalId));
}

function status(on: boolean): "Enabled" | "Disabled" {
  return on ? "Enabled" : "Disabled";
}
