import { Accounts } from "./accounts";
import { basicLogin, bearerLogin, noLogin, type Authentication } from "./authentication";
import type { Behaviour } from "../behaviour";
import type { AuthOptions } from "../options";
import { TokenService } from "./tokenService";

/** The login of one registry: who has an account, how requests are checked, and where tokens come from. */
export interface Login {
  readonly accounts: Accounts;
  readonly authenticate: Authentication;
  /** Of a registry with bearer tokens. */
  readonly tokens?: TokenService;
}

/**
 * Makes the login that options describe.
 *
 * @param tokenUrl address of a token service with a host of its own.
 */
export function makeLogin(auth: AuthOptions, behaviour: Behaviour, now: () => number, tokenUrl: () => string): Login {
  if (auth.scheme === "none") return { accounts: new Accounts({}), authenticate: noLogin };
  if (auth.scheme === "basic") {
    const accounts = new Accounts(auth.users, auth.anonymous, auth.check);
    return { accounts, authenticate: basicLogin(accounts, behaviour.wrongCredentials) };
  }
  const accounts = new Accounts(auth.users, auth.anonymous, auth.check);
  const { exchange } = auth;
  const tokens = new TokenService(accounts, {
    kind: behaviour.tokens,
    service: "test-registry",
    expiresIn: auth.expiresIn ?? 300,
    now,
    ...(exchange && { exchange: typeof exchange === "function" ? exchange : (token: string) => exchange[token] }),
  });
  const host = (origin: string) => (auth.tokenService === "otherHost" ? tokenUrl() : origin);
  return { accounts, tokens, authenticate: bearerLogin(tokens, (origin) => auth.realm ?? host(origin) + tokens.path) };
}
