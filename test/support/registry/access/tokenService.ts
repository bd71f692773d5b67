import { randomBytes } from "node:crypto";
import { allows, type Access, type Action } from "./access";
import { parseBasic, type Accounts } from "./accounts";
import { RegistryError } from "../endpoints/registryError";
import { jsonReply, type Reply } from "../transport/reply";
import { readBody, type RegistryRequest } from "../transport/request";

/** ACR's user for a refresh token as password ({@link https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md}). */
export const REFRESH_TOKEN_USER = "00000000-0000-0000-0000-000000000000";
const REFRESH_TOKEN_SECONDS = 3 * 3600;
const ACTIONS: readonly Action[] = ["pull", "push", "delete"];

/** How a token service answers. */
export interface TokenServiceOptions {
  /** Docker's ({@link https://distribution.github.io/distribution/spec/auth/token/}) or ACR's. */
  kind: "docker" | "acr";
  /** Name that challenges and requests carry. */
  service: string;
  /** Lifetime of access tokens in seconds. */
  expiresIn: number;
  /** Azure AD tokens that ACR exchanges. */
  exchange?: (token: string) => readonly Access[] | undefined;
  now: () => number;
}

interface Grant {
  access: readonly Access[];
  /** Milliseconds since 1970. */
  expires: number;
}

/** Gives out opaque tokens and knows what they allow. */
export class TokenService {
  readonly #accessTokens = new Map<string, Grant>();
  readonly #refreshTokens = new Map<string, Grant>();

  constructor(
    private readonly accounts: Accounts,
    private readonly options: TokenServiceOptions,
  ) {}

  get service(): string {
    return this.options.service;
  }

  /** Path of the token endpoint. */
  get path(): string {
    return this.options.kind === "acr" ? "/oauth2/token" : "/token";
  }

  /** Whether a path is one of this service. */
  owns(path: string): boolean {
    return path === this.path || (this.options.kind === "acr" && path === "/oauth2/exchange");
  }

  /** What an access token allows; undefined when it is not known or has expired. */
  verify(token: string): readonly Access[] | undefined {
    return this.#current(this.#accessTokens, token);
  }

  /** Forgets all access tokens. */
  revoke(): void {
    this.#accessTokens.clear();
  }

  async handle(request: RegistryRequest): Promise<Reply> {
    if (request.method === "GET") return this.#fromQuery(request);
    if (request.method !== "POST")
      throw new RegistryError("UNSUPPORTED", `${request.method} of a token is not supported`);
    const body = await readBody(request.body, 1024 * 1024);
    const form = new URLSearchParams(body?.toString("utf8"));
    return request.url.pathname === "/oauth2/exchange" ? this.#exchange(form) : this.#fromForm(form);
  }

  #fromQuery({ url, headers }: RegistryRequest): Reply {
    const login = parseBasic(headers.authorization);
    if (headers.authorization !== undefined && !login) throw unauthorized();
    const access = login ? this.#login(login.name, login.password) : this.accounts.anonymous;
    return this.#answer(access, url.searchParams, url.searchParams.get("offline_token") === "true");
  }

  /** {@link https://distribution.github.io/distribution/spec/auth/oauth/} */
  #fromForm(form: URLSearchParams): Reply {
    const offline = form.get("access_type") === "offline";
    const grant = form.get("grant_type");
    if (grant === "password")
      return this.#answer(this.#login(form.get("username") ?? "", form.get("password") ?? ""), form, offline);
    if (grant !== "refresh_token")
      throw new RegistryError("UNSUPPORTED", "grant_type is not supported", { status: 400 });
    const access = this.#current(this.#refreshTokens, form.get("refresh_token") ?? "");
    if (!access) throw unauthorized();
    return this.#answer(access, form, offline);
  }

  #exchange(form: URLSearchParams): Reply {
    if (form.get("grant_type") !== "access_token" || form.get("service") !== this.service)
      throw new RegistryError("UNSUPPORTED", "grant_type or service is wrong", { status: 400 });
    const access = this.options.exchange?.(form.get("access_token") ?? "");
    if (!access) throw unauthorized();
    return jsonReply(200, { refresh_token: this.#grant(this.#refreshTokens, access, REFRESH_TOKEN_SECONDS) });
  }

  #login(name: string, password: string): readonly Access[] {
    const access =
      this.options.kind === "acr" && name === REFRESH_TOKEN_USER
        ? this.#current(this.#refreshTokens, password)
        : this.accounts.check(name, password);
    if (!access) throw unauthorized();
    return access;
  }

  #answer(access: readonly Access[], parameters: URLSearchParams, offline: boolean): Reply {
    const service = parameters.get("service");
    if (service !== null && service !== this.service)
      throw new RegistryError("UNSUPPORTED", `${service} is not served here`, { status: 400 });
    const { expiresIn, kind, now } = this.options;
    const token = this.#grant(this.#accessTokens, narrow(access, parameters.getAll("scope")), expiresIn);
    if (kind === "acr") return jsonReply(200, { access_token: token });
    const refresh = offline && { refresh_token: this.#grant(this.#refreshTokens, access, REFRESH_TOKEN_SECONDS) };
    const issued = new Date(now()).toISOString();
    return jsonReply(200, { token, access_token: token, expires_in: expiresIn, issued_at: issued, ...refresh });
  }

  #grant(tokens: Map<string, Grant>, access: readonly Access[], seconds: number): string {
    const token = randomBytes(32).toString("base64url");
    tokens.set(token, { access, expires: this.options.now() + seconds * 1000 });
    return token;
  }

  #current(tokens: Map<string, Grant>, token: string): readonly Access[] | undefined {
    const grant = tokens.get(token);
    return grant && grant.expires > this.options.now() ? grant.access : undefined;
  }
}

/** The part of some rights that scopes ask for: `repository:NAME:pull,push`, several in one text parted by spaces. */
function narrow(access: readonly Access[], scopes: readonly string[]): Access[] {
  return scopes
    .flatMap((scope) => scope.split(" "))
    .flatMap((scope) => {
      const [, repository, asked = ""] = /^repository:(.+):([^:]*)$/.exec(scope) ?? [];
      if (repository === undefined) return [];
      const names = asked.split(",");
      const actions = ACTIONS.filter((a) => names.includes(a) || names.includes("*"));
      return { repositories: repository, actions: actions.filter((action) => allows(access, repository, action)) };
    });
}

function unauthorized(): RegistryError {
  return new RegistryError("UNAUTHORIZED", "incorrect username or password");
}
