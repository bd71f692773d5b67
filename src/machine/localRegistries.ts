import type { RegistryAccess } from "../oci/transport/access";
import { systemKeychain } from "../oci/auth/systemKeychain";
import { Registries, type RegistriesOptions } from "../oci/registries";

/** Of the limits and events of registries, and who is told of what the logins of this machine lack. */
export type LocalRegistriesOptions = Pick<
  RegistriesOptions,
  "limits" | "onEvent" | "traffic" | "stallTimeoutMs" | "sessions"
> & {
  readonly warn?: (message: string) => void;
};

/**
 * Registries as this machine reaches them: with the logins given, else those of its docker and podman configuration,
 * and through its proxies.
 */
export function localRegistries(
  access: readonly RegistryAccess[],
  { warn, ...options }: LocalRegistriesOptions = {},
): Registries {
  return new Registries({
    access,
    keychain: systemKeychain(process.env, warn),
    environment: process.env,
    ...options,
  });
}
