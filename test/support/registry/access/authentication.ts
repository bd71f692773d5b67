import { allows, FULL_ACCESS, type Access, type Action } from "./access";
import { parseBasic, type Accounts } from "./accounts";
import { RegistryError } from "../endpoints/registryError";
import type { TokenService } from "./tokenService";

/** What a request is about to do; nothing for `/v2/`. */
export interface Need {
  repository: string;
  action: Action;
}

/**
 * Decides who asks and whether they may.
 *
 * @returns what whoever asks may do.
 * @throws {RegistryError} 401 with a challenge, or 403.
 */
export type Authentication = (
  authorization: string | undefined,
  origin: string,
  need: Need | undefined,
) => readonly Access[];

/** Everybody may do everything. */
export const noLogin: Authentication = () => FULL_ACCESS;

/** Basic login; `wrong` is the status for credentials that do not fit. */
export function basicLogin(accounts: Accounts, wrong: 401 | 403): Authentication {
  const challenge = (origin: string) => ({ headers: { "www-authenticate": `Basic realm="${origin}/"` } });
  return (authorization, origin, need) => {
    if (authorization === undefined) {
      if (need && allows(accounts.anonymous, need.repository, need.action)) return accounts.anonymous;
      throw new RegistryError("UNAUTHORIZED", "authentication required", challenge(origin));
    }
    const login = parseBasic(authorization);
    const access = login && accounts.check(login.name, login.password);
    if (!access && wrong === 403)
      throw new RegistryError("DENIED", "Your authorization token has expired. Reauthenticate and try again.");
    if (!access) throw new RegistryError("UNAUTHORIZED", "authentication required", challenge(origin));
    if (need && !allows(access, need.repository, need.action))
      throw new RegistryError("DENIED", `${need.action} of ${need.repository} is denied`);
    return access;
  };
}

/** Bearer login at a token service; `realm` is its address for clients that know the registry as `origin`. */
export function bearerLogin(tokens: TokenService, realm: (origin: string) => string): Authentication {
  return (authorization, origin, need) => {
    const token = /^bearer +(.+)$/i.exec(authorization ?? "")?.[1];
    const access = token === undefined ? undefined : tokens.verify(token);
    if (access && (!need || allows(access, need.repository, need.action))) return access;
    const scope =
      need && `,scope="repository:${need.repository}:${need.action === "push" ? "pull,push" : need.action}"`;
    const error = token === undefined ? "" : `,error="${access ? "insufficient_scope" : "invalid_token"}"`;
    throw new RegistryError("UNAUTHORIZED", "authentication required", {
      headers: {
        "www-authenticate": `Bearer realm="${realm(origin)}",service="${tokens.service}"${scope ?? ""}${error}`,
      },
    });
  };
}
