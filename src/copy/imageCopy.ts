import * as pulumi from "@pulumi/pulumi";
import type { TagPolicy } from "../plan/tagPolicy";
import type { CopyMethod } from "./copyMethod";
import type { ForeignLayers } from "../oci/copy/copyOptions";
import type { ImageInMirror } from "./imageInMirror";
import { ownResource } from "../resource/ownResource";
import { imageCopyFields } from "./argumentShapes";
import { checkArguments } from "../inputs/checkArguments";
import type { RegistryAccessArgs } from "./registryAccessArgs";

export type {
  AzureTokenArgs,
  ClientCertificateArgs,
  ResourceManagerArgs,
  RegistryAccessArgs,
} from "./registryAccessArgs";

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
    checkArguments({ type: "ImageCopy", name }, args, imageCopyFields);
    const own = ownResource("ImageCopy", opts);
    super(
      own.type,
      name,
      {
        // What the provider finds out where the program does not know it.
        digest: undefined,
        size: undefined,
        platforms: undefined,
        ...args,
        access: args.access === undefined ? undefined : pulumi.secret(args.access),
        ...own.inputs,
      },
      own.opts,
    );
  }
}
