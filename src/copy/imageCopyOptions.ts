import type { ForeignLayers } from "../oci/copy/copyOptions";
import type { TagPolicy } from "../plan/tagPolicy";
import type { CopyMethod } from "./copyMethod";
import type { CopyJobArgs } from "./kubernetesJob/imageCopyJob";

/** The options of a release for copying its images, passed on whole from its arguments to each `ImageCopy`. */
export interface ImageCopyOptions {
  /**
   * Who moves the bytes. Default: `CopyMethod.Process`, the machine that runs Pulumi, or what the registry says; images
   * that the registry serves through itself are never copied.
   */
  copyWith?: CopyMethod;
  /** The Jobs that copy images with `CopyMethod.Kubernetes`. */
  copyJob?: CopyJobArgs;
  /**
   * The one platform that `CopyMethod.Docker` copies, as `linux/amd64`: that of the cluster's nodes. Default: the
   * daemon's own.
   */
  copyPlatform?: string;
  /**
   * Copy these platforms of each image alone, as `linux/amd64` or `linux/arm/v7`; without a variant, all of them. Its index
   * is written anew, so that its digest in the mirror is another one than at its source. Images that are pulled by a
   * digest of the chart's, artifacts, and images that the mirror serves from their upstream stay whole. An image that lacks
   * one of them is an error in the preview. Only `CopyMethod.Process` can do it. Default: all, every digest stays.
   */
  platforms?: string[];
  /**
   * What happens when a tag names another image than it did when it was mirrored: `follow` takes the new image, `pin`
   * keeps the old one, `fail` fails in the preview. Default: `follow`; with a `lockFile`, which cannot follow, `pin`.
   */
  tags?: TagPolicy;
  /**
   * Bring what refers to images into the mirror, too: signatures, attestations and SBOMs, so that a policy in the cluster
   * can verify them there. Default: false.
   */
  referrers?: boolean;
  /**
   * What happens to layers that images name at an address of their owner, such as the base layers of old Windows images.
   * Where nodes reach the mirror alone, `ForeignLayers.Copy` brings them in as far as their licence allows it;
   * `ForeignLayers.Refuse` fails. Only `CopyMethod.Process` can do either. Default: `ForeignLayers.Skip`, with a warning.
   */
  foreignLayers?: ForeignLayers;
}

/** Every option; the compiler sees to it that none is missing. */
export const IMAGE_COPY_OPTIONS: Record<keyof ImageCopyOptions, true> = {
  copyWith: true,
  copyJob: true,
  copyPlatform: true,
  platforms: true,
  tags: true,
  referrers: true,
  foreignLayers: true,
};

/** These options alone of all that a release was given. */
export function imageCopyOptions(given: ImageCopyOptions): ImageCopyOptions {
  return Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(IMAGE_COPY_OPTIONS, key)));
}
