import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../transport/clock";
import type { Permission } from "../errors/permission";
import type { Endpoint } from "../transport/endpoint";
import { isSameOrigin, mayPointTo, withTlsOf } from "../transport/endpoint";
import {
  AccessDeniedError,
  LoginRefusedError,
  LoginRequiredError,
  NoTokenError,
  TokenServiceUntrustedError,
} from "../errors/errors";
import { failureOf, parseApiErrors, type RequestContext } from "../transport/failure";
import { AzureExchange } from "./azureExchange";
import { parseChallenges } from "./challenge";
import { basicAuthorization, secretsOf, userOf, type Credentials } from "./credentials";
import { CurrentCredentials, type CredentialSource } from "./currentCredentials";
import { SecretTexts } from "./secretTexts";
import {
  isSuccess,
  requestToken,
  type AskTokenService,
  type BearerToken,
  type TokenAnswer,
  type TokenService,
} from "./tokenService";
import { isTokenServiceTrusted } from "./tokenServiceTrust";

export type { CredentialSource };

export interface LoginOptions {
  readonly endpoint: Endpoint;
  readonly credentials: CredentialSource;
  /** Hosts that may see the credentials beside the registry's own. */
  readonly tokenServices: readonly string[];
  readonly ask: AskTokenService;
  readonly clock: Clock;
}

/** Tokens are renewed this long before they die, at most a fifth of their life. */
const RENEWAL_MARGIN_MS = 30_000;

/** A token, and when to have a new one by either clock: the machine's date may be set back, and its other clock sleep with it. */
type KeptToken = BearerToken & { readonly renewAt: number; readonly renewAtDate: number };

type Scheme = { readonly kind: "basic" } | { readonly kind: "bearer"; readonly service: TokenService };

/**
 * The login at one registry: learns from challenges, keeps tokens, renews them.
 *
 * Fields that hold secrets are private to JavaScript itself, so that printing a login, or what holds one, shows none.
 */
export class RegistryLogin {
  private scheme: Scheme | undefined;
  /** Scopes that the registry asked for beside the expected ones. */
  private readonly extraScopes = new Map<string, Set<string>>();
  readonly #options: LoginOptions;
  readonly #tokens = new Map<string, Promise<KeptToken>>();
  readonly #secrets = new SecretTexts();
  readonly #credentials: CurrentCredentials;
  readonly #azure: AzureExchange;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#credentials = new CurrentCredentials(options.credentials, (found) => this.keepSecret(found));
    this.#azure = new AzureExchange(options.endpoint.origin, options.ask);
  }

  /** The `Authorization` for a request to the registry's own origin; undefined while none seems to be needed. */
  async authorization(permission: Permission): Promise<string | undefined> {
    const credentials = await this.#credentials.for(permission.repository);
    if (credentials?.kind === "registryToken") return `Bearer ${credentials.token}`;
    if (this.scheme?.kind === "basic")
      return credentials?.kind === "basic" ? basicAuthorization(credentials) : undefined;
    if (this.scheme?.kind === "bearer") return `Bearer ${(await this.token(this.scheme.service, permission)).token}`;
    return undefined;
  }

  /**
   * Learns from a 401.
   *
   * @param sent the `Authorization` that was refused.
   * @param renewals how often this request was answered with 401 before.
   * @throws the error to report when another try is hopeless.
   */
  async challenged(
    permission: Permission,
    sent: string | undefined,
    header: string | undefined,
    renewals: number,
    doing: string,
  ): Promise<void> {
    const { place, kind, loginHost } = this.#options.endpoint;
    const challenges = parseChallenges(header ?? "");
    const basic = challenges.some(({ scheme }) => scheme === "basic");
    const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && (parameters.realm || !basic));
    const credentials = await this.#credentials.for(permission.repository);
    // Some registries send 401 without a challenge when a token is dead.
    if (!bearer && !basic && (sent === undefined || renewals > 0)) {
      if (credentials) throw new LoginRefusedError(place, userOf(credentials));
      throw new LoginRequiredError(place, doing, loginHost);
    }
    if (bearer) {
      this.scheme = { kind: "bearer", service: this.serviceIn(bearer.parameters) };
      const isNewScope = this.learnScope(permission, bearer.parameters.scope);
      if (renewals >= 2 && !isNewScope) {
        if (!credentials) throw new LoginRequiredError(place, doing, loginHost);
        if (credentials.kind === "registryToken") throw new LoginRefusedError(place, undefined);
        throw new AccessDeniedError(place, userOf(credentials), doing, "its token does not allow it", {
          kind,
          ...permission,
        });
      }
    } else if (basic) {
      this.scheme = { kind: "basic" };
      if (!credentials) throw new LoginRequiredError(place, doing, loginHost);
      if (renewals >= 2) throw new LoginRefusedError(place, userOf(credentials));
    }
    if (sent !== undefined) await this.forget(permission, sent, renewals);
  }

  /**
   * Learns from a 403 to Basic credentials: ECR says so to those that have expired, too.
   *
   * @returns whether the keychain has other credentials now.
   */
  async hasOther(permission: Permission, sent: string | undefined): Promise<boolean> {
    if (this.scheme?.kind !== "basic" || sent === undefined) return false;
    const wasSent = (found: Credentials | undefined) => found?.kind === "basic" && basicAuthorization(found) === sent;
    const credentials = await this.#credentials.renewed(permission.repository, wasSent);
    return credentials?.kind === "basic" && !wasSent(credentials);
  }

  /** Takes every secret that this login knows out of a text. */
  readonly scrub = (text: string): string => this.#secrets.scrub(text);

  /** The user to name in errors. */
  async user(repository: string | undefined): Promise<string | undefined> {
    return userOf(await this.#credentials.for(repository).catch(() => undefined));
  }

  private async forget(permission: Permission, sent: string, renewals: number): Promise<void> {
    const key = permissionKey(permission);
    const current = this.#tokens.get(key);
    const token = await current?.catch(() => undefined);
    // Another request may have renewed it already.
    if (token && sent === `Bearer ${token.token}` && this.#tokens.get(key) === current) this.#tokens.delete(key);
    // A fresh token was refused too, or the password was: the keychain may have newer credentials.
    const wasRefused = (found: Credentials | undefined) =>
      found?.kind === "basic" && this.scheme?.kind === "basic" ? basicAuthorization(found) === sent : renewals > 0;
    await this.#credentials.renewed(permission.repository, wasRefused);
  }

  private serviceIn({ realm = "", service }: Readonly<Record<string, string>>): TokenService {
    const { place, origin } = this.#options.endpoint;
    if (!realm || !URL.canParse(realm, origin.href))
      throw new TokenServiceUntrustedError(place, "a place that is no URL", "the realm of its challenge is malformed");
    const url = withTlsOf(origin, new URL(realm, origin));
    url.username = url.password = "";
    if (url.protocol !== "https:" && !(url.protocol === "http:" && origin.protocol === "http:"))
      throw new TokenServiceUntrustedError(place, url.host, "that would be without TLS");
    if (!mayPointTo(this.#options.endpoint, url))
      throw new TokenServiceUntrustedError(place, url.host, "which is an address inside a network");
    return { realm: url, service };
  }

  private learnScope(permission: Permission, scope: string | undefined): boolean {
    if (!scope) return false;
    const key = permissionKey(permission);
    const known = this.extraScopes.get(key) ?? new Set();
    if (known.has(scope) || scopesOf(permission).includes(scope)) return false;
    // It may name the repository otherwise: one behind a proxy that gives repositories names of its own. The token is
    // for this registry alone, which could have asked for the login itself.
    this.extraScopes.set(key, known.add(scope));
    this.#tokens.delete(key);
    return true;
  }

  private async token(service: TokenService, permission: Permission): Promise<BearerToken> {
    const key = permissionKey(permission);
    const current = this.#tokens.get(key);
    if (current) {
      const token = await current;
      const { clock } = this.#options;
      if (clock.now() < token.renewAt && clock.date() < token.renewAtDate) return token;
      // Whoever comes first renews; the others find the new one.
      if (this.#tokens.get(key) === current) this.#tokens.delete(key);
      return this.token(service, permission);
    }
    const fresh = this.fetchToken(service, permission);
    this.#tokens.set(key, fresh);
    // A failure is for those who wait now; the next request asks again.
    fresh.catch(() => this.#tokens.get(key) === fresh && this.#tokens.delete(key));
    return fresh;
  }

  private async fetchToken(service: TokenService, permission: Permission): Promise<KeptToken> {
    const { clock } = this.#options;
    const { repository } = permission;
    const scopes = [...scopesOf(permission), ...(this.extraScopes.get(permissionKey(permission)) ?? [])];
    let asked = { now: clock.now(), date: clock.date() };
    let own = await this.#credentials.for(repository);
    let answer = await this.askForToken(service, scopes, own);
    if (own && isRefusal(answer, own)) {
      // Passwords that helpers give end too: that of gcloud after an hour.
      const refused = own;
      own = await this.#credentials.renewed(repository, (found) => found === refused);
      asked = { now: clock.now(), date: clock.date() };
      if (!isDeepStrictEqual(own, refused)) answer = await this.askForToken(service, scopes, own);
    }
    if ("status" in answer) throw this.refusal(answer, own, this.asking(service, "for a token"));
    this.#secrets.add(answer.token);
    const use = answer.lifetimeMs - Math.min(RENEWAL_MARGIN_MS, answer.lifetimeMs / 5);
    return { ...answer, renewAt: asked.now + use, renewAtDate: asked.date + use };
  }

  private async askForToken(
    service: TokenService,
    scopes: readonly string[],
    own: Credentials | undefined,
  ): Promise<BearerToken | TokenAnswer> {
    const { endpoint, tokenServices, ask } = this.#options;
    if (own && !isTokenServiceTrusted(endpoint.origin.hostname, service.realm, tokenServices))
      throw new TokenServiceUntrustedError(endpoint.place, service.realm.host);
    const request = (credentials: Credentials | undefined): Promise<BearerToken | TokenAnswer> =>
      requestToken(service, scopes, credentials, ask);
    if (own?.kind !== "azureToken") return request(own);
    const exchange = async (refused?: Credentials): Promise<Credentials> => {
      const given = await this.#azure.refreshToken(own, service.service, refused);
      if ("status" in given) throw this.refusal(given, own, "exchanging the Microsoft Entra token");
      this.keepSecret(given);
      return given;
    };
    const given = await exchange();
    const answer = await request(given);
    return isRefusal(answer, given) ? request(await exchange(given)) : answer;
  }

  /** A token service of another host is named: it is there that things went wrong. */
  private asking({ realm }: TokenService, what: string): string {
    return isSameOrigin(this.#options.endpoint.origin, realm) ? `asking ${what}` : `asking ${realm.host} ${what}`;
  }

  private refusal(answer: TokenAnswer, credentials: Credentials | undefined, doing: string): Error {
    const { registry, kind, place, loginHost, origin } = this.#options.endpoint;
    const { text } = parseApiErrors(answer.body, this.scrub);
    // A login page, a captive portal or a proxy in place of the service: no other attempt brings a token.
    if (isSuccess(answer)) {
      // Plain words could be a token after all.
      const isTold = /^\s*[{<]/.test(answer.body.toString("latin1", 0, 100));
      return new NoTokenError(place, doing, answer.status, isTold ? text : "");
    }
    if (isRefusal(answer, credentials))
      return credentials
        ? new LoginRefusedError(place, userOf(credentials), text)
        : new LoginRequiredError(place, doing, loginHost);
    const context: RequestContext = {
      registry,
      kind,
      place,
      plainHttp: origin.protocol === "http:",
      user: userOf(credentials),
      doing,
      scrub: this.scrub,
    };
    return failureOf(context, answer.status, answer.headers, answer.body, this.#options.clock);
  }

  private keepSecret(credentials: Credentials | undefined): void {
    for (const secret of secretsOf(credentials)) this.#secrets.add(secret);
  }
}

/** Whether it is the credentials that a token service does not take. */
const isRefusal = (answer: BearerToken | TokenAnswer, credentials: Credentials | undefined): boolean =>
  "status" in answer &&
  (answer.status === 401 ||
    answer.status === 403 ||
    // What OAuth2 says to a refresh token that is no more (invalid_grant, RFC 6749, 5.2).
    (answer.status === 400 && credentials !== undefined && credentials.kind !== "basic"));

/** Whether the registry's own `Authorization` may go with a request to this URL. */
export const mayCarryCredentials = (endpoint: Endpoint, url: URL): boolean => isSameOrigin(endpoint.origin, url);

const permissionKey = (permission: Permission): string => scopesOf(permission).join(" ");

/** Scopes in the order that registries expect, the one that matters most first: some look at no other. */
function scopesOf({ repository, push, delete: deletes, mountFrom }: Permission): string[] {
  if (repository === undefined) return [];
  const scopes = [`repository:${repository}:${push ? "pull,push" : "pull"}${deletes ? ",delete" : ""}`];
  if (mountFrom !== undefined) scopes.push(`repository:${mountFrom}:pull`);
  return scopes;
}
