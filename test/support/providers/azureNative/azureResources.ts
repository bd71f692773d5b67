import { randomUUID } from "node:crypto";
import type { PropertyMap, PropertyValue } from "../protocol/propertyValue";

/** One type of resource: where it is in Resource Manager, and how its inputs are written there. */
export interface AzureResource {
  /** Inputs that stand in the id. */
  readonly path: readonly string[];
  /** Inputs that stand beside `properties` in the body. */
  readonly topLevel?: readonly string[];
  /** Inputs whose change makes a new resource, besides those in the id. */
  readonly replaceOn?: readonly string[];
  /** Takes the location of its resource group where it has none. */
  readonly located?: boolean;
  /** Outputs that nobody knows before it is made. */
  readonly computed: readonly string[];
  id(inputs: Readonly<Record<string, string>>, subscription: string): string;
  /** A name for what has none. */
  autoname?(): PropertyMap;
  /** Inputs as the body's `properties` have them. */
  properties?(inputs: PropertyMap): PropertyMap;
}

const inGroup = (subscription: string, group = "", registry = ""): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/${registry}`;

/** What is in a registry; `kind` and the input with its name. */
const inRegistry = (kind: string, name: string, more: Partial<AzureResource> = {}): AzureResource => ({
  path: ["resourceGroupName", "registryName", name],
  computed: ["azureApiVersion", "creationDate", "provisioningState", "name", "type", "systemData"],
  id: ({ resourceGroupName, registryName, [name]: own = "" }, subscription) =>
    `${inGroup(subscription, resourceGroupName, registryName)}/${kind}/${own}`,
  ...more,
});

/** The types that are played. */
export const azureResources: Readonly<Record<string, AzureResource>> = {
  "azure-native:containerregistry:Registry": {
    path: ["resourceGroupName", "registryName"],
    topLevel: ["location", "tags", "sku", "identity"],
    replaceOn: ["location", "zoneRedundancy"],
    located: true,
    computed: ["azureApiVersion", "creationDate", "loginServer", "name", "provisioningState", "status", "type"],
    id: ({ resourceGroupName, registryName }, subscription) => inGroup(subscription, resourceGroupName, registryName),
    properties: (inputs) => {
      const rules = inputs["networkRuleSet"] as PropertyMap | undefined;
      if (rules === undefined) return inputs;
      const ipRules = ((rules["ipRules"] ?? []) as PropertyMap[]).map(({ iPAddressOrRange, ...rule }) => ({
        ...rule,
        value: iPAddressOrRange as PropertyValue,
      }));
      return { ...inputs, networkRuleSet: { ...rules, ipRules } };
    },
  },
  "azure-native:containerregistry:CacheRule": inRegistry("cacheRules", "cacheRuleName"),
  "azure-native:containerregistry:CredentialSet": inRegistry("credentialSets", "credentialSetName", {
    topLevel: ["identity"],
  }),
  "azure-native:containerregistry:ScopeMap": inRegistry("scopeMaps", "scopeMapName"),
  "azure-native:containerregistry:Token": inRegistry("tokens", "tokenName", {}),
  "azure-native:authorization:RoleAssignment": {
    path: ["scope", "roleAssignmentName"],
    replaceOn: ["principalId", "roleDefinitionId", "principalType"],
    computed: ["azureApiVersion", "createdBy", "createdOn", "name", "type", "updatedBy", "updatedOn"],
    id: ({ scope = "", roleAssignmentName = "" }) =>
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${roleAssignmentName}`,
    autoname: () => ({ roleAssignmentName: randomUUID() }),
  },
};
