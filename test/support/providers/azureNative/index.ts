import type { Azure, ServicePrincipal } from "../../azure";
import type { ProviderDouble } from "../../engine";

/**
 * The `azure-native` provider double over an own Azure, logged in by the environment as the real one may be.
 *
 * @example
 * const azure = await startAzure();
 * const project = await createProject({ program, providers: [azureNativeOn(azure)] });
 */
export function azureNativeOn(
  azure: Pick<Azure, "url" | "subscription" | "principal">,
  principal: ServicePrincipal = azure.principal,
): ProviderDouble {
  return {
    folder: __dirname,
    env: {
      AZURE_DOUBLE_ENDPOINT: azure.url,
      ARM_SUBSCRIPTION_ID: azure.subscription,
      ARM_TENANT_ID: principal.tenant,
      ARM_CLIENT_ID: principal.clientId,
      ARM_CLIENT_SECRET: principal.clientSecret,
    },
  };
}
