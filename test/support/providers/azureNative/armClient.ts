/** What Resource Manager answered in place of success. */
export class ArmFailure extends Error {
  override readonly name = "ArmFailure";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    // As the Azure SDK for Go words it, which the real provider shows.
    super(`Status=${String(status)} Code="${code}" Message="${message}"`);
  }
}

/** Who the provider is to Azure. */
export interface ArmLogin {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The calls of a provider to Azure. */
export class ArmClient {
  constructor(
    private readonly endpoint: string,
    readonly login: ArmLogin,
  ) {}

  /** A token, another one each time. */
  async token(audience = "https://management.azure.com"): Promise<string> {
    const { tenantId, clientId, clientSecret } = this.login;
    const answer = await fetch(`${this.endpoint}/${tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${audience}/.default`,
      }),
    });
    const body = (await answer.json()) as { access_token?: string; error_description?: string };
    if (body.access_token === undefined) throw new Error(`could not get a token: ${String(body.error_description)}`);
    return body.access_token;
  }

  /** Throws {@link ArmFailure}. */
  async call<T>(method: "GET" | "PUT" | "DELETE", id: string, apiVersion: string, body?: object): Promise<T> {
    for (;;) {
      const answer = await fetch(`${this.endpoint}${id}?api-version=${apiVersion}`, {
        method,
        headers: { authorization: `Bearer ${await this.token()}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      // The SDK that the real provider is built on waits and asks again.
      if (answer.status === 429) {
        await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get("retry-after")) * 100));
        continue;
      }
      if (answer.ok) return (text ? JSON.parse(text) : {}) as T;
      const { error } = JSON.parse(text) as { error: { code: string; message: string } };
      throw new ArmFailure(answer.status, error.code, error.message);
    }
  }

  /** Undefined when Azure does not have it. */
  async find<T>(id: string, apiVersion: string): Promise<T | undefined> {
    try {
      return await this.call<T>("GET", id, apiVersion);
    } catch (error) {
      if (error instanceof ArmFailure && error.status === 404) return undefined;
      throw error;
    }
  }
}
