import { readFile } from "node:fs/promises";
import { CredentialsError } from "../errors/errors";
import { askCredentialHelper } from "./credentialHelper";
import type { Keychain } from "./credentials";
import { dockerKeychain } from "./dockerConfig";

/**
 * The logins of this machine's user: `docker login`, `podman login`, and the credential helpers that they name.
 *
 * @param environment usually `process.env`; helpers run with it.
 */
export function systemKeychain(environment: NodeJS.ProcessEnv): Keychain {
  return dockerKeychain({
    environment,
    ...(process.platform === "linux" && process.getuid && { userId: process.getuid() }),
    readFile: async (path) => {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return undefined;
        throw new CredentialsError(`The login file ${path} cannot be read (${code})`, "Check its permissions");
      }
    },
    askHelper: (name, server) => askCredentialHelper(name, server, environment),
  });
}
