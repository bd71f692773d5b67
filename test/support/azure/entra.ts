import { randomBytes } from "node:crypto";
import { AzureError } from "./azureError";

/** Who a token is for. */
export interface EntraToken {
  readonly tenant: string;
  /** `https://management.azure.com`, without a path. */
  readonly audience: string;
  readonly principal: string;
}

/** An application that may log in, with what the provider is configured with. */
export interface ServicePrincipal {
  readonly tenant: string;
  readonly clientId: string;
  readonly objectId: string;
  readonly clientSecret: string;
}

/**
 * Microsoft Entra ID, as far as service principals log in: each login gives another token.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export class Entra {
  readonly #tokens = new Map<string, EntraToken>();
  readonly #principals: ServicePrincipal[] = [];

  /** Makes an application with a secret. */
  register(tenant: string): ServicePrincipal {
    const made = {
      tenant,
      clientId: guid(),
      objectId: guid(),
      clientSecret: randomBytes(24).toString("base64url"),
    };
    this.#principals.push(made);
    return made;
  }

  /** The answer to `POST /TENANT/oauth2/v2.0/token`. */
  login(tenant: string, form: URLSearchParams): object {
    if (form.get("grant_type") !== "client_credentials")
      throw new AzureError(400, "unsupported_grant_type", "AADSTS70003: the grant type is not supported");
    const found = this.#principals.find((one) => one.tenant === tenant && one.clientId === form.get("client_id"));
    if (found?.clientSecret !== form.get("client_secret"))
      throw new AzureError(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    const scope = /^(https:\/\/.+?)\/*\.default$/.exec(form.get("scope") ?? "");
    if (!scope) throw new AzureError(400, "invalid_scope", "AADSTS1002012: the scope is not valid");
    const token = `entra.${randomBytes(24).toString("base64url")}`;
    this.#tokens.set(token, { tenant, audience: (scope[1] as string).replace(/\/+$/, ""), principal: found.objectId });
    return { token_type: "Bearer", expires_in: 3599, access_token: token };
  }

  /** Who a token is for; undefined for one that was not given out here. */
  verify(token: string): EntraToken | undefined {
    return this.#tokens.get(token);
  }
}

/** A random GUID. */
export function guid(): string {
  const hex = randomBytes(16).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
