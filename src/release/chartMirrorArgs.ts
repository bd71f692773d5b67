import type * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import { IMAGE_COPY_OPTIONS, type ImageCopyOptions } from "../copy/imageCopyOptions";
import type { AdmissionMode } from "../kubernetes/admission/admissionMode";
import type { AdmissionOptions } from "./admission/admissionOptions";
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
export interface MirrorOptions extends ImageCopyOptions {
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
   * Path of an archive that `chart-mirror save` has written: chart and images come from it, and nothing but the mirror is
   * asked for anything. What lies on disk under the chart's name goes first, as ever; `sourceAccess` is not used. Only
   * `CopyMethod.Process` can do it.
   */
  sourceBundle?: string;
  /**
   * Write the digests of images into the chart's values, so that nodes pull exactly those images, whatever becomes of
   * tags. Images for which the chart has no place for one are a warning. Default: false.
   */
  pinDigests?: boolean;
  /**
   * Put the chart itself into the mirror, too, as an OCI artifact; what is deployed is the same archive, from disk. With a
   * `lockFile`, nothing outside the mirror is asked for any more once it is there. Default: false.
   */
  mirrorChart?: boolean;
  /** Which images must be signed, and by whom; verified in previews, before anything is copied. Default: none. */
  trust?: TrustPolicy;
  /**
   * Try in previews, where they are known, the logins that the update will push and pull with, if there is something to
   * bring into the mirror: the preview fails where the update would. Nothing is left behind. False where previews run on
   * machines that the mirror does not let in. Default: true.
   */
  checkLogins?: boolean;
  /**
   * Let the API server itself keep pods on the mirror that no chart shows, such as those of operators: warn of images
   * outside it, deny them, or rewrite them. Default: nothing.
   */
  admission?: AdmissionMode | AdmissionOptions;
  /**
   * Path of a file that previews and updates write their report to, relative to the program's folder: images, values before
   * and after, patched lines, pods and findings, compared with the last update. `plan.html` is a page for a browser, `plan.md`
   * a comment for a pull request. Default: none is written.
   */
  report?: string;
  /** Kubernetes version to render for, since charts choose images by it. Default: a fixed recent one. */
  kubeVersion?: string;
  /** API versions to render for (`monitoring.coreos.com/v1`), besides Kubernetes' own. */
  apiVersions?: string[];
}

/** Every mirror option; the compiler sees to it that none is missing. */
const MIRROR_OPTIONS: Record<keyof MirrorOptions, true> = {
  ...IMAGE_COPY_OPTIONS,
  registry: true,
  sourceAccess: true,
  pullSecret: true,
  extraImages: true,
  ignoreImages: true,
  allowEscapes: true,
  lockFile: true,
  sourceBundle: true,
  pinDigests: true,
  mirrorChart: true,
  trust: true,
  checkLogins: true,
  admission: true,
  report: true,
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

/** What a plan has to know of the arguments of the resource that deploys the chart. */
export interface Deployment {
  readonly by: "MirroredRelease" | "MirroredChart";
  /** The program that changes what is rendered: a path, or a map with one. */
  readonly postRenderer?: pulumi.Input<unknown>;
  readonly reuseValues?: pulumi.Input<boolean | undefined> | undefined;
  readonly resetValues?: pulumi.Input<boolean | undefined> | undefined;
  readonly verify?: pulumi.Input<boolean | undefined> | undefined;
  readonly replace?: pulumi.Input<boolean | undefined> | undefined;
  /** Whether a release that Helm has is taken into the stack. */
  readonly imported?: boolean;
}

/** Arguments of `ChartMirror`: the chart as `kubernetes.helm.v3.Release` takes it, and the mirror. */
export interface ChartMirrorArgs extends MirrorOptions {
  /** Chart name in `repositoryOpts.repo`, `oci://` reference, folder, or archive; `NAME/CHART` of a local repository. */
  chart: pulumi.Input<string>;
  /** Exact version or range of the chart. Default: the newest. */
  version?: pulumi.Input<string | undefined>;
  /** Take pre-releases too. */
  devel?: pulumi.Input<boolean | undefined>;
  /** The chart repository of a chart given by its name, and its login. */
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
  /**
   * Fetch what the `charts/` of a chart's folder lacks of its dependencies, as `helm dependency update` does, into a copy:
   * the folder stays as it is. Default: false.
   */
  dependencyUpdate?: pulumi.Input<boolean | undefined>;
  /**
   * The arguments of the resource that deploys the chart, as far as they concern the plan.
   *
   * @internal
   */
  deployment?: Deployment;
}

/**
 * The arguments without those that hold logins: what a component registers stands in the state, in plain text where
 * nothing marks it as a secret, such as a password from the environment. The resources that use them keep them as secrets.
 */
export function withoutLogins(args: ChartMirrorArgs): ChartMirrorArgs {
  const {
    sourceAccess: _source,
    repositoryOpts: _repository,
    copyJob: _job,
    pullSecret: _pull,
    // Where a report is written is no part of what is deployed.
    report: _report,
    deployment: _deployment,
    ...registered
  } = args;
  return registered;
}
