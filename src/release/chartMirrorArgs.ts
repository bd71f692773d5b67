import type * as pulumi from "@pulumi/pulumi";
import type { CopyMethod } from "../copy/copyMethod";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import type { CopyJobArgs } from "../copy/kubernetesJob/imageCopyJob";
import type { ForeignLayers } from "../oci/copy/copyOptions";
import type { TagPolicy } from "../plan/tagPolicy";
import type { PullSecretOptions } from "./pullAccess";
import type { MirrorRegistry } from "../registry/mirrorRegistry";
import type { TrustPolicy } from "../trust/trustPolicy";

/** Where a chart comes from besides its name: the `repositoryOpts` of `kubernetes.helm.v3.Release`. */
export interface ChartRepositoryOpts {
  /** URL of the chart repository. */
  repo?: pulumi.Input<string | undefined>;
  username?: pulumi.Input<string | undefined>;
  password?: pulumi.Input<string | undefined>;
  caFile?: pulumi.Input<string | undefined>;
  certFile?: pulumi.Input<string | undefined>;
  keyFile?: pulumi.Input<string | undefined>;
  /** Speak http without TLS with the OCI registry that holds the chart. Default: false. */
  plainHttp?: pulumi.Input<boolean | undefined>;
}

/** What mirroring a chart needs beyond the chart itself; shared by all components that mirror. */
export interface MirrorOptions {
  /** Where the images will live. One registry may serve many charts. */
  registry: MirrorRegistry;
  /** Logins of the registries that the chart's images come from, and of their locations where they are proxied. */
  sourceAccess?: pulumi.Input<RegistryAccessArgs>[];
  pullSecret?: PullSecretOptions;
  /** Images to mirror that no analysis of the chart can see, such as defaults compiled into an operator. */
  extraImages?: string[];
  /** Texts that look like images and are none, or that may stay outside: exact references, `*` for any characters. */
  ignoreImages?: string[];
  /** Deploy although images would still be pulled from outside the mirror; they are warnings then. Default: false. */
  allowEscapes?: boolean;
  /**
   * Path of a lock file that says exactly which images are deployed, and to which nothing may be added: previews need no
   * source registry then, and are the same on every machine. `CHART_MIRROR_LOCK=write pulumi preview` writes it.
   */
  lockFile?: string;
  /**
   * What happens when a tag names another image than it did when it was mirrored: `follow` takes the new image, `pin`
   * keeps the old one, `fail` fails in the preview. Default: `follow`; with a `lockFile`, which cannot follow, `pin`.
   */
  tags?: TagPolicy;
  /**
   * Write the digests of images into the chart's values, so that nodes pull exactly those images, whatever becomes of
   * tags. Images for which the chart has no place for one are a warning. Default: false.
   */
  pinDigests?: boolean;
  /**
   * Put the chart itself into the mirror, too, as an OCI artifact, and deploy it from there. With a `lockFile`, nothing
   * outside the mirror is asked for any more once it is there. Default: false.
   */
  mirrorChart?: boolean;
  /**
   * Who moves the bytes. Default: `CopyMethod.Process`, the machine that runs Pulumi, or what the registry says; images
   * that the registry serves through itself are never copied.
   */
  copyWith?: CopyMethod;
  /**
   * Copy these platforms of each image alone, as `linux/amd64` or `linux/arm/v7`; without a variant, all of them. Its index
   * is written anew, so that its digest in the mirror is another one than at its source. Images that are pulled by a
   * digest of the chart's, artifacts, and images that the mirror serves from their upstream stay whole. An image that lacks
   * one of them is an error in the preview. Only `CopyMethod.Process` can do it. Default: all, every digest stays.
   */
  platforms?: string[];
  /** The Jobs that copy images with `CopyMethod.Kubernetes`. */
  copyJob?: CopyJobArgs;
  /**
   * The one platform that `CopyMethod.Docker` copies, as `linux/amd64`: that of the cluster's nodes. Default: the
   * daemon's own.
   */
  copyPlatform?: string;
  /** Which images must be signed, and by whom; verified in previews, before anything is copied. Default: none. */
  trust?: TrustPolicy;
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
  /** Kubernetes version to render for, since charts choose images by it. Default: a fixed recent one. */
  kubeVersion?: string;
  /** API versions to render for (`monitoring.coreos.com/v1`), besides Kubernetes' own. */
  apiVersions?: string[];
}

/** Every mirror option; the compiler sees to it that none is missing. */
const MIRROR_OPTIONS: Record<keyof MirrorOptions, true> = {
  registry: true,
  sourceAccess: true,
  pullSecret: true,
  extraImages: true,
  ignoreImages: true,
  allowEscapes: true,
  lockFile: true,
  tags: true,
  pinDigests: true,
  mirrorChart: true,
  copyWith: true,
  platforms: true,
  copyJob: true,
  copyPlatform: true,
  trust: true,
  referrers: true,
  foreignLayers: true,
  kubeVersion: true,
  apiVersions: true,
};

/** Parts the mirror's options from the arguments of the resource that deploys the chart. */
export function splitMirrorOptions<Args extends MirrorOptions>(
  args: Args,
): { options: MirrorOptions; rest: Omit<Args, keyof MirrorOptions> } {
  const options: [string, unknown][] = [];
  const rest: [string, unknown][] = [];
  for (const entry of Object.entries(args)) (Object.hasOwn(MIRROR_OPTIONS, entry[0]) ? options : rest).push(entry);
  return {
    options: Object.fromEntries(options) as unknown as MirrorOptions,
    rest: Object.fromEntries(rest) as unknown as Omit<Args, keyof MirrorOptions>,
  };
}

/** Arguments of `ChartMirror`: the chart as `kubernetes.helm.v3.Release` takes it, and the mirror. */
export interface ChartMirrorArgs extends MirrorOptions {
  /** Chart name in `repositoryOpts.repo`, `oci://` reference, folder, or archive; `NAME/CHART` of a local repository. */
  chart: pulumi.Input<string>;
  version?: pulumi.Input<string | undefined>;
  /** Take pre-releases too. */
  devel?: pulumi.Input<boolean | undefined>;
  repositoryOpts?: pulumi.Input<ChartRepositoryOpts | undefined>;
  /** The chart's values. Outputs are best at the leaves: an unknown leaf never blocks the plan. */
  values?: pulumi.Input<Record<string, any> | undefined>; // eslint-disable-line @typescript-eslint/no-explicit-any
  /** Files of values, below `values`; the later ones win. */
  valueYamlFiles?: pulumi.Input<pulumi.Input<pulumi.asset.Asset | pulumi.asset.Archive>[] | undefined>;
  /** Namespace of the release and of the pull secret. */
  namespace?: pulumi.Input<string | undefined>;
  /** Name of the release, which charts put into names. Default: the component's name. */
  releaseName?: pulumi.Input<string | undefined>;
  /** Create the namespace for the pull secret; as with Helm, it stays when the mirror is destroyed. */
  createNamespace?: pulumi.Input<boolean | undefined>;
}

/**
 * The arguments without those that hold logins: what a component registers stands in the state, in plain text where
 * nothing marks it as a secret, such as a password from the environment. The resources that use them keep them as secrets.
 */
export function withoutLogins(args: ChartMirrorArgs): ChartMirrorArgs {
  const { sourceAccess: _source, repositoryOpts: _repository, copyJob: _job, pullSecret: _pull, ...registered } = args;
  return registered;
}
