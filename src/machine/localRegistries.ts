import { readFile } from "node:fs/promises";
import type { RegistryAccess } from "../oci/access";
import { askCredentialHelper } from "../oci/auth/credentialHelper";
import { dockerKeychain } from "../oci/auth/dockerConfig";
import { CredentialsError } from "../oci/errors";
import type { RegistryEvent } from "../oci/progress";
import { Registries } from "../oci/registries";

/**
 * Registries as this machine reaches them: with the logins given, else those of its docker and podman configuration,
 * and through its proxies.
 */
export function localRegistries(
  access: readonly RegistryAccess[],
  onEvent?: (event: RegistryEvent) => void,
): Registries {
  return new Registries({
    access,
    keychain: dockerKeychain({
      environment: process.env,
      readFile: (path) =>
        readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
          throw new CredentialsError(`The login file ${path} cannot be read: ${error.code ?? error.message}`);
        }),
      askHelper: (name, server) => askCredentialHelper(name, server, process.env),
    }),
    environment: process.env,
    ...(onEvent && { onEvent }),
  });
}
