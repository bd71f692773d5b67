import * as pulumi from "@pulumi/pulumi";
import { mergeValues } from "../chart/content/valuePaths";
import { withoutLogins, type ChartMirrorArgs } from "../release/chartMirrorArgs";
import type { ChartPush } from "../copy/chartPush";
import type { ImageInMirror } from "../copy/imageInMirror";
import type { JsonObject } from "../json";
import { createPullAccess, refresherImage } from "../release/pullAccess";
import type { ServiceAccountLink } from "../kubernetes/serviceAccountLink";
import { describePlan } from "../plan/describePlan";
import type { PlannedImage } from "../plan/relocationPlan";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { mergeOverrides } from "../release/mergeOverrides";
import { planFailure } from "../inputs/planFailure";
import { planRelease, type ReleasePlan } from "../release/planRelease";
import { holdsSecret, redact } from "../inputs/redact";
import { componentLog } from "../resource/componentLog";

/** What components were given, by what they register of it: the SDK hands only that on to `initialize`. */
const GIVEN = new WeakMap<ChartMirrorArgs, ChartMirrorArgs>();

function registered(args: ChartMirrorArgs): ChartMirrorArgs {
  const shown = withoutLogins(args);
  GIVEN.set(shown, args);
  return shown;
}

/** One mirrored image, as the component's `images` output lists it. */
export interface MirroredImage {
  /** As the chart names it, canonical. */
  source: string;
  /** What the cluster pulls. */
  target: string;
  /** What the mirror has; with `platforms`, or a Docker daemon, another one than the source's. */
  digest: string;
  /** Bytes of all blobs and manifests, each counted once. */
  size: number;
  platforms: string[];
}

/** A chart in the mirror, as an OCI artifact. */
export interface MirroredChartArtifact {
  /** `oci://registry.example.com/platform/charts/shop`. */
  chart: string;
  version: string;
  digest: string;
}

/** What a mirror has made once its plan is known. */
interface ChartMirrorData extends ReleasePlan {
  readonly copies: readonly ImageInMirror[];
  /** The charts that go into the mirror; the last is the one to deploy. */
  readonly pushes: readonly ChartPush[];
  /** The login of pods, which Helm pulls charts with. */
  readonly pullLogin: Readonly<Record<"username" | "password", pulumi.Output<string>>> | undefined;
  /** What lets pods pull, besides what the registry grants: the secret, its renewal, the trial of its login. */
  readonly pullAccess: readonly pulumi.Resource[];
  readonly pullGrants: readonly pulumi.Resource[];
  /** Service accounts that the chart makes, which are linked once it is deployed. */
  readonly chartAccounts: readonly ServiceAccountLink[];
  readonly pullSecretName: string | undefined;
}

/**
 * The images of a Helm chart in a registry of yours, and the values that make the chart pull them from there, for
 * whoever deploys it: registry → repositories → image copies → pull secret → values.
 *
 * The plan is made and verified in previews, before anything is touched; it fails when an image would still be pulled
 * from outside the mirror.
 *
 * @example
 * ```ts
 * const mirror = new ChartMirror("stackstate", { chart: "stackstate", version: "5.0.0", repositoryOpts, values, registry });
 * new k8s.apiextensions.CustomResource("release", { ...fluxHelmRelease, spec: { values: mirror.values } });
 * ```
 */
export class ChartMirror extends pulumi.ComponentResource<ChartMirrorData> {
  /** Every image with its target, digest and size. */
  readonly images: pulumi.Output<MirroredImage[]>;
  /** The solved values alone. */
  readonly overrides: pulumi.Output<JsonObject>;
  /** The user's values with the solved ones over them. */
  readonly values: pulumi.Output<Record<string, unknown>>;
  /** The plan that was made and verified. */
  readonly plan: pulumi.Output<ResolvedPlan>;
  /** Version of the chart, explicit also where the user named a range or none. */
  readonly version: pulumi.Output<string>;
  /**
   * The chart to deploy: what the user named, its patched copy, or, with `mirrorChart`, what the mirror has: by `oci://`
   * where Helm can log in there, else the same archive on disk.
   */
  readonly chart: pulumi.Output<string>;
  /** With `mirrorChart`, the chart in the mirror, for deployers that have logins of their own. */
  readonly chartArtifact: pulumi.Output<MirroredChartArtifact | undefined>;
  /** Name of the pull secret that the values carry; empty when there is none. */
  readonly pullSecretName: pulumi.Output<string>;

  constructor(name: string, args: ChartMirrorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pulumi-chart-mirror:index:ChartMirror", name, registered(args), opts);
    const data = this.getData();
    const output = <T>(read: (data: ChartMirrorData) => T): pulumi.Output<T> =>
      pulumi.output(data.then(read)) as pulumi.Output<T>;
    // The type of a promise of Outputs is not what the SDK makes of it.
    const deployed = <T>(read: (data: ChartMirrorData) => pulumi.Input<T>): pulumi.Output<T> =>
      pulumi.output(data.then(read)) as unknown as pulumi.Output<T>;
    this.images = pulumi
      .output(
        data.then(({ copies }) =>
          copies.map(({ source, target, digest, size, platforms }) => ({ source, target, digest, size, platforms })),
        ),
      )
      .apply((images) => images);
    // An override of one image in a list carries the whole list, and with it what the user keeps secret there.
    const guarded = <T>(read: (plan: ResolvedPlan) => T): pulumi.Output<T> =>
      pulumi.output(
        data.then(({ plan, secrets }) => {
          const value = read(plan);
          return holdsSecret(value, secrets) ? pulumi.secret(value) : value;
        }),
      ) as pulumi.Output<T>;
    this.overrides = guarded((plan) => plan.values);
    this.values = pulumi.output(this.releaseValues()) as unknown as pulumi.Output<Record<string, unknown>>;
    this.plan = guarded((plan) => plan);
    this.version = deployed(({ version, toMirror, pushes }) =>
      toMirror?.helm ? (pushes.at(-1)?.pushedVersion ?? version) : version,
    );
    this.chart = output(({ chart, toMirror }) => (toMirror?.helm ? `oci://${toMirror.repository}` : chart));
    this.chartArtifact = deployed<MirroredChartArtifact | undefined>(({ toMirror, pushes }) => {
      const push = pushes.at(-1);
      const chart = `oci://${toMirror?.repository}`;
      return (
        push && pulumi.all([push.pushedVersion, push.digest]).apply(([version, digest]) => ({ chart, version, digest }))
      );
    });
    this.pullSecretName = output(({ pullSecretName }) => pullSecretName ?? "");
    this.registerOutputs({ images: this.images, overrides: this.overrides, pullSecretName: this.pullSecretName });
  }

  /**
   * The values as Inputs: secrets and unknowns stay at their leaves, where {@link values} would spread them over all.
   *
   * @internal
   */
  releaseValues(): Promise<Record<string, pulumi.Input<unknown>>> {
    return this.getData().then(
      ({ userValues, plainValues, plan }) =>
        mergeOverrides(userValues, plainValues, mergeValues(plainValues, plan.values)) as Record<
          string,
          pulumi.Input<unknown>
        >,
    );
  }

  /**
   * Where the chart to deploy comes from: one on disk needs no repository, one in the mirror the login of pods.
   *
   * @internal
   */
  repositoryOpts<T>(named: pulumi.Input<T> | undefined): pulumi.Input<T> {
    // The SDK resolves an Input inside a promise; its types only know the promise of a plain value.
    return this.getData().then(({ onDisk, toMirror, pullLogin }) => {
      if (!onDisk) return named;
      return toMirror?.helm && { ...toMirror.helm, ...pullLogin };
    }) as pulumi.Input<T>;
  }

  /**
   * The chart for a deployer that must know it in previews: never one that only the mirror has.
   *
   * @internal
   */
  chartOnDisk<T>(named: pulumi.Input<T> | undefined): {
    chart: Promise<string>;
    version: Promise<string>;
    repositoryOpts: pulumi.Input<T>;
  } {
    const data = this.getData();
    return {
      chart: data.then(({ chart }) => chart),
      version: data.then(({ version }) => version),
      repositoryOpts: data.then(({ onDisk }) => (onDisk ? undefined : named)) as pulumi.Input<T>,
    };
  }

  /**
   * What a release must wait for: every copy, the chart, the pull secret and the trial of its login, and the rights to pull.
   *
   * @internal
   */
  ready(): Promise<pulumi.Resource[]> {
    return this.getData().then(({ copies, pushes, pullAccess, pullGrants }) => [
      ...new Set(copies.map(({ resource }) => resource)),
      ...pushes,
      ...pullAccess,
      ...pullGrants,
    ]);
  }

  /**
   * Service accounts that get the pull secret, and that only the deployed chart has.
   *
   * @internal
   */
  chartAccounts(): Promise<readonly ServiceAccountLink[]> {
    return this.getData().then(({ chartAccounts }) => chartAccounts);
  }

  /** @internal */
  protected override async initialize(
    registeredArgs: ChartMirrorArgs,
    _opts: pulumi.ComponentResourceOptions,
    name: string,
  ): Promise<ChartMirrorData> {
    const args = GIVEN.get(registeredArgs) ?? registeredArgs;
    const release = await planRelease(name, args, this);
    const { plan } = release;
    if (pulumi.runtime.isDryRun()) await componentLog.info(redact(describePlan(plan), release.secrets), this);

    const access = pulumi.secret([...args.registry.sourceAccess, ...(args.sourceAccess ?? [])]);
    const { registry, copyWith, copyJob, copyPlatform, platforms, tags, referrers, foreignLayers } = args;
    const options = {
      name,
      ...(copyWith !== undefined && { copyWith }),
      ...(copyJob !== undefined && { copyJob }),
      ...(copyPlatform !== undefined && { copyPlatform }),
      ...(platforms !== undefined && { platforms }),
      ...(args.lockFile === undefined && tags !== undefined && { tags }),
      ...(referrers !== undefined && { referrers }),
      ...(foreignLayers !== undefined && { foreignLayers }),
    };
    const charts = release.toMirror?.archives ?? [];
    let refresher: PlannedImage | undefined;
    try {
      refresher = await refresherImage(registry, args.pullSecret ?? {});
      // All of it before anything is registered: an update without a preview begins with that at once.
      registry.refuseRelease(plan.images, charts, options);
      if (refresher) {
        registry.refuseTargets([refresher]);
        registry.refuseRelease([refresher], []);
      }
    } catch (error) {
      throw planFailure(error, release.secrets, this);
    }
    const pushes = charts.map((chart) => registry.mirrorChart(chart));
    const copies = registry.mirrorImages(plan.images, access, options);
    const { pullSecretName, namespace, createNamespace } = release;
    const pullAccess =
      pullSecretName === undefined
        ? []
        : createPullAccess(
            name,
            {
              registry,
              options: args.pullSecret ?? {},
              secretName: pullSecretName,
              namespace,
              createNamespace,
              chartAccounts: plan.chartAccounts ?? [],
              targets: plan.images.map(({ target }) => target),
              copies: copies.map(({ resource }) => resource),
              sourceAccess: access,
              refresher,
            },
            this,
          );
    const { pullCredentials, pullGrants } = registry;
    const pullLogin = pullCredentials && {
      username: pullCredentials.apply(({ username }) => username),
      password: pullCredentials.apply(({ password }) => password),
    };
    const { mountable } = args.pullSecret ?? {};
    const chartAccounts =
      pullSecretName === undefined
        ? []
        : (plan.chartAccounts ?? []).map((account) => ({ secretName: pullSecretName, account, namespace, mountable }));
    return { ...release, copies, pushes, pullLogin, pullAccess, pullGrants, chartAccounts };
  }
}
