import type { Keychain } from "../../oci/auth/credentials";
import { MirrorError } from "../../error";
import { canonicalHost, DEFAULT_REGISTRY } from "../../image/reference";
import type { Registries } from "../../oci/registries";
import { settleAll } from "../../oci/transport/settleAll";
import type { AccessInput } from "../imageCopyInputs";
import { portableLogin } from "../portableLogin";

/** An entry of a docker provider's `registryAuth`. */
export interface DaemonLogin {
  readonly address: string;
  readonly username?: string;
  readonly password?: string;
  /** The registry asks for no login. */
  readonly authDisabled?: boolean;
}

/** Hosts as image references name them. */
export interface DaemonHosts {
  readonly pulledFrom: readonly string[];
  readonly pushedTo: readonly string[];
}

/** A login is of a kind that the docker provider does not know. `code` is `DOCKER_LOGIN_IMPOSSIBLE`. */
export class DockerLoginImpossibleError extends MirrorError {
  override readonly name = "DockerLoginImpossibleError";
  constructor(host: string) {
    super(
      "DOCKER_LOGIN_IMPOSSIBLE",
      `A Docker daemon cannot log in to ${host}: there is an identity token, and @pulumi/docker hands over users and passwords alone`,
      "Give username and password for it, or pass a docker provider in the options of the registry, which is used as it is",
    );
  }
}

/** What the logins of a daemon depend on. */
export interface DaemonLoginDependencies {
  readonly registriesFor: (access: readonly AccessInput[]) => Pick<Registries, "client">;
  /** The logins of this machine's user, which the docker provider reads itself. */
  readonly keychain: Keychain;
}

/**
 * The logins that a docker provider needs for these hosts, and for no others: those that the program gives. One that
 * `docker login` has left on this machine is named and not copied, so that the state holds no password of it.
 *
 * @param access the later of two for one host counts
 * @throws {DockerLoginImpossibleError} for identity tokens
 * @throws {LoginRefusedError} when a registry does not exchange a Microsoft Entra token
 */
export async function daemonLogins(
  access: readonly AccessInput[],
  { pulledFrom, pushedTo }: DaemonHosts,
  { registriesFor, keychain }: DaemonLoginDependencies,
): Promise<DaemonLogin[]> {
  const given = new Map(access.map((entry) => [canonicalHost(entry.host), entry]));
  const hosts = [...new Set([...pushedTo, ...pulledFrom])].sort();
  const logins = await settleAll(
    hosts.map(async (host): Promise<DaemonLogin[]> => {
      const entry = await portableLogin(given.get(canonicalHost(host)) ?? { host }, registriesFor);
      const pushed = pushedTo.includes(host);
      const name = (entry.location ?? host).split("/", 1)[0] ?? host;
      const address = addressOf(name, entry.plainHttp ?? false, pushed);
      const { username, password } = entry;
      if (entry.identityToken !== undefined) throw new DockerLoginImpossibleError(host);
      if (username !== undefined && password !== undefined) return [{ address, username, password }];
      const found = await keychain.credentialsFor(name);
      if (found?.kind === "identityToken") throw new DockerLoginImpossibleError(host);
      if (found) return [{ address }];
      // The provider refuses to push to a registry that it knows nothing of.
      return pushed ? [{ address, authDisabled: true }] : [];
    }),
  );
  return logins.flat();
}

/** The host in an entry's address. */
export function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? address;
}

/** Docker Hub is pulled from by one name, and the provider asks for what it pushed at another. */
function addressOf(host: string, plainHttp: boolean, pushed: boolean): string {
  return `${plainHttp ? "http" : "https"}://${pushed && host === DEFAULT_REGISTRY ? "registry-1.docker.io" : host}`;
}
