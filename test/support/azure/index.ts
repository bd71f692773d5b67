/** Azure as a double: Resource Manager, Entra ID and registries, made from their published descriptions. */
export { startAzure, type Azure, type AzureOptions } from "./azure";
export { AzureError } from "./azureError";
export type { ServicePrincipal } from "./entra";
