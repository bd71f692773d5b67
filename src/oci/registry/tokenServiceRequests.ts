import { mayCarryCredentials } from "../auth/login";
import type { AskTokenService, TokenAnswer } from "../auth/tokenService";
import { followLocation, isSameOrigin } from "../transport/endpoint";
import type { RegistryConnection } from "./registryConnection";
import type { RegistryRequest } from "./registryRequest";

const MAX_REDIRECTS = 6;
const TOKEN_BODY_BYTES = 1024 * 1024;

/** Asks a registry's token service, and follows it no further than a login may go. */
export async function askTokenService(
  connection: RegistryConnection,
  request: Parameters<AskTokenService>[0],
): Promise<TokenAnswer> {
  const { endpoint } = connection;
  for (let { url } = request, redirects = 0; ; redirects++) {
    const answer = await askAt(connection, url, request);
    const { status, headers } = answer;
    if (status < 301 || status > 308 || headers.location === undefined) return answer;
    const next = followLocation(endpoint, url, headers.location);
    // The request carries credentials, and only GET may be said to be the same at another place.
    if (!isSameOrigin(url, next) || (request.method === "POST" && status < 307) || redirects === MAX_REDIRECTS) {
      const { LocationRefusedError } = require("../errors/errors") as typeof import("../errors/errors");
      throw new LocationRefusedError(endpoint.place, next.host, "a login is sent to no place but its token service");
    }
    url = next;
  }
}

async function askAt(
  connection: RegistryConnection,
  url: URL,
  { method, headers, body = "" }: Parameters<AskTokenService>[0],
): Promise<TokenAnswer> {
  const place = mayCarryCredentials(connection.endpoint, url) ? "" : `${url.host} `;
  const request: RegistryRequest = { doing: `asking ${place}for a token`, method, url, permission: {}, expect: [] };
  const idleTimeout = connection.patienceOf(request);
  const exchange = connection.open(request, url, false, {
    method,
    url,
    headers,
    body,
    idleTimeout,
    purpose: "for a token",
  });
  const response = await exchange.response.catch((error: Error) => {
    const { connectionFailure } = require("../transport/failure") as typeof import("../transport/failure");
    const context = connection.contextOf(request.doing);
    throw connectionFailure(context, url.host, error, idleTimeout, exchange.sink.reusedSocket);
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await connection.read(request, url, response, TOKEN_BODY_BYTES),
  };
}
