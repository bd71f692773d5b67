import type * as pulumi from "@pulumi/pulumi";
import type { AzureCloud } from "../../azure/azureCloud";
import type { CopyMethod } from "../../copy/copyMethod";
import type { AcrCacheRule } from "./acrCacheRule";

/** Service tiers of ACR. */
export const AcrSku = { Basic: "Basic", Standard: "Standard", Premium: "Premium" } as const;
export type AcrSku = (typeof AcrSku)[keyof typeof AcrSku];

/** The token of the registry that pods log in with. */
export interface AcrPullToken {
  /** Default: `<name of the component>-pull`. 5 to 50 letters, digits and dashes. */
  name?: string;
  /** Another text makes another password; the one before stays good until the next change after that. */
  rotation?: pulumi.Input<string>;
}

/** Arguments of `AcrRegistry`. */
export interface AcrRegistryArgs {
  /**
   * Name of the registry, unique in all of Azure: 5 to 50 letters and digits. It decides the host, `NAME.azurecr.io`, so
   * it must be known in previews.
   */
  registryName: pulumi.Input<string>;
  /** Resource group of the registry. May be left out where the registry exists and nothing is made in it. */
  resourceGroupName?: pulumi.Input<string>;
  /** Take a registry that is there already, and leave its settings alone. Default: false, and it is created. */
  existing?: boolean;
  /** Host of an existing registry that has another than `NAME.azurecr.io`: one with a domain name label. */
  host?: pulumi.Input<string>;
  /** Path before every repository: `platform` makes `platform/stackstate/wait`. */
  path?: pulumi.Input<string>;
  /** The cloud, which decides the host's name. Default: the stack's `azure-native:environment`, else `AzureCloud.Public`. */
  cloud?: AzureCloud;
  /** Region of a new registry. Default: the resource group's. */
  location?: pulumi.Input<string>;
  /** Tier of a new registry. Default: `AcrSku.Standard`. */
  sku?: AcrSku;
  /** Let everybody pull without a login. Needs Standard or Premium. Default: false. */
  anonymousPull?: boolean;
  /** Let the registry be reached from the internet. Without it private endpoints are needed, and Premium. Default: true. */
  publicNetworkAccess?: boolean;
  /** IPv4 addresses and ranges (`203.0.113.0/24`) that may reach the registry; all others may not. Needs Premium. */
  allowedIpRanges?: pulumi.Input<string>[];
  /** Let services that Azure trusts past `publicNetworkAccess` and `allowedIpRanges`. Default: true. */
  trustedServices?: boolean;
  /** Spread the registry over the zones of its region. Needs Premium. A change replaces the registry. Default: false. */
  zoneRedundancy?: boolean;
  /**
   * Let tokens for Azure Resource Manager log in. With false (in an existing registry: where it is off) the audience of
   * tokens is ACR itself. Default: true.
   */
  armTokens?: boolean;
  /** Tags of the registry. */
  tags?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Registries that this one serves and keeps: their images are not copied, and fetched once before the release. */
  cacheRules?: AcrCacheRule[];
  /**
   * Who may pull, by a name of your choice: object ids of principals, such as the kubelet identities of AKS clusters. Each
   * gets the role AcrPull. The name keeps a role assignment the same when others come and go.
   */
  pullers?: { [name: string]: pulumi.Input<string> };
  /**
   * Make a token that may only pull, below `path` and the cache rules, and give pods its password: for clusters outside of
   * Azure. Without it pods get no pull secret.
   */
  pullToken?: AcrPullToken;
  /**
   * Who copies what no cache rule serves. With `CopyMethod.AcrImport` the registry reads from the source itself, which it
   * must reach over the internet. Default: `CopyMethod.Process`.
   */
  copyWith?: CopyMethod;
  /** Keep the source's host as the first segment of each repository: `quay.io/stackstate/wait`. Default: false. */
  keepHost?: boolean;
}
