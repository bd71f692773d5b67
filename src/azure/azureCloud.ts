/** Parts of Azure with accounts and names of their own, as the provider's `environment` calls them. */
export const AzureCloud = { Public: "public", UsGovernment: "usgovernment", China: "china" } as const;
export type AzureCloud = (typeof AzureCloud)[keyof typeof AzureCloud];

/** Where a cloud's services are. */
export interface AzureEndpoints {
  /** Behind a registry's name: `azurecr.io`. */
  readonly registrySuffix: string;
  /** Azure Resource Manager. */
  readonly resourceManager: string;
}

/**
 * The clouds as the SDKs of Azure know them.
 *
 * @see https://github.com/Azure/go-autorest/blob/main/autorest/azure/environments.go
 */
const ENDPOINTS: Readonly<Record<AzureCloud, AzureEndpoints>> = {
  public: { registrySuffix: "azurecr.io", resourceManager: "https://management.azure.com" },
  usgovernment: { registrySuffix: "azurecr.us", resourceManager: "https://management.usgovcloudapi.net" },
  china: { registrySuffix: "azurecr.cn", resourceManager: "https://management.chinacloudapi.cn" },
};

/** The endpoints of a cloud. */
export function azureEndpoints(cloud: AzureCloud): AzureEndpoints {
  return ENDPOINTS[cloud];
}

/** Whether a text names a cloud. */
export function isAzureCloud(text: string): text is AzureCloud {
  return Object.hasOwn(ENDPOINTS, text);
}
