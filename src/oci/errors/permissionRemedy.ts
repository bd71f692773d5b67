import { REGISTRY_PROFILES, registryKind, registryProfile, type RegistryKind } from "../profiles/registryProfiles";

/** What was refused, as far as it is known. */
export interface RefusedRequest {
  readonly registry: string;
  /** Default: what the registry's name tells. */
  readonly kind?: RegistryKind;
  readonly repository?: string;
  /** Whether something was written. */
  readonly push?: boolean;
  /** In the registry's words. */
  readonly said?: string;
}

/**
 * What would allow a request that a registry denied to a good login: by the action and the resource that the registry's
 * answer names, else by those that a registry of its kind asks for.
 */
export function permissionRemedy({ registry, kind, repository, push = false, said = "" }: RefusedRequest): string {
  for (const { readDenial } of REGISTRY_PROFILES) {
    const named = readDenial?.(said);
    if (named !== undefined) return named;
  }
  const on = repository === undefined ? "" : ` on the repository ${repository}`;
  return registryProfile(kind ?? registryKind(registry)).permissionRemedy({ push, on });
}
