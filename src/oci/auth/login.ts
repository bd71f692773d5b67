import type { Clock } from "../clock";
import type { Endpoint } from "../endpoint";
import { isSameOrigin } from "../endpoint";
import { AccessDeniedError, LoginRefusedError, LoginRequiredError, TokenServiceUntrustedError } from "../errors";
import { failureOf, parseApiErrors, type RequestContext } from "../failure";
import { parseChallenges } from "./challenge";
import { basicAuthorization, secretsOf, userOf, type Credentials } from "./credentials";
import {
  exchangeAzureToken,
  requestToken,
  type AskTokenService,
  type BearerToken,
  type TokenAnswer,
  type TokenService,
} from "./tokenService";
import { isTokenServiceTrusted } from "./tokenServiceTrust";

/** What a request is going to do, in terms of token scopes. */
export interface Permission {
  /** Absent for requests that are about no repository. */
  readonly repository?: string;
  readonly push?: boolean;
  /** The repository to mount a blob from. */
  readonly mountFrom?: string;
}

/** Where credentials come from. `refresh` asks anew, after what came before was refused. */
export type CredentialSource = (repository: string | undefined, refresh: boolean) => Promise<Credentials | undefined>;

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

type Scheme = { readonly kind: "basic" } | { readonly kind: "bearer"; readonly service: TokenService };

/** The login at one registry: learns from challenges, keeps tokens, renews them. */
export class RegistryLogin {
  private scheme: Scheme | undefined;
  private readonly tokens = new Map<string, Promise<BearerToken & { renewAt: number }>>();
  /** Scopes that the registry asked for beside the expected ones. */
  private readonly extraScopes = new Map<string, Set<string>>();
  private readonly credentials = new Map<string, Promise<Credentials | undefined>>();
  private readonly secrets = new Set<string>();

  constructor(private readonly options: LoginOptions) {}

  /** The `Authorization` for a request to the registry's own origin; undefined while none seems to be needed. */
  async authorization(permission: Permission): Promise<string | undefined> {
    const credentials = await this.credentialsFor(permission.repository);
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
    const { endpoint } = this.options;
    const registry = endpoint.registry;
    const challenges = parseChallenges(header ?? "");
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    const basic = challenges.some(({ scheme }) => scheme === "basic");
    const credentials = await this.credentialsFor(permission.repository);
    // Some registries send 401 without a challenge when a token is dead.
    if (!bearer && !basic && (sent === undefined || renewals > 0)) {
      if (credentials) throw new LoginRefusedError(registry, userOf(credentials));
      throw new LoginRequiredError(registry, doing);
    }
    if (bearer) {
      this.scheme = { kind: "bearer", service: this.serviceIn(bearer.parameters) };
      const isNewScope = this.learnScope(permission, bearer.parameters.scope);
      if (renewals >= 2 && !isNewScope) {
        if (!credentials) throw new LoginRequiredError(registry, doing);
        if (credentials.kind === "registryToken") throw new LoginRefusedError(registry, undefined);
        throw new AccessDeniedError(registry, userOf(credentials), doing, "its token does not allow it", permission);
      }
    } else if (basic) {
      this.scheme = { kind: "basic" };
      if (!credentials) throw new LoginRequiredError(registry, doing);
      if (renewals >= 2) throw new LoginRefusedError(registry, userOf(credentials));
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
    const credentials = await this.credentialsFor(permission.repository, true);
    return credentials?.kind === "basic" && basicAuthorization(credentials) !== sent;
  }

  /** Takes every secret that this login knows out of a text. */
  readonly scrub = (text: string): string => {
    let clean = text;
    for (const secret of this.secrets) clean = clean.split(secret).join("***");
    return clean;
  };

  /** The user to name in errors. */
  async user(repository: string | undefined): Promise<string | undefined> {
    return userOf(await this.credentialsFor(repository).catch(() => undefined));
  }

  private async forget(permission: Permission, sent: string, renewals: number): Promise<void> {
    const key = permissionKey(permission);
    const token = await this.tokens.get(key)?.catch(() => undefined);
    // Another request may have renewed it already.
    if (token && sent === `Bearer ${token.token}`) this.tokens.delete(key);
    // A fresh token was refused too, or the password was: the keychain may have newer credentials.
    if (renewals > 0 || this.scheme?.kind === "basic") await this.credentialsFor(permission.repository, true);
  }

  private serviceIn(parameters: Readonly<Record<string, string>>): TokenService {
    const { endpoint } = this.options;
    try {
      const realm = new URL(parameters.realm ?? "", endpoint.origin);
      if (realm.protocol !== "https:" && !(realm.protocol === "http:" && endpoint.origin.protocol === "http:"))
        throw new TokenServiceUntrustedError(endpoint.registry, `${realm.host}, without TLS`);
      return { realm, service: parameters.service };
    } catch (error) {
      if (error instanceof TokenServiceUntrustedError) throw error;
      throw new TokenServiceUntrustedError(endpoint.registry, "a place that is no URL");
    }
  }

  private learnScope(permission: Permission, scope: string | undefined): boolean {
    if (!scope) return false;
    const key = permissionKey(permission);
    const known = this.extraScopes.get(key) ?? new Set();
    if (known.has(scope) || scopesOf(permission).includes(scope)) return false;
    // What another repository needs is asked with its own requests; a challenge cannot widen a token at will.
    if (!scope.split(" ").every((part) => scopesOf(permission).some((own) => sameResource(own, part)))) return false;
    this.extraScopes.set(key, known.add(scope));
    this.tokens.delete(key);
    return true;
  }

  private async token(service: TokenService, permission: Permission): Promise<BearerToken> {
    const key = permissionKey(permission);
    const current = this.tokens.get(key);
    if (current) {
      const token = await current;
      if (this.options.clock.now() < token.renewAt) return token;
      // Whoever comes first renews; the others find the new one.
      if (this.tokens.get(key) === current) this.tokens.delete(key);
      return this.token(service, permission);
    }
    const fresh = this.fetchToken(service, permission);
    this.tokens.set(key, fresh);
    // A failure is for those who wait now; the next request asks again.
    fresh.catch(() => this.tokens.get(key) === fresh && this.tokens.delete(key));
    return fresh;
  }

  private async fetchToken(service: TokenService, permission: Permission): Promise<BearerToken & { renewAt: number }> {
    const { endpoint, clock, ask } = this.options;
    const own = await this.credentialsFor(permission.repository);
    if (own && !isTokenServiceTrusted(endpoint.origin.hostname, service.realm, this.options.tokenServices))
      throw new TokenServiceUntrustedError(endpoint.registry, service.realm.host);
    const credentials = own?.kind === "azureToken" ? await this.azureCredentials(own, service) : own;
    const scopes = [...scopesOf(permission), ...(this.extraScopes.get(permissionKey(permission)) ?? [])];
    const asked = clock.now();
    const answer = await requestToken(service, scopes, credentials, ask, asked);
    if ("status" in answer) throw this.refusal(answer, own, "asking for a token");
    this.secrets.add(answer.token);
    const lifetime = answer.expiresAt - asked;
    return { ...answer, renewAt: answer.expiresAt - Math.min(RENEWAL_MARGIN_MS, lifetime / 5) };
  }

  private async azureCredentials(
    own: Credentials & { kind: "azureToken" },
    service: TokenService,
  ): Promise<Credentials> {
    const answer = await exchangeAzureToken(this.options.endpoint.origin, service.service, own, this.options.ask);
    if ("status" in answer) throw this.refusal(answer, own, "exchanging the Microsoft Entra token");
    for (const secret of secretsOf(answer)) this.secrets.add(secret);
    return answer;
  }

  private refusal(answer: TokenAnswer, credentials: Credentials | undefined, doing: string): Error {
    const { registry } = this.options.endpoint;
    const { text } = parseApiErrors(answer.body, this.scrub);
    // 400 is what OAuth2 says to a refresh token that is no more (invalid_grant, RFC 6749, 5.2).
    if (
      answer.status === 401 ||
      answer.status === 403 ||
      (answer.status === 400 && credentials && credentials.kind !== "basic")
    )
      return credentials
        ? new LoginRefusedError(registry, userOf(credentials), text)
        : new LoginRequiredError(registry, doing);
    const context: RequestContext = { registry, user: userOf(credentials), doing, scrub: this.scrub };
    return failureOf(context, answer.status, answer.headers, answer.body, this.options.clock);
  }

  private credentialsFor(repository: string | undefined, refresh = false): Promise<Credentials | undefined> {
    const key = repository ?? "";
    let credentials = this.credentials.get(key);
    if (!credentials || refresh) {
      credentials = this.options.credentials(repository, refresh).then((found) => {
        for (const secret of secretsOf(found)) if (secret) this.secrets.add(secret);
        return found;
      });
      this.credentials.set(key, credentials);
      credentials.catch(() => this.credentials.delete(key));
    }
    return credentials;
  }
}

/** Whether the registry's own `Authorization` may go with a request to this URL. */
export const mayCarryCredentials = (endpoint: Endpoint, url: URL): boolean => isSameOrigin(endpoint.origin, url);

const permissionKey = (permission: Permission): string => scopesOf(permission).join(" ");

/** Scopes in the order that registries expect, the one that matters most first: some look at no other. */
function scopesOf({ repository, push, mountFrom }: Permission): string[] {
  if (repository === undefined) return [];
  const scopes = [`repository:${repository}:${push ? "pull,push" : "pull"}`];
  if (mountFrom !== undefined) scopes.push(`repository:${mountFrom}:pull`);
  return scopes;
}

const sameResource = (a: string, b: string): boolean =>
  a.slice(0, a.lastIndexOf(":")) === b.slice(0, b.lastIndexOf(":"));
