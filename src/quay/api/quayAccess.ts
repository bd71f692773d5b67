/** How to reach the API of a Quay. */
export interface QuayAccess {
  /** `host` or `host:port`. The token is sent to no other. */
  readonly host: string;
  /** Token of an OAuth application, what Quay calls an OAuth 2 access token. */
  readonly token: string;
  /** Talk http, without TLS. Never assumed, not even for localhost. */
  readonly plainHttp?: boolean;
  /** Authorities to trust beside the system's, PEM. */
  readonly caCertificates?: readonly string[];
}

/** What an OAuth token may do ({@link https://docs.quay.io/api/ scopes of Quay's API}). */
export type QuayScope = "org:admin" | "user:admin" | "repo:read" | "repo:create" | "repo:admin";
