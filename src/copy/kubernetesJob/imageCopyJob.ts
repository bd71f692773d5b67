import * as pulumi from "@pulumi/pulumi";
import type { TagPolicy } from "../../plan/tagPolicy";
import type { RegistryAccessArgs } from "../imageCopy";
import type { ImageInMirror } from "../imageInMirror";
import { providerTextHere } from "../../resource/ownResource";

/** The Jobs that copy images in a cluster: which cluster, and how. */
export interface CopyJobArgs {
  /** Text of a kubeconfig, a secret. Default: what `kubectl` would use on this machine. */
  kubeconfig?: pulumi.Input<string>;
  /** Context of the kubeconfig. Default: its current one. */
  context?: pulumi.Input<string>;
  /** Namespace of Jobs and pods, which must exist. */
  namespace: pulumi.Input<string>;
  /** Pods at one time. Default: 4. */
  parallelism?: pulumi.Input<number>;
  /** Image with `regctl` and a shell. Default: regclient's own; name its copy where the cluster reaches only the mirror. */
  image?: pulumi.Input<string>;
  /** How often one image is tried again. Default: 3. */
  retries?: pulumi.Input<number>;
  /** Seconds after which a finished Job, its pods and its Secret are deleted. Default: 3600. */
  ttlSeconds?: pulumi.Input<number>;
  /** Service account whose cloud identity the pods log in with, together with `credentialHelpers`. */
  serviceAccount?: pulumi.Input<string>;
  /** Docker credential helper of the pods, by host: `{ "123456789012.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login" }`. */
  credentialHelpers?: pulumi.Input<{ [host: string]: pulumi.Input<string> }>;
  /** Secrets to pull `image` with. */
  imagePullSecrets?: pulumi.Input<pulumi.Input<string>[]>;
  /** Labels of the nodes that the pods may run on. */
  nodeSelector?: pulumi.Input<{ [label: string]: pulumi.Input<string> }>;
}

/** An image of an {@link ImageCopyJob}. */
export interface JobImageArgs {
  source: string;
  target: string;
  digest?: string;
  size?: number;
  platforms?: string[];
}

/** Arguments of {@link ImageCopyJob}. */
export interface ImageCopyJobArgs extends CopyJobArgs {
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
    super(
      ImageCopyJob.type,
      name,
      {
        ...args,
        kubeconfig: args.kubeconfig === undefined ? undefined : pulumi.secret(args.kubeconfig),
        access: args.access === undefined ? undefined : pulumi.secret(args.access),
        __provider: providerTextHere("imageCopyJob"),
      },
      opts,
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
