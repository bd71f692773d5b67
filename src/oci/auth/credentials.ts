import { secretOfLogin, shownUser } from "../../image/addressLogin";

/** A login at a registry: user and password, or a token. */
export type Credentials =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** A refresh token for the registry's token service. */
  | { readonly kind: "identityToken"; readonly token: string; readonly username?: string }
  /** A Bearer token that the registry itself takes. */
  | { readonly kind: "registryToken"; readonly token: string }
  /** A Microsoft Entra access token, to be exchanged at an Azure Container Registry. */
  | { readonly kind: "azureToken"; readonly accessToken: string; readonly tenant?: string };

/** A store of credentials, asked anew when a registry refuses what it gave before. */
export interface Keychain {
  /**
   * @param host as image references name it; `docker.io` for Docker Hub.
   * @param repository the repository without its host: podman keeps credentials for namespaces too.
   */
  credentialsFor(host: string, repository?: string): Promise<Credentials | undefined>;
}

/** The user to name in an error; undefined for tokens. */
export function userOf(credentials: Credentials | undefined): string | undefined {
  if (credentials?.kind === "basic") return shownUser(credentials.username, credentials.password);
  return credentials?.kind === "identityToken" ? credentials.username : undefined;
}

/** Every secret text in credentials, for those who must keep it out of messages. */
export function secretsOf(credentials: Credentials | undefined): string[] {
  switch (credentials?.kind) {
    case undefined:
      return [];
    case "basic":
      return [
        secretOfLogin(credentials.username, credentials.password),
        basicAuthorization(credentials).slice("Basic ".length),
      ];
    case "azureToken":
      return [credentials.accessToken];
    case "identityToken":
    case "registryToken":
      return [credentials.token];
  }
}

/** The value of an `Authorization` header ({@link https://www.rfc-editor.org/rfc/rfc7617}). */
export const basicAuthorization = (credentials: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, "utf8").toString("base64")}`;

/** What `docker login` writes as user where the password is an identity token. */
export const IDENTITY_TOKEN_USER = "<token>";

/** Credentials from a user and a password, which is an identity token for the user `<token>`. */
export const fromUserAndPassword = (username: string, password: string): Credentials =>
  username === IDENTITY_TOKEN_USER ? { kind: "identityToken", token: password } : { kind: "basic", username, password };
