import { REGISTRY_PROFILES, registryKind, registryProfile } from "../profiles/registryProfiles";

const NO_ROOM = REGISTRY_PROFILES.flatMap(({ noRoom = [] }) => noRoom);

/**
 * Whether a registry's words mean that it has no room for more images. Statuses say little of it: 403 at ECR, Quay and
 * Harbor, 400 and 412 at older ones.
 */
export function isStorageQuota(said: string): boolean {
  return NO_ROOM.some((words) => words.test(said));
}

/** What makes room. */
export function storageQuotaRemedy(registry: string, said: string, kind = registryKind(registry)): string {
  return registryProfile(kind).roomRemedy(said);
}
