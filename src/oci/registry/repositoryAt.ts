import type { RegistryClient } from "./client";

/** A repository of a registry. */
export interface RepositoryAt {
  readonly client: RegistryClient;
  readonly repository: string;
}
