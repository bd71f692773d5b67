import type * as pulumi from "@pulumi/pulumi";
import type { RegistryKind } from "../oci/profiles/registryProfiles";

/** A Microsoft Entra access token. */
export interface AzureTokenArgs {
  accessToken: pulumi.Input<string>;
  /** The tenant that gave the token, where the registry is to be told. */
  tenant?: pulumi.Input<string>;
}

/** A certificate by which a registry knows its client (mutual TLS). */
export interface ClientCertificateArgs {
  /** PEM text, with the certificates that lead to its authority. */
  cert: pulumi.Input<string>;
  /** PEM text, without a passphrase. */
  key: pulumi.Input<string>;
}

/** How to reach an Azure Container Registry in Azure Resource Manager. */
export interface ResourceManagerArgs {
  /** `https://management.azure.com`. */
  url: pulumi.Input<string>;
  /** Of the registry: `/subscriptions/…/providers/Microsoft.ContainerRegistry/registries/NAME`. */
  registryId: pulumi.Input<string>;
  /** A Microsoft Entra access token for Resource Manager. */
  accessToken: pulumi.Input<string>;
}

/** How to reach one registry: its login, and what makes it special. */
export interface RegistryAccessArgs {
  /** `host` or `host:port`, as image references write it. The login is sent to no other host. */
  host: pulumi.Input<string>;
  /**
   * What kind of registry it is, where the host's name does not tell, so that errors advise for that kind. `EcrRegistry`,
   * `AcrRegistry` and `QuayRegistry` say it themselves.
   */
  kind?: pulumi.Input<RegistryKind>;
  /**
   * `host[:port][/path]` that serves the host's images where it cannot be reached itself, such as a proxy inside the
   * company: `nexus.example.com:8083/docker-hub` for the host `docker.io`. The login is for that host then.
   */
  location?: pulumi.Input<string>;
  /**
   * Paths of OCI image layouts, archives or folders, that are read in place of the host; the first has the names, the others
   * what it lacks of layers. `*` as host stands for every host without an entry of its own: that is what `sourceBundle` is.
   * Only `CopyMethod.Process` reads them.
   */
  layouts?: pulumi.Input<pulumi.Input<string>[]>;
  username?: pulumi.Input<string>;
  /** Password, token, or the JSON key of a `_json_key` user. */
  password?: pulumi.Input<string>;
  /** Identity (refresh) token in place of user and password. */
  identityToken?: pulumi.Input<string>;
  /** A Microsoft Entra access token in place of user and password: an Azure Container Registry gives its own for it. */
  azureToken?: pulumi.Input<AzureTokenArgs>;
  /** Of an Azure Container Registry that imports images itself (`CopyMethod.AcrImport`): a login in Azure. */
  resourceManager?: pulumi.Input<ResourceManagerArgs>;
  /** Speak plain http to this host. Never guessed: default is false. */
  plainHttp?: pulumi.Input<boolean>;
  /** PEM certificates of an own CA that this host's certificate is checked with, besides the system's. */
  caCertificate?: pulumi.Input<string>;
  /** What the host asks its clients for, beside a login or in place of one; presented to it alone. */
  clientCertificate?: pulumi.Input<ClientCertificateArgs>;
  /**
   * Hosts of token services that may see this login, beside the registry's own host and domain:
   * `["sso.example.net"]`. `auth.docker.io` for `docker.io` needs no mention.
   */
  tokenServices?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Follow this host's redirects, and take its token service, at addresses of private networks and of this machine,
   * though the host is outside: its store is inside. Default: false.
   */
  internalRedirects?: pulumi.Input<boolean>;
}
