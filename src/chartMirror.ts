import * as pulumi from "@pulumi/pulumi";
import { mergeValues } from "./chart/valuePaths";
import type { ChartMirrorArgs } from "./chartMirrorArgs";
import type { ImageInMirror } from "./copy/imageInMirror";
import type { JsonObject } from "./json";
import { createPullAccess } from "./kubernetes/pullAccess";
import { describePlan } from "./plan/describePlan";
import type { ResolvedPlan } from "./plan/resolvedPlan";
import { mergeOverrides } from "./release/mergeOverrides";
import { planFailure } from "./release/planFailure";
import { planRelease, type ReleasePlan } from "./release/planRelease";
import { holdsSecret, redact } from "./release/redact";

/** One mirrored image, as the component's `images` output lists it. */
export interface MirroredImage {
  /** As the chart names it, canonical. */
  source: string;
  /** What the cluster pulls. */
  target: string;
  digest: string;
  /** Bytes of all blobs and manifests, each counted once. */
  size: number;
  platforms: string[];
}

/** What a mirror has made once its plan is known. */
interface ChartMirrorData extends ReleasePlan {
  readonly copies: readonly ImageInMirror[];
  /** What lets pods pull, besides what the registry grants: the secret, its renewal, the trial of its login. */
  readonly pullAccess: readonly pulumi.Resource[];
  readonly pullGrants: readonly pulumi.Resource[];
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
  /** The chart to deploy: what the user named, or its patched copy. */
  readonly chart: pulumi.Output<string>;
  /** Name of the pull secret that the values carry; empty when there is none. */
  readonly pullSecretName: pulumi.Output<string>;

  constructor(name: string, args: ChartMirrorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pulumi-chart-mirror:index:ChartMirror", name, args, opts);
    const data = this.getData();
    const output = <T>(read: (data: ChartMirrorData) => T): pulumi.Output<T> =>
      pulumi.output(data.then(read)) as pulumi.Output<T>;
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
    this.version = output(({ version }) => version);
    this.chart = output(({ chart }) => chart);
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
   * Where the chart to deploy comes from: a patched copy is on disk and needs no repository.
   *
   * @internal
   */
  repositoryOpts<T>(named: pulumi.Input<T> | undefined): pulumi.Input<T> {
    // The SDK resolves an Input inside a promise; its types only know the promise of a plain value.
    return this.getData().then(({ patched }) => (patched ? undefined : named)) as pulumi.Input<T>;
  }

  /**
   * What a release must wait for: every copy, the pull secret and the trial of its login, and the rights to pull.
   *
   * @internal
   */
  ready(): Promise<pulumi.Resource[]> {
    return this.getData().then(({ copies, pullAccess, pullGrants }) => [
      ...new Set(copies.map(({ resource }) => resource)),
      ...pullAccess,
      ...pullGrants,
    ]);
  }

  /** @internal */
  protected override async initialize(
    args: ChartMirrorArgs,
    _opts: pulumi.ComponentResourceOptions,
    name: string,
  ): Promise<ChartMirrorData> {
    const release = await planRelease(name, args, this);
    const { plan } = release;
    if (pulumi.runtime.isDryRun()) await pulumi.log.info(redact(describePlan(plan), release.secrets), this);

    const access = pulumi.secret([...args.registry.sourceAccess, ...(args.sourceAccess ?? [])]);
    const { copyWith, copyJob, tags } = args;
    let copies: ImageInMirror[];
    try {
      copies = args.registry.mirrorImages(plan.images, access, {
        name,
        ...(copyWith !== undefined && { copyWith }),
        ...(copyJob !== undefined && { copyJob }),
        ...(args.lockFile === undefined && tags !== undefined && { tags }),
      });
    } catch (error) {
      throw planFailure(error, release.secrets, this);
    }
    const { pullSecretName, namespace, createNamespace } = release;
    const pullAccess =
      pullSecretName === undefined
        ? []
        : await createPullAccess(
            name,
            {
              registry: args.registry,
              options: args.pullSecret ?? {},
              secretName: pullSecretName,
              namespace,
              createNamespace,
              targets: plan.images.map(({ target }) => target),
              copies: copies.map(({ resource }) => resource),
              sourceAccess: access,
            },
            this,
          );
    return { ...release, copies, pullAccess, pullGrants: args.registry.pullGrants };
  }
}
