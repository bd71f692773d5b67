import type * as azureAuthorization from "@pulumi/azure-native/authorization";
import type * as azureRegistry from "@pulumi/azure-native/containerregistry";
import { optionalPackage } from "../../inputs/optionalPackage";

/** The parts of `@pulumi/azure-native` that are needed here; the whole takes a second. */
export interface AzureSdk {
  readonly registry: typeof azureRegistry;
  readonly authorization: typeof azureAuthorization;
}

/** @throws {MissingPackageError} when it is not installed */
export function loadAzure(): AzureSdk {
  /* eslint-disable @typescript-eslint/no-require-imports -- an import would load it for those who do not use it */
  return optionalPackage("AcrRegistry", "@pulumi/azure-native", () => ({
    registry: require("@pulumi/azure-native/containerregistry") as typeof azureRegistry,
    authorization: require("@pulumi/azure-native/authorization") as typeof azureAuthorization,
  }));
  /* eslint-enable @typescript-eslint/no-require-imports */
}
