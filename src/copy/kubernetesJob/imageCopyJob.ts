import * as pulumi from "@pulumi/pulumi";
import type { TagPolicy } from "../../plan/tagPolicy";
import type { RegistryAccessArgs } from "../imageCopy";
import type { ImageInMirror } from "../imageInMirror";
import { ownResource } from "../../resource/ownResource";
import { imageCopyJobFields } from "../argumentShapes";
import { checkArguments } from "../../inputs/checkArguments";
import type { CopyJobArgs, JobImageArgs } from "./copyJobArgs";

export type { CopyJobArgs, JobImageArgs } from "./copyJobArgs";

/** Arguments of {@link ImageCopyJob}. */
export interface ImageCopyJobArgs extends CopyJobArgs {
  /** What is copied: source, target and digest of each image. */
  images: JobImageArgs[];
  /** Logins of sources and targets; the pods get them in a Secret. */
  access?: pulumi.Input<pulumi.Input<RegistryAccessArgs>[]>;
  /** What happens when the tag of a source has moved since its image was copied. Default: `TagPolicy.Follow`. */
  tags?: pulumi.Input<TagPolicy>;
}

/**
 * A set of images that pods of a cluster copy, one Indexed Job for each set of changes.
 *
 * For machines that sit behind a slow line, or that no registry lets in: plan, digests and diffs are those of an
 * `ImageCopy`; only the bytes go another way. It needs the package `@kubernetes/client-node`.
 *
 * @example
 * ```ts
 * new MirroredRelease("stackstate", { ...chart, registry, copyWith: CopyMethod.Kubernetes, copyJob: { namespace: "mirror" } });
 * ```
 */
export class ImageCopyJob extends pulumi.CustomResource {
  /** Type under which policies find this resource. */
  static readonly type = "pulumi-nodejs:dynamic/chart-mirror:ImageCopyJob";

  // Declared, not defined: a class field would overwrite what the SDK's constructor has set.
  declare readonly images: pulumi.Output<JobImageArgs[]>;

  constructor(name: string, args: ImageCopyJobArgs, opts?: pulumi.CustomResourceOptions) {
    checkArguments({ type: "ImageCopyJob", name }, args, imageCopyJobFields);
    const own = ownResource("ImageCopyJob", opts);
    super(
      own.type,
      name,
      {
        ...args,
        kubeconfig: args.kubeconfig === undefined ? undefined : pulumi.secret(args.kubeconfig),
        access: args.access === undefined ? undefined : pulumi.secret(args.access),
        ...own.inputs,
      },
      own.opts,
    );
  }

  /** One image of the set, as what waits for it sees it. */
  image(source: string, target: string): ImageInMirror {
    const read = <T>(field: (image: JobImageArgs) => T | undefined): pulumi.Output<T> =>
      this.images.apply(
        // An unknown stays one: a digest that only pods can read is not known in previews.
        (images) => field(images.find((image) => image.target === target) ?? { source, target }) ?? UNKNOWN,
      );
    return {
      source: pulumi.output(source),
      target: pulumi.output(target),
      digest: read(({ digest }) => digest),
      size: read(({ size }) => size),
      platforms: read(({ platforms }) => platforms),
      urn: this.urn,
      resource: this,
    };
  }
}

const UNKNOWN = pulumi.unknown as unknown as never;
