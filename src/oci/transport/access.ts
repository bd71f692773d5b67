import type { RegistryKind } from "../profiles/registryProfiles";

/**
 * How to reach and log in to one registry.
 *
 * @example
 * ```ts
 * { host: "registry.example.com:5000", username: "robot", password: "…" }
 * { host: "mirror.azurecr.io", azureToken: { accessToken: "…" } }
 * ```
 */
export interface RegistryAccess {
  /** `host` or `host:port`, as image references name it; `docker.io` for Docker Hub. */
  readonly host: string;
  /** What kind of registry it is, where its host's name does not tell. */
  readonly kind?: RegistryKind;
  /**
   * `host[:port][/path]` that serves this registry's images where it cannot be reached itself, such as a company's
   * proxy: `nexus.example.com/docker-hub` for the host `docker.io`. The credentials are for that host then.
   */
  readonly location?: string;
  /**
   * Paths of OCI image layouts, folders or archives, that are read in place of the registry: the first has the names, the
   * others what it lacks of blobs. `*` as host stands for every registry without an entry of its own.
   */
  readonly layouts?: readonly string[];
  readonly username?: string;
  /** For Artifact Registry with user `_json_key`: the key file's JSON text. */
  readonly password?: string;
  /** A refresh token for the registry's token service, what `docker login` calls identity token. */
  readonly identityToken?: string;
  /** A Microsoft Entra (AAD) access token, exchanged at an Azure Container Registry for one of its own. */
  readonly azureToken?: { readonly accessToken: string; readonly tenant?: string };
  /** Talk http, without TLS. Never assumed, not even for localhost. */
  readonly plainHttp?: boolean;
  /** Authorities to trust for this registry beside the system's, PEM. */
  readonly caCertificates?: readonly string[];
  /** A client certificate and its key, PEM; presented to this host alone. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  /**
   * Hosts of token services that may see these credentials, beside the registry's own host and domain
   * (`auth.docker.io` for `docker.io` needs no mention).
   */
  readonly tokenServices?: readonly string[];
  /**
   * This registry may send whoever asks it, or takes its token service, to addresses of private networks and of this
   * machine, though it is not inside itself: its store is. Default: false, since such a redirect reaches what its author
   * cannot.
   */
  readonly internalRedirects?: boolean;
}
