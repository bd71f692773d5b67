import * as pulumi from "@pulumi/pulumi";
import type { TagPolicy } from "../plan/tagPolicy";
import type { CopyMethod } from "./copyMethod";
import type { ForeignLayers } from "../oci/copy/copyOptions";
import type { ImageInMirror } from "./imageInMirror";
import { providerTextHere } from "../resource/ownResource";

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
   * `host[:port][/path]` that serves the host's images where it cannot be reached itself, such as a proxy inside the
   * company: `nexus.example.com:8083/docker-hub` for the host `docker.io`. The login is for that host then.
   */
  location?: pulumi.Input<string>;
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

/** Arguments of {@link ImageCopy}. */
export interface ImageCopyArgs {
  /** Image to copy: `quay.io/stackstate/wait:1.0.0`, by tag, digest or both. */
  source: pulumi.Input<string>;
  /** Where to, with host: `registry.example.com:5000/team/wait:1.0.0`. */
  target: pulumi.Input<string>;
  /** Digest of the source, where it is known already; else the tag is resolved in every preview. */
  digest?: pulumi.Input<string>;
  /**
   * Copy these platforms of the image alone, as `linux/amd64`: its index is written anew, with a digest of its own. Only
   * `CopyMethod.Process` can do it. Default: all.
   */
  onlyPlatforms?: pulumi.Input<pulumi.Input<string>[]>;
  /** With `onlyPlatforms`: digest of the source; `digest`, where it is given too, is then that of those platforms. */
  sourceDigest?: pulumi.Input<string>;
  /** Size in bytes, where it is known already; shown in previews. */
  size?: pulumi.Input<number>;
  /** Platforms of the image, where they are known already; shown in previews. */
  platforms?: pulumi.Input<pulumi.Input<string>[]>;
  /** Logins of source and target. Hosts without an entry are tried with the docker config of this machine. */
  access?: pulumi.Input<pulumi.Input<RegistryAccessArgs>[]>;
  /**
   * Who brings the image into the target. Default: `CopyMethod.Process`. With `CopyMethod.Docker` whoever makes this
   * resource has the image pushed, as a registry's `mirrorImages` does; what was pushed is compared.
   */
  method?: pulumi.Input<CopyMethod>;
  /**
   * With `CopyMethod.Docker`, which packs layers anew so that `digest` is that of the push: digests of the source's
   * configurations, of which the target must have one.
   */
  configs?: pulumi.Input<pulumi.Input<string>[]>;
  /** What happens when the source's tag has moved since the image was copied. Default: `TagPolicy.Follow`. */
  tags?: pulumi.Input<TagPolicy>;
  /** Copy what refers to the image, too: signatures, attestations and SBOMs. Default: false. */
  referrers?: pulumi.Input<boolean>;
  /** What happens to layers that their owner keeps outside registries. Default: `ForeignLayers.Skip`, with a warning. */
  foreignLayers?: pulumi.Input<ForeignLayers>;
}

/**
 * One image copied from a registry to another, with all its platforms unless told otherwise, its digest unchanged then.
 *
 * Previews show digest and size; a changed login is no change; an image that has gone from the target is copied again
 * by the next update. Deleting the resource leaves the image in the target, where pods may still need it.
 *
 * @example
 * ```ts
 * new ImageCopy("wait", {
 *   source: "quay.io/stackstate/wait:1.0.0",
 *   target: "registry.example.com:5000/stackstate/wait:1.0.0",
 *   access: [{ host: "registry.example.com:5000", username: "robot", password }],
 * });
 * ```
 */
export class ImageCopy extends pulumi.CustomResource implements ImageInMirror {
  /** Type under which policies find this resource. */
  static readonly type = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";

  // Declared, not defined: a class field would overwrite what the SDK's constructor has set.
  declare readonly source: pulumi.Output<string>;
  declare readonly target: pulumi.Output<string>;
  /** Digest in source and target alike; with `onlyPlatforms` or `CopyMethod.Docker` in the target alone. */
  declare readonly digest: pulumi.Output<string>;
  /** Bytes of all blobs and manifests, each counted once. */
  declare readonly size: pulumi.Output<number>;
  declare readonly platforms: pulumi.Output<string[]>;

  /** Itself: it brings one image. */
  get resource(): pulumi.Resource {
    return this;
  }

  constructor(name: string, args: ImageCopyArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      ImageCopy.type,
      name,
      {
        source: args.source,
        target: args.target,
        digest: args.digest,
        onlyPlatforms: args.onlyPlatforms,
        sourceDigest: args.sourceDigest,
        size: args.size,
        platforms: args.platforms,
        configs: args.configs,
        method: args.method,
        tags: args.tags,
        referrers: args.referrers,
        foreignLayers: args.foreignLayers,
        access: args.access === undefined ? undefined : pulumi.secret(args.access),
        // `dynamic.Resource` would put the output of Pulumi's closure serializer here; see providerText.ts.
        __provider: providerTextHere(),
      },
      opts,
    );
  }
}
