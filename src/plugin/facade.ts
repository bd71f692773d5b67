/**
 * The components as other languages see them: schema.json of the plugin is made from this file (`npm run plugin:schema`), its
 * descriptions from the doc comments of the arguments.
 *
 * Flat, since a schema has no words for what TypeScript can say: a registry is a resource or its `reference`, files are
 * assets, and classes have the outputs alone that cross the border. Nothing of it is there at run time.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { MirroredImage } from "../components/chartMirror";
import type { MirroredChartArgs } from "../components/mirroredChart";
import type { MirroredReleaseArgs } from "../components/mirroredRelease";
import type { RegistryAccessArgs } from "../copy/registryAccessArgs";
import type { MirrorAdmissionArgs } from "../kubernetes/mirrorAdmission";
import type { PullSecretArgs } from "../kubernetes/pullSecret";
import type { UpstreamMapping } from "../plan/layout";
import type { QuayRegistryArgs } from "../quay/component/quayRegistryArgs";
import type { AcrRegistryArgs } from "../registry/acr/acrRegistryArgs";
import type { EcrRegistryArgs } from "../registry/ecr/ecrRegistryArgs";
import type { ExistingRegistryArgs } from "../registry/existingRegistry";
import type { AdmissionOptions } from "../release/admission/admissionOptions";
import type { ChartMirrorArgs, ChartRepositoryOpts, MirrorOptions } from "../release/chartMirrorArgs";

/* eslint-disable @typescript-eslint/no-explicit-any -- the schema's word for what has no type there */
/* eslint-disable @typescript-eslint/no-empty-object-type -- names of the schema's */

/** How to reach one registry: its login, and what makes it special. */
export interface RegistryAccess extends Omit<RegistryAccessArgs, "kind"> {
  /** What kind of registry it is, where the host's name does not tell: `ecr`, `acr`, `quay`, `harbor`, `gitlab`. */
  kind?: pulumi.Input<string>;
}

/** What mirroring a chart needs beyond the chart itself. */
type Mirroring = Omit<MirrorOptions, "registry" | "sourceAccess" | "admission">;

/** How the API server keeps pods on the mirror that no chart shows. */
export interface Admission extends Omit<AdmissionOptions, "mode"> {
  /** What happens to pods whose images are not there: `warn`, `deny` or `rewrite`. */
  mode: string;
}

interface MirrorInputs extends Mirroring {
  /** Where the images will live: a registry of this package, or the `reference` of one, of another stack for example. */
  registry: any;
  /** Logins of the registries that the chart's images come from, and of their locations where they are proxied. */
  sourceAccess?: pulumi.Input<RegistryAccess>[];
  /** Policies by which the API server itself keeps pods on the mirror that no chart shows. Default: none. */
  admission?: Admission;
}

/** Arguments of ExistingRegistry. */
export interface ExistingRegistryInputs extends Omit<ExistingRegistryArgs, "upstreams"> {
  /**
   * Upstreams that this registry serves through a proxy which somebody set up: a Harbor proxy project, a Nexus proxy
   * repository, an Artifactory remote repository. Their images are not copied. The longest upstream that fits an image decides.
   */
  upstreams?: UpstreamMapping[];
}

/**
 * A registry that is there already and creates repositories on push: Harbor, Nexus, Artifactory, GitLab, Quay,
 * distribution, or any other that speaks the OCI distribution API.
 */
export declare class ExistingRegistry extends pulumi.ComponentResource {
  /** `host[:port]` of the registry. */
  readonly host: pulumi.Output<string>;
  /** All that another stack needs to use the registry, for its SharedRegistry or as its `registry`. Secret where it holds logins. */
  readonly reference: pulumi.Output<any>;
  constructor(name: string, args: ExistingRegistryInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Arguments of SharedRegistry. */
export interface SharedRegistryInputs {
  /** The output `reference` of the registry, of another stack for example. */
  reference: pulumi.Input<any>;
}

/** A registry that another stack makes, of whatever kind: it takes that one's `reference`, and makes nothing of its own. */
export declare class SharedRegistry extends pulumi.ComponentResource {
  /** `host[:port]` of the registry. */
  readonly host: pulumi.Output<string>;
  /** All that another stack needs to use the registry, for its SharedRegistry or as its `registry`. Secret where it holds logins. */
  readonly reference: pulumi.Output<any>;
  constructor(name: string, args: SharedRegistryInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Arguments of EcrRegistry. */
export interface EcrRegistryInputs extends EcrRegistryArgs {}

/** Amazon ECR: creates a repository for each image that is mirrored, and logs in by the inherited `aws` provider. */
export declare class EcrRegistry extends pulumi.ComponentResource {
  /** `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, known in previews. */
  readonly host: pulumi.Output<string>;
  /** All that another stack needs to use the registry, for its SharedRegistry or as its `registry`. */
  readonly reference: pulumi.Output<any>;
  constructor(name: string, args: EcrRegistryInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Arguments of AcrRegistry. */
export interface AcrRegistryInputs extends AcrRegistryArgs {}

/** Azure Container Registry: makes one or takes one that is there, and logs in by the inherited `azure-native` provider. */
export declare class AcrRegistry extends pulumi.ComponentResource {
  /** Host of the registry, known in previews. */
  readonly host: pulumi.Output<string>;
  /** All that another stack needs to use the registry, for its SharedRegistry or as its `registry`. Secret where it holds logins. */
  readonly reference: pulumi.Output<any>;
  constructor(name: string, args: AcrRegistryInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Arguments of QuayRegistry. */
export interface QuayRegistryInputs extends QuayRegistryArgs {}

/**
 * An organization of Red Hat Quay or Project Quay: a proxy cache of one registry, whose images are served without being
 * copied, or a plain organization that images are copied to, with robot accounts whose tokens become pull secrets.
 */
export declare class QuayRegistry extends pulumi.ComponentResource {
  /** `host[:port]` of Quay. */
  readonly host: pulumi.Output<string>;
  /** Name of the organization. */
  readonly organization: pulumi.Output<string>;
  /** Name of the robot that pods pull with: `organization+name`. */
  readonly pullRobot: pulumi.Output<string>;
  /** All that another stack needs to use the registry, for its SharedRegistry or as its `registry`. Secret where it holds logins. */
  readonly reference: pulumi.Output<any>;
  constructor(name: string, args: QuayRegistryInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Arguments of PullSecret. */
export interface PullSecretInputs extends PullSecretArgs {}

/**
 * A docker-registry secret for one or several registries, in one or several namespaces. A changed login changes the Secret
 * in place: at no moment is it missing.
 */
export declare class PullSecret extends pulumi.ComponentResource {
  /** Name of the Secret, for `imagePullSecrets`. */
  readonly secretName: pulumi.Output<string>;
  constructor(name: string, args: PullSecretInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Arguments of MirrorAdmission. */
export interface MirrorAdmissionInputs extends Omit<MirrorAdmissionArgs, "registry" | "mode" | "images"> {
  /** The registry that pods shall pull from: one of this package, or the `reference` of one. */
  registry: any;
  /** What happens to pods whose images are not there: `warn`, `deny` or `rewrite`. */
  mode: string;
  /** Images that the mirror has, for `rewrite`: the output `images` of releases. Default: those that it serves by its upstreams alone. */
  images?: pulumi.Input<any>;
}

/**
 * Keeps pods on the mirror that no chart shows: those of operators with images compiled into them, injected sidecars,
 * `kubectl debug`. The API server itself does it, by admission policies (Kubernetes 1.30 or newer). The policies are shared by
 * all that ask for them; what they know of a mirror stands in annotations of the namespaces.
 */
export declare class MirrorAdmission extends pulumi.ComponentResource {
  constructor(name: string, args: MirrorAdmissionInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Where a chart comes from besides its name. */
export interface ChartRepository extends ChartRepositoryOpts {}

/** Arguments of ChartMirror. */
export interface ChartMirrorInputs
  extends
    Omit<ChartMirrorArgs, keyof MirrorOptions | "valueYamlFiles" | "repositoryOpts" | "deployment">,
    MirrorInputs {
  repositoryOpts?: pulumi.Input<ChartRepository>;
  /** Files of values, below `values`; the later ones win. */
  valueYamlFiles?: pulumi.Input<pulumi.Input<pulumi.asset.Asset>[]>;
}

/**
 * The images of a Helm chart in a registry of yours, and the values that make the chart pull them from there, for whoever
 * deploys it. The plan is made and verified in previews, before anything is touched; it fails when an image would still be
 * pulled from outside the mirror.
 */
export declare class ChartMirror extends pulumi.ComponentResource {
  /** Every image with its target, digest and size. */
  readonly images: pulumi.Output<MirroredImage[]>;
  /** The solved values alone. */
  readonly overrides: pulumi.Output<any>;
  /** The user's values with the solved ones over them. */
  readonly values: pulumi.Output<any>;
  /** The plan that was made and verified. */
  readonly plan: pulumi.Output<any>;
  /** Version of the chart, explicit also where the user named a range or none. */
  readonly version: pulumi.Output<string>;
  /** The chart to deploy: what the user named, or a copy on disk. */
  readonly chart: pulumi.Output<string>;
  /** With `mirrorChart`, the chart in the mirror, for deployers that have logins of their own. */
  readonly chartArtifact: pulumi.Output<any>;
  /** Name of the pull secret that the values carry; empty when there is none. */
  readonly pullSecretName: pulumi.Output<string>;
  constructor(name: string, args: ChartMirrorInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Where a chart comes from besides its name, its files as paths. */
export interface ReleaseRepository extends Omit<ChartRepositoryOpts, "plainHttp"> {}

/** Arguments of MirroredRelease: those of `kubernetes:helm.sh/v3:Release`, and the mirror's own. */
export interface MirroredReleaseInputs
  extends
    Omit<MirroredReleaseArgs, keyof MirrorOptions | "valueYamlFiles" | "compat" | "repositoryOpts">,
    MirrorInputs {
  repositoryOpts?: pulumi.Input<ReleaseRepository>;
  /** Files of values, below `values`; the later ones win. */
  valueYamlFiles?: pulumi.Input<pulumi.Input<pulumi.asset.Asset>[]>;
}

/**
 * A `kubernetes:helm.sh/v3:Release` whose images come from a registry of yours. A release that is deployed already is taken
 * over: it is upgraded in place, not installed anew.
 */
export declare class MirroredRelease extends pulumi.ComponentResource {
  /** Every image with its target, digest and size. */
  readonly images: pulumi.Output<MirroredImage[]>;
  /** The solved values alone. */
  readonly overrides: pulumi.Output<any>;
  /** The plan that was made and verified. */
  readonly plan: pulumi.Output<any>;
  /** Status of the deployed release. */
  readonly status: pulumi.Output<any>;
  constructor(name: string, args: MirroredReleaseInputs, opts?: pulumi.ComponentResourceOptions);
}

/** Arguments of MirroredChart: those of `kubernetes:helm.sh/v4:Chart`, and the mirror's own. */
export interface MirroredChartInputs
  extends Omit<MirroredChartArgs, keyof MirrorOptions | "valueYamlFiles" | "keyring" | "repositoryOpts">, MirrorInputs {
  repositoryOpts?: pulumi.Input<ChartRepositoryFiles>;
  /** Location of the public keys that charts are verified with. */
  keyring?: pulumi.Input<pulumi.asset.Asset>;
  /** Files of values, below `values`; the later ones win. */
  valueYamlFiles?: pulumi.Input<pulumi.Input<pulumi.asset.Asset>[]>;
}

/** Where a chart comes from besides its name, its files as assets. */
export interface ChartRepositoryFiles {
  /** URL of the chart repository. */
  repo?: pulumi.Input<string>;
  username?: pulumi.Input<string>;
  password?: pulumi.Input<string>;
  caFile?: pulumi.Input<pulumi.asset.Asset>;
  certFile?: pulumi.Input<pulumi.asset.Asset>;
  keyFile?: pulumi.Input<pulumi.asset.Asset>;
}

/**
 * A `kubernetes:helm.sh/v4:Chart` whose images come from a registry of yours: each object of the chart is a resource with
 * differences of its own. The namespace must be there, hooks do not run, and a preview without a reachable cluster fails.
 */
export declare class MirroredChart extends pulumi.ComponentResource {
  /** Every image with its target, digest and size. */
  readonly images: pulumi.Output<MirroredImage[]>;
  /** The solved values alone. */
  readonly overrides: pulumi.Output<any>;
  /** The plan that was made and verified. */
  readonly plan: pulumi.Output<any>;
  constructor(name: string, args: MirroredChartInputs, opts?: pulumi.ComponentResourceOptions);
}
