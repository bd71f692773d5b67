import type * as azureAuthorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import { azureEndpoints, type AzureCloud } from "../../azure/azureCloud";
import type { AzureSdk } from "./azureSdk";
import { answered } from "../../inputs/unknownAnswer";

/** Built-in roles. {@link https://learn.microsoft.com/azure/role-based-access-control/built-in-roles} */
const ROLES = {
  acrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
} as const;

/** Where a registry is in Azure: what its resources, its roles and Resource Manager are told. */
export class AcrPlace {
  /** Resource Manager of the registry's cloud. */
  readonly url: string;
  /** The registry, as resources in it name it. */
  readonly inputs: { readonly registryName: pulumi.Input<string>; readonly resourceGroupName: pulumi.Input<string> };
  private config: pulumi.Output<azureAuthorization.GetClientConfigResult> | undefined;

  constructor(
    private readonly azure: AzureSdk,
    cloud: AzureCloud,
    {
      registryName,
      resourceGroupName = "",
    }: { registryName: pulumi.Input<string>; resourceGroupName?: pulumi.Input<string> | undefined },
    private readonly parent: pulumi.Resource,
  ) {
    this.url = azureEndpoints(cloud).resourceManager;
    // A resource group that is missing is told with the address, before anything is made.
    this.inputs = { registryName, resourceGroupName };
  }

  get registryId(): pulumi.Output<string> {
    const { registryName, resourceGroupName } = this.inputs;
    return pulumi.interpolate`/subscriptions/${this.subscription}/resourceGroups/${resourceGroupName}/providers/Microsoft.ContainerRegistry/registries/${registryName}`;
  }

  /** That of the provider, which is asked on first use. */
  get subscription(): pulumi.Output<string> {
    this.config ??= this.azure.authorization.getClientConfigOutput({ parent: this.parent });
    return this.config.apply(({ subscriptionId }) => answered(subscriptionId));
  }

  /** Gives a principal a role on what has the id `scope`. */
  assignRole(
    name: string,
    role: keyof typeof ROLES,
    scope: pulumi.Input<string>,
    principalId: pulumi.Input<string>,
    options: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    const roleDefinitionId = pulumi.interpolate`/subscriptions/${this.subscription}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[role]}`;
    return new this.azure.authorization.RoleAssignment(
      name,
      // A principal that was made a moment ago is not known everywhere yet; its type spares Azure from looking it up.
      { scope, roleDefinitionId, principalId, principalType: "ServicePrincipal" },
      options,
    );
  }
}
