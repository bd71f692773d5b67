import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../transport/clock";
import type { Permission } from "../errors/permission";
import { isSameOrigin, mayPointTo, withTlsOf, type Endpoint } from "../transport/endpoint";
import { LoginRefusedError, LoginRequiredError, NoTokenError, TokenServiceUntrustedError } from "../errors/errors";
import { failureOf, parseApiErrors, type RequestContext } from "../transport/failure";
import { AzureExchange } from "./azureExchange";
import { secretsOf, userOf, type Credentials } from "./credentials";
import type { CurrentCredentials } from "./currentCredentials";
import type { SecretTexts } from "./secretTexts";
import {
  isSuccess,
  requestToken,
  type AskTokenService,
  type BearerToken,
  type TokenAnswer,
  type TokenService,
} from "./tokenService";
import { isTokenServiceTrusted } from "./tokenServiceTrust";

export interface TokenOptions {
  readonly endpoint: Endpoint;
  /** Hosts that may see the credentials beside the registry's own. */
  readonly tokenServices: readonly string[];
  readonly ask: AskTokenService;
  readonly clock: Clock;
}

/** Tokens are renewed this long before they die, at most a fifth of their life. */
const RENEWAL_MARGIN_MS = 30_000;

/** A token, and when to have a new one by either clock: the machine's date may be set back, and its other clock sleep with it. */
type KeptToken = BearerToken & { readonly renewAt: number; readonly renewAtDate: number };

/** The tokens of one registry, from the service that its challenge names: asked for, kept and renewed. */
export class BearerTokens {
  private service: TokenService | undefined;
  /** Scopes that the registry asked for beside the expected ones. */
  private readonly extraScopes = new Map<string, Set<string>>();
  readonly #options: TokenOptions;
  readonly #tokens = new Map<string, Promise<KeptToken>>();
  readonly #secrets: SecretTexts;
  readonly #credentials: CurrentCredentials;
  readonly #azure: AzureExchange;

  constructor(options: TokenOptions, credentials: CurrentCredentials, secrets: SecretTexts) {
    this.#options = options;
    this.#credentials = credentials;
    this.#secrets = secrets;
    this.#azure = new AzureExchange(options.endpoint.origin, options.ask);
  }

  /**
   * Learns from a challenge where to ask, and for what.
   *
   * @returns whether it asks for a scope that was not asked for before
   * @throws {TokenServiceUntrustedError}
   */
  challenged(permission: Permission, parameters: Readonly<Record<string, string>>): boolean {
    this.service = this.serviceIn(parameters);
    return this.learnScope(permission, parameters.scope);
  }

  /** The `Authorization` for a request; undefined before the first challenge. */
  async authorization(permission: Permission): Promise<string | undefined> {
    return this.service && `Bearer ${(await this.token(this.service, permission)).token}`;
  }

  /** Forgets a token that was refused; another request may have renewed it already. */
  async forget(permission: Permission, sent: string): Promise<void> {
    const key = permissionKey(permission);
    const current = this.#tokens.get(key);
    const token = await current?.catch(() => undefined);
    if (token && sent === `Bearer ${token.token}` && this.#tokens.get(key) === current) this.#tokens.delete(key);
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

  private readonly scrub = (text: string): string => this.#secrets.scrub(text);

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

const permissionKey = (permission: Permission): string => scopesOf(permission).join(" ");

/** Scopes in the order that registries expect, the one that matters most first: some look at no other. */
function scopesOf({ repository, push, delete: deletes, mountFrom }: Permission): string[] {
  if (repository === undefined) return [];
  const scopes = [`repository:${repository}:${push ? "pull,push" : "pull"}${deletes ? ",delete" : ""}`];
  if (mountFrom !== undefined) scopes.push(`repository:${mountFrom}:pull`);
  return scopes;
}
