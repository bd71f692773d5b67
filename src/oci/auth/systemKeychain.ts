import { readText } from "../../files/readText";
import { printable } from "../../printable";
import type { Keychain } from "./credentials";
import { dockerKeychain } from "./dockerConfig";

/** Loaded with the first login that a helper keeps. */
const credentialHelper = () => require("./credentialHelper") as typeof import("./credentialHelper");
/** Loaded with the first failure. */
const errors = () => require("../errors/errors") as typeof import("../errors/errors");

/**
 * The logins of this machine's user: `docker login`, `podman login`, and the credential helpers that they name.
 *
 * @param environment usually `process.env`; helpers run with it.
 * @param warn told of helpers that are not installed; default: standard error
 */
export function systemKeychain(
  environment: NodeJS.ProcessEnv,
  warn: (message: string) => void = (message) => void process.stderr.write(`warning: ${printable(message)}\n`),
): Keychain {
  return dockerKeychain({
    environment,
    ...(process.platform === "linux" && process.getuid && { userId: process.getuid() }),
    readFile: async (path) => {
      try {
        return await readText(path);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return undefined;
        throw new (errors().CredentialsError)(
          `The login file ${path} cannot be read (${code ?? message})`,
          "Check its permissions",
        );
      }
    },
    askHelper: (name, server) => credentialHelper().askCredentialHelper(name, server, environment),
    onMissingHelper: warn,
  });
}
