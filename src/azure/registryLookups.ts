import { askResourceManager, registryAction, type ResourceManagerDependencies } from "./resourceManager";

/** Who asks, and where. */
export interface AzureLookup {
  /** `https://management.azure.com`. */
  readonly url: string;
  readonly accessToken: string;
}

const PROVIDER = "providers/Microsoft.ContainerRegistry";

/**
 * Whether a new registry can have a name: names are shared by all of Azure.
 *
 * @see https://learn.microsoft.com/rest/api/container-registry/registries/check-name-availability
 */
export async function isRegistryNameFree(
  lookup: AzureLookup,
  subscription: string,
  name: string,
  dependencies: ResourceManagerDependencies,
): Promise<boolean> {
  const answer = await registryAction(
    { ...lookup, registryId: `/subscriptions/${subscription}/${PROVIDER}` },
    { name: "checkNameAvailability", role: "Reader", doing: `Asking whether the registry name ${name} is free` },
    { name, type: "Microsoft.ContainerRegistry/registries" },
    dependencies,
  );
  return (answer as { nameAvailable?: boolean } | undefined)?.nameAvailable !== false;
}

/** A cache rule, as Azure tells it. */
export interface FoundCacheRule {
  readonly name: string;
  /** `quay/*`, or one repository. */
  readonly target: string;
}

/** The cache rules that a registry has. */
export async function cacheRulesOf(
  lookup: AzureLookup,
  registryId: string,
  dependencies: ResourceManagerDependencies,
): Promise<FoundCacheRule[]> {
  const action = { name: "cacheRules", role: "Reader", doing: `Reading the cache rules of ${registryId}` };
  const answer = await askResourceManager({ ...lookup, registryId }, action, dependencies);
  const { value = [] } = (answer ?? {}) as {
    value?: { name?: string; properties?: { targetRepository?: string } }[];
  };
  return value.map(({ name = "", properties }) => ({ name, target: properties?.targetRepository ?? "" }));
}
