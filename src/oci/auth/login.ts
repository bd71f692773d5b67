import type { Permission } from "../errors/permission";
import { isSameOrigin, type Endpoint } from "../transport/endpoint";
import type { BearerTokens, TokenOptions } from "./bearerTokens";
import type { Credentials } from "./credentials";
import { CurrentCredentials, type CredentialSource } from "./currentCredentials";
import type { SecretTexts } from "./secretTexts";

export type { CredentialSource };

/** Loaded with the first login. */
const loadCredentials = () => require("./credentials") as typeof import("./credentials");
/** Loaded with the first secret, and with the first token service. */
const loadSecretTexts = () => require("./secretTexts") as typeof import("./secretTexts");
/** Loaded with the first challenge of a token service. */
const bearerTokens = () => require("./bearerTokens") as typeof import("./bearerTokens");
/** Loaded with the first answer that asks for a login. */
const challenge = () => require("./challenge") as typeof import("./challenge");
/** Loaded with the first failure. */
const errors = () => require("../errors/errors") as typeof import("../errors/errors");

export interface LoginOptions extends TokenOptions {
  readonly credentials: CredentialSource;
}

/**
 * The login at one registry: learns from challenges, keeps tokens, renews them.
 *
 * Fields that hold secrets are private to JavaScript itself, so that printing a login, or what holds one, shows none.
 */
export class RegistryLogin {
  private scheme: "basic" | "bearer" | undefined;
  readonly #options: LoginOptions;
  #tokens: BearerTokens | undefined;
  #secrets: SecretTexts | undefined;
  readonly #credentials: CurrentCredentials;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#credentials = new CurrentCredentials(options.credentials, (found) => this.keepSecret(found));
  }

  /** Looks for the credentials of a request that will come: who look at the same time have one look at files and helpers. */
  lookUp({ repository }: Permission): void {
    // What fails is looked for again, and told, by the request itself.
    this.#credentials.for(repository).catch(() => undefined);
  }

  /** The `Authorization` for a request to the registry's own origin; undefined while none seems to be needed. */
  async authorization(permission: Permission): Promise<string | undefined> {
    const credentials = await this.#credentials.for(permission.repository);
    if (credentials?.kind === "registryToken") return `Bearer ${credentials.token}`;
    if (this.scheme === "basic")
      return credentials?.kind === "basic" ? loadCredentials().basicAuthorization(credentials) : undefined;
    return this.scheme === "bearer" ? this.#tokens?.authorization(permission) : undefined;
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
    const challenges = challenge().parseChallenges(header ?? "");
    const basic = challenges.some(({ scheme }) => scheme === "basic");
    const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && (parameters.realm || !basic));
    const credentials = await this.#credentials.for(permission.repository);
    const { userOf } = loadCredentials();
    // Some registries send 401 without a challenge when a token is dead.
    if (!bearer && !basic && (sent === undefined || renewals > 0)) {
      if (credentials) throw new (errors().LoginRefusedError)(place, userOf(credentials));
      throw new (errors().LoginRequiredError)(place, doing, loginHost);
    }
    if (bearer) {
      this.#tokens ??= new (bearerTokens().BearerTokens)(this.#options, this.#credentials, this.secrets);
      const isNewScope = this.#tokens.challenged(permission, bearer.parameters);
      this.scheme = "bearer";
      if (renewals >= 2 && !isNewScope) {
        if (!credentials) throw new (errors().LoginRequiredError)(place, doing, loginHost);
        if (credentials.kind === "registryToken") throw new (errors().LoginRefusedError)(place, undefined);
        throw new (errors().AccessDeniedError)(place, userOf(credentials), doing, "its token does not allow it", {
          kind,
          ...permission,
        });
      }
    } else if (basic) {
      this.scheme = "basic";
      if (!credentials) throw new (errors().LoginRequiredError)(place, doing, loginHost);
      if (renewals >= 2) throw new (errors().LoginRefusedError)(place, userOf(credentials));
    }
    if (sent !== undefined) await this.forget(permission, sent, renewals);
  }

  /**
   * Learns from a 403 to Basic credentials: ECR says so to those that have expired, too.
   *
   * @returns whether the keychain has other credentials now.
   */
  async hasOther(permission: Permission, sent: string | undefined): Promise<boolean> {
    if (this.scheme !== "basic" || sent === undefined) return false;
    const wasSent = (found: Credentials | undefined) =>
      found?.kind === "basic" && loadCredentials().basicAuthorization(found) === sent;
    const credentials = await this.#credentials.renewed(permission.repository, wasSent);
    return credentials?.kind === "basic" && !wasSent(credentials);
  }

  /** Takes every secret that this login knows out of a text. */
  readonly scrub = (text: string): string => this.#secrets?.scrub(text) ?? text;

  /** The user to name in errors. */
  async user(repository: string | undefined): Promise<string | undefined> {
    return loadCredentials().userOf(await this.#credentials.for(repository).catch(() => undefined));
  }

  private get secrets(): SecretTexts {
    return (this.#secrets ??= new (loadSecretTexts().SecretTexts)());
  }

  private async forget(permission: Permission, sent: string, renewals: number): Promise<void> {
    await this.#tokens?.forget(permission, sent);
    // A fresh token was refused too, or the password was: the keychain may have newer credentials.
    const wasRefused = (found: Credentials | undefined) =>
      found?.kind === "basic" && this.scheme === "basic"
        ? loadCredentials().basicAuthorization(found) === sent
        : renewals > 0;
    await this.#credentials.renewed(permission.repository, wasRefused);
  }

  private keepSecret(credentials: Credentials | undefined): void {
    if (!credentials) return;
    for (const secret of loadCredentials().secretsOf(credentials)) this.secrets.add(secret);
  }
}

/** Whether the registry's own `Authorization` may go with a request to this URL. */
export const mayCarryCredentials = (endpoint: Endpoint, url: URL): boolean => isSameOrigin(endpoint.origin, url);
