import type { RegistryAccess } from "../oci/transport/access";
import { systemKeychain } from "../oci/auth/systemKeychain";
import { Registries, type RegistriesOptions } from "../oci/registries";

/**
 * Registries as this machine reaches them: with the logins given, else those of its docker and podman configuration,
 * and through its proxies.
 */
export function localRegistries(
  access: readonly RegistryAccess[],
  options: Pick<RegistriesOptions, "limits" | "onEvent" | "traffic" | "stallTimeoutMs"> = {},
): Registries {
  return new Registries({
    access,
    keychain: systemKeychain(process.env),
    environment: process.env,
    ...options,
  });
}
