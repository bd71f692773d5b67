import { parseJson, withoutByteOrderMark } from "../../json";
import type { HttpResponse } from "../transport/http";
import { basicAuthorization, IDENTITY_TOKEN_USER, type Credentials } from "./credentials";

/** A Bearer token for some scopes. */
export interface BearerToken {
  readonly token: string;
  /** Milliseconds from when it was asked for. */
  readonly lifetimeMs: number;
}

/** The token service that a registry names. */
export interface TokenService {
  readonly realm: URL;
  readonly service: string | undefined;
}

/** What a token service answered. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: HttpResponse["headers"];
  readonly body: Buffer;
}
/** Sends one request to a token service; must follow no redirect to another origin. */
export type AskTokenService = (request: {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body?: string;
}) => Promise<TokenAnswer>;

const CLIENT_ID = "pulumi-chart-mirror";
/** What the specification says for answers without `expires_in`. */
const DEFAULT_LIFETIME_S = 60;
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/**
 * Asks for a token: by GET with Basic or nothing
 * ({@link https://distribution.github.io/distribution/spec/auth/token/}), by POST with a refresh token
 * ({@link https://distribution.github.io/distribution/spec/auth/oauth/}).
 *
 * @returns the answer itself where it is no success, or holds no token: its meaning depends on who asked.
 */
export async function requestToken(
  service: TokenService,
  scopes: readonly string[],
  credentials: Credentials | undefined,
  ask: AskTokenService,
): Promise<BearerToken | TokenAnswer> {
  let answer: TokenAnswer;
  if (credentials?.kind === "identityToken") {
    answer = await post(service, scopes, { grant_type: "refresh_token", refresh_token: credentials.token }, ask);
    // Not every token service knows OAuth2; those take the token as a password.
    if (answer.status === 404 || answer.status === 405) {
      const username = credentials.username ?? IDENTITY_TOKEN_USER;
      answer = await get(service, scopes, { username, password: credentials.token }, ask);
    }
  } else {
    const basic = credentials?.kind === "basic" ? credentials : undefined;
    answer = await get(service, scopes, basic, ask);
    if ((answer.status === 404 || answer.status === 405) && basic) {
      const { username, password } = basic;
      answer = await post(service, scopes, { grant_type: "password", username, password }, ask);
    }
  }
  if (!isSuccess(answer)) return answer;
  return tokenIn(answer.body) ?? answer;
}

/** Whether the status of an answer is one of success. */
export const isSuccess = ({ status }: TokenAnswer): boolean => status >= 200 && status < 300;

function get(
  { realm, service }: TokenService,
  scopes: readonly string[],
  basic: { username: string; password: string } | undefined,
  ask: AskTokenService,
): Promise<TokenAnswer> {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (basic) url.searchParams.set("account", basic.username);
  return ask({ method: "GET", url, headers: basic ? { Authorization: basicAuthorization(basic) } : {} });
}

function post(
  { realm, service }: TokenService,
  scopes: readonly string[],
  grant: Record<string, string>,
  ask: AskTokenService,
): Promise<TokenAnswer> {
  const form = new URLSearchParams({ ...grant, client_id: CLIENT_ID, scope: scopes.join(" ") });
  if (service !== undefined) form.set("service", service);
  return ask({
    method: "POST",
    url: realm,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
}

function tokenIn(body: Buffer): BearerToken | undefined {
  try {
    const fields = parseJson(withoutByteOrderMark(body.toString("utf8"))) as Record<string, unknown>;
    // Both names are in use: `token` is Docker's, `access_token` that of OAuth2.
    const given = fields.token || fields.access_token;
    if (typeof given !== "string") return undefined;
    // Services that read theirs from a file leave its end in it.
    const token = given.trim();
    if (!HEADER_TEXT.test(token)) return undefined;
    const lifetime = Number(fields.expires_in) > 0 ? Number(fields.expires_in) : DEFAULT_LIFETIME_S;
    return { token, lifetimeMs: lifetime * 1000 };
  } catch {
    return undefined;
  }
}

/**
 * Exchanges a Microsoft Entra access token for a refresh token of an Azure Container Registry
 * ({@link https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md}).
 */
export async function exchangeAzureToken(
  registry: URL,
  service: string | undefined,
  credentials: { accessToken: string; tenant?: string },
  ask: AskTokenService,
): Promise<Credentials | TokenAnswer> {
  const form = new URLSearchParams({
    grant_type: "access_token",
    service: service ?? registry.host,
    ...(credentials.tenant && { tenant: credentials.tenant }),
    access_token: credentials.accessToken,
  });
  const answer = await ask({
    method: "POST",
    url: new URL("/oauth2/exchange", registry),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  if (!isSuccess(answer)) return answer;
  try {
    const token = (parseJson(answer.body.toString("utf8")) as Record<string, unknown>).refresh_token;
    if (typeof token === "string" && token) return { kind: "identityToken", token };
  } catch {
    // Told below.
  }
  return answer;
}
