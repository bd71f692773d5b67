import * as pulumi from "@pulumi/pulumi";
import { AcrRegistry } from "../../../src/registry/acr/acrRegistry";
import type { AcrRegistryArgs } from "../../../src/registry/acr/acrRegistryArgs";
import { mockedEngine, type MockedEngine, type MockedResource } from "../../support/providers/mockedEngine";

export const HOST = "contoso1.azurecr.io";
export const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
/** The registry's in Azure. */
export const ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/platform/providers/Microsoft.ContainerRegistry/registries/contoso1`;
export const base = { registryName: "contoso1", resourceGroupName: "platform" };

export interface MockedAzure {
  readonly engine: MockedEngine;
  /** What is made besides component and copy, by type; each time by a component of another name, told as `mirror`. */
  readonly made: (args: Partial<AcrRegistryArgs>) => Promise<(type: string) => MockedResource[]>;
}

/** Mocks the engine with the answers of Azure for the tests of a file. */
export function mockedAzure(): MockedAzure {
  const engine = mockedEngine({
    answers: {
      "azure-native:authorization:getClientConfig": { subscriptionId: SUBSCRIPTION, tenantId: "tenant" },
      "azure-native:authorization:getClientToken": { token: "entra-1" },
    },
    outputs: ({ type }) => (type.endsWith("CredentialSet") ? { identity: { principalId: "cache-principal" } } : {}),
    id: ({ name }) => `${name}-id`,
  });
  let count = 0;
  const made: MockedAzure["made"] = async (args) => {
    const own = `mirror${++count}`;
    const registry = new AcrRegistry(own, { ...base, ...args });
    const image = { source: "quay.io/team/web:1.0", target: `${HOST}/platform/team/web:1.0`, locations: [] };
    registry.mirrorImages([image], []);
    // Not among the declarations of the SDK, whose own tests use it.
    await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
    return (type) =>
      engine.registered
        .filter((one) => one.type.startsWith(`azure-native:${type}`) && one.name.startsWith(own))
        .map((one) => ({ ...one, name: one.name.replace(own, "mirror") }));
  };
  return { engine, made };
}
