import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs, ResourceManagerArgs } from "../../copy/imageCopy";
import { kindToTell } from "../../oci/profiles/registryProfiles";
import type { AzureSdk } from "./azureSdk";
import { answered } from "../../inputs/unknownAnswer";

/** The audience of tokens that are for ACR and nothing else. */
const ACR_AUDIENCE = "https://containerregistry.azure.net";

/** Where a registry is in Azure, and the provider's login there. */
export function acrResourceManager(
  { authorization }: AzureSdk,
  where: Omit<ResourceManagerArgs, "accessToken">,
  parent: pulumi.Resource,
): ResourceManagerArgs {
  return { ...where, accessToken: authorization.getClientTokenOutput({}, { parent }).token.apply(answered) };
}

/** What a registry's login is made of. */
export interface AcrLogin {
  readonly host: pulumi.Input<string>;
  readonly armTokens: boolean;
  /** For imports, which a release may choose too. */
  readonly resourceManager?: Omit<ResourceManagerArgs, "accessToken">;
}

/** The login by the token of the provider, which the registry exchanges for one of its own. Secret. */
export function acrLogin(
  azure: AzureSdk,
  { host, armTokens, resourceManager }: AcrLogin,
  parent: pulumi.Resource,
): pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>> {
  const { token } = azure.authorization.getClientTokenOutput(armTokens ? {} : { endpoint: ACR_AUDIENCE }, { parent });
  return pulumi.secret({
    host,
    kind: pulumi.output(host).apply((at) => kindToTell(at, "acr")),
    azureToken: { accessToken: token.apply(answered) },
    ...(resourceManager && { resourceManager: acrResourceManager(azure, resourceManager, parent) }),
  });
}
