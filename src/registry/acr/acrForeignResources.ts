import type * as azureRegistry from "@pulumi/azure-native/containerregistry";
import type * as pulumi from "@pulumi/pulumi";
import { cacheRulesOf, isRegistryNameFree, type AzureLookup } from "../../azure/registryLookups";
import { lookUpInAzure } from "../../machine/azureLookups";
import { knownNow } from "../../inputs/knownNow";
import { everythingBelow } from "./acrCacheRule";
import type { AzureSdk } from "./azureSdk";
import { warnOfForeignResource } from "../foreignResource";

/** What looks at Azure on behalf of a registry's preview. */
export interface AcrPreviewContext {
  readonly azure: AzureSdk;
  /** Resource Manager of the registry's cloud. */
  readonly url: string;
  readonly subscription: pulumi.Input<string>;
  readonly registryName: pulumi.Input<string>;
  /** Of the registry. */
  readonly registryId: pulumi.Input<string>;
  /** The component and its name. */
  readonly parent: pulumi.Resource;
  readonly parentName: string;
}

const known = <T>(input: pulumi.Input<T>): Promise<T> => knownNow(input, "what a preview looks up");

/** Says in previews that a registry cannot be made, since its name is taken in Azure. */
export function warnOfTakenName(context: AcrPreviewContext, resource: azureRegistry.Registry): void {
  const { parentName, parent } = context;
  warnOfForeignResource({
    resource,
    known: resource.loginServer,
    type: "azure-native:containerregistry:Registry",
    resourceName: parentName,
    id: () => known(context.registryId),
    what: `A container registry of the name of ${parentName}`,
    parent,
    parentName,
    exists: async () => {
      const [login, subscription, name] = await Promise.all([
        lookup(context),
        known(context.subscription),
        known(context.registryName),
      ]);
      return !(await lookUpInAzure((azure) => isRegistryNameFree(login, subscription, name, azure)));
    },
    otherwise:
      "Names are shared by all of Azure: where it is somebody else's, choose another registryName; to use your own as it is, set existing: true",
  });
}

/** Says in previews that a registry that exists has a rule for the same target already. */
export function warnOfForeignRule(
  context: AcrPreviewContext,
  resource: azureRegistry.CacheRule,
  resourceName: string,
  path: string,
): void {
  const { parentName, parent } = context;
  let found: string | undefined;
  warnOfForeignResource({
    resource,
    known: resource.provisioningState,
    type: "azure-native:containerregistry:CacheRule",
    resourceName,
    id: async () => `${await known(context.registryId)}/cacheRules/${found ?? ""}`,
    what: `A cache rule for ${everythingBelow(path)}`,
    parent,
    parentName,
    exists: async () => {
      const [login, registryId] = await Promise.all([lookup(context), known(context.registryId)]);
      const rules = await lookUpInAzure((azure) => cacheRulesOf(login, registryId, azure));
      found = rules.find(({ target }) => target === everythingBelow(path))?.name;
      return found !== undefined;
    },
    otherwise: "Or set existing: true on the rule, and it stays with whoever made it, or give it another path",
  });
}

async function lookup({ azure, url, parent }: AcrPreviewContext): Promise<AzureLookup> {
  const { token } = await azure.authorization.getClientToken({}, { parent });
  return { url, accessToken: token };
}
