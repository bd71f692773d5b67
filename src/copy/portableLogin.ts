import { parseChallenges } from "../oci/auth/challenge";
import { exchangeAzureToken, type AskTokenService } from "../oci/auth/tokenService";
import { LoginRefusedError } from "../oci/errors/errors";
import type { Registries } from "../oci/registries";
import type { AccessInput } from "./imageCopyInputs";

/** The user that an Azure Container Registry knows its own tokens by. */
export const AZURE_TOKEN_USER = "00000000-0000-0000-0000-000000000000";

/**
 * A login for programs that know users and passwords alone: a Microsoft Entra token is exchanged for one of its registry,
 * which is a password there for three hours. Every other login is what it was.
 *
 * @param registriesFor registries with a login, here with none
 * @throws {LoginRefusedError} when the registry does not take the token
 * @see https://learn.microsoft.com/azure/container-registry/container-registry-authentication#az-acr-login-with---expose-token
 */
export async function portableLogin(
  { azureToken, ...access }: AccessInput,
  registriesFor: (access: readonly AccessInput[]) => Pick<Registries, "client">,
): Promise<AccessInput> {
  if (!azureToken) return access;
  const { host, kind, location, plainHttp, caCertificate, clientCertificate } = access;
  const reach = {
    host,
    kind,
    location,
    plainHttp,
    caCertificate,
    clientCertificate,
  };
  const { session } = registriesFor([reach]).client(host);
  const doing = `exchanging the Microsoft Entra token at ${host}`;
  const ask: AskTokenService = ({ method, url, headers, body }) =>
    session.send({
      doing,
      method,
      url,
      permission: {},
      headers,
      ...(body !== undefined && { body: Buffer.from(body) }),
      expect: [200, 400, 401, 403],
    });
  // The registry tells in its challenge which service tokens are for.
  const { headers } = await session.send({ doing, method: "GET", url: "", permission: {}, expect: [200, 401] });
  const bearer = parseChallenges(headers["www-authenticate"] ?? "").find(({ scheme }) => scheme === "bearer");
  const answer = await exchangeAzureToken(session.endpoint.origin, bearer?.parameters.service, azureToken, ask);
  if ("status" in answer || answer.kind !== "identityToken") throw new LoginRefusedError(host, undefined);
  return { ...access, username: AZURE_TOKEN_USER, password: answer.token };
}
