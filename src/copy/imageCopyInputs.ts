import type { ResourceManagerAccess } from "../azure/resourceManager";
import type { RegistryKind } from "../oci/profiles/registryProfiles";
import type { RegistryAccess } from "../oci/transport/access";
import type { ForeignLayers } from "../oci/copy/copyOptions";
import type { TagPolicy } from "../plan/tagPolicy";
import type { CopyMethod } from "./copyMethod";

/** How to reach one registry, as it travels through Pulumi's engine (always inside a secret). */
export interface AccessInput {
  host: string;
  /** What kind of registry it is, where its host's name does not tell. */
  kind?: RegistryKind;
  /** `host[:port][/path]` that serves the host's images, when it is not the host itself. */
  location?: string;
  /** OCI image layouts that are read in place of the host; `*` as host stands for all others. */
  layouts?: string[];
  username?: string;
  password?: string;
  identityToken?: string;
  /** A Microsoft Entra access token, exchanged at an Azure Container Registry for one of its own. */
  azureToken?: { accessToken: string; tenant?: string };
  /** Of an Azure Container Registry that imports images itself: where it is in Azure, and a login there. */
  resourceManager?: ResourceManagerAccess;
  plainHttp?: boolean;
  caCertificate?: string;
  clientCertificate?: { cert: string; key: string };
  /** Hosts of token services that may see the login beside the registry's own. */
  tokenServices?: string[];
  /** The host may redirect to addresses inside, though it is outside. */
  internalRedirects?: boolean;
  /** Keys of all this whose texts the program keeps secret beside passwords: errors and logs must not show them. */
  hidden?: string[];
}

/**
 * What an ImageCopy's provider receives and keeps. The names are part of old states: add, never rename, since a secret
 * stays a secret only under its own key (Pulumi's dynamic providers see plain text).
 */
export interface ImageCopyInputs {
  source: string;
  target: string;
  /**
   * What the target is to have: the digest of the source, resolved by `check` where the program has not; with
   * `onlyPlatforms` that of those platforms, with `CopyMethod.Docker` that of the push.
   */
  digest?: string;
  /** The platforms that alone are copied, as `os/architecture[/variant]`; absent for all. */
  onlyPlatforms?: string[];
  /** With `onlyPlatforms`: digest of the source. */
  sourceDigest?: string;
  /** Bytes of all blobs and manifests of the image, each counted once. */
  size?: number;
  /** Platforms of the image, as `os/architecture[/variant]`. */
  platforms?: string[];
  access?: AccessInput[];
  /** Who brings the image into the target; absent for this process. */
  method?: CopyMethod;
  /** With `CopyMethod.Docker`: digests of the source's configurations, of which the target is to have one. */
  configs?: string[];
  /** What happens when the source's tag has moved; absent for following it. */
  tags?: TagPolicy;
  /** Whether signatures and all else that refers to the image come with it; absent for no. */
  referrers?: boolean;
  /** What happens to layers that their owner keeps outside registries; absent for leaving them there. */
  foreignLayers?: ForeignLayers;
  /** When the digest was brought into the target, as an ISO date; not known of copies made by older releases. */
  mirroredAt?: string;
}

/** The oci layer's view of one access. */
export function registryAccess({
  caCertificate,
  resourceManager: _,
  hidden: __,
  ...access
}: AccessInput): RegistryAccess {
  return { ...access, ...(caCertificate !== undefined && { caCertificates: [caCertificate] }) };
}
