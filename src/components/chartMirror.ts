import * as pulumi from "@pulumi/pulumi";
import { mergeValues } from "../chart/content/valuePaths";
import { withoutLogins, type ChartMirrorArgs } from "../release/chartMirrorArgs";
import type { JsonObject } from "../json";
import type { ServiceAccountLink } from "../kubernetes/serviceAccountLink";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { mergeOverrides } from "../release/mergeOverrides";
import { holdsSecret } from "../inputs/redact";
import { memoryOf } from "../release/releaseMemory";
import { chartMirrorFields } from "../release/argumentShapes";
import { checkArguments } from "../inputs/checkArguments";
import { componentKind, ownComponent } from "../resource/ownTypes";
import { createMirror, type ChartMirrorData } from "./createMirror";

/** What components were given, by what they register of it: the SDK hands only that on to `initialize`. */
const GIVEN = new WeakMap<ChartMirrorArgs, ChartMirrorArgs>();

function registered(args: ChartMirrorArgs): ChartMirrorArgs {
  const shown = withoutLogins(args);
  GIVEN.set(shown, args);
  return shown;
}

/** The component that deploys what a mirror is for. The engine remembers its outputs, since it has no inputs. */
function deploymentAround({ parent }: pulumi.ComponentResourceOptions): pulumi.Resource | undefined {
  return parent && componentKind(parent)?.startsWith("Mirrored") ? parent : undefined;
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
   * The chart to deploy: what the user named; a copy on disk of a chart that is patched or lies on disk itself; or, with
   * `mirrorChart`, the archive that the mirror has, on disk.
   */
  readonly chart: pulumi.Output<string>;
  /** With `mirrorChart`, the chart in the mirror, for deployers that have logins of their own. */
  readonly chartArtifact: pulumi.Output<MirroredChartArtifact | undefined>;
  /** Name of the pull secret that the values carry; empty when there is none. */
  readonly pullSecretName: pulumi.Output<string>;

  constructor(name: string, args: ChartMirrorArgs, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "ChartMirror", name }, args, chartMirrorFields);
    const own = ownComponent("ChartMirror", opts);
    super(own.type, name, registered(args), own.opts);
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
    this.version = output(({ version }) => version);
    this.chart = output(({ chart }) => chart);
    this.chartArtifact = deployed<MirroredChartArtifact | undefined>(({ toMirror, pushes }) => {
      const push = pushes.at(-1);
      const chart = `oci://${toMirror?.repository}`;
      return (
        push && pulumi.all([push.pushedVersion, push.digest]).apply(([version, digest]) => ({ chart, version, digest }))
      );
    });
    this.pullSecretName = output(({ pullSecretName }) => pullSecretName ?? "");
    this.registerOutputs({
      images: this.images,
      overrides: this.overrides,
      pullSecretName: this.pullSecretName,
      ...this.memory(),
    });
  }

  /**
   * Outputs by which the next preview tells what is new.
   *
   * @internal
   */
  memory(): pulumi.Inputs {
    const memory = this.getData().then(memoryOf);
    return {
      told: memory.then(({ told }) => told),
      chartSeen: memory.then(({ chartSeen }) => chartSeen),
      firstName: memory.then(({ firstName }) => firstName),
    };
  }

  /**
   * What the component was called when it was first deployed: what it has made in the cluster is named for that.
   *
   * @internal
   */
  firstName(): Promise<string> {
    return this.getData().then(({ firstName }) => firstName);
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
   * Where the chart to deploy comes from: one on disk needs no repository.
   *
   * @internal
   */
  repositoryOpts<T>(named: pulumi.Input<T> | undefined): pulumi.Input<T> {
    // The SDK resolves an Input inside a promise; its types only know the promise of a plain value.
    return this.getData().then(({ onDisk }) => (onDisk ? undefined : named)) as pulumi.Input<T>;
  }

  /**
   * What a release must wait for: every copy, the chart, the pull secret and the trial of its login, and the rights to pull.
   *
   * @internal
   */
  ready(): Promise<pulumi.Resource[]> {
    return this.getData().then(({ copies, pushes, pullAccess, pullGrants, admission }) => [
      ...new Set(copies.map(({ resource }) => resource)),
      ...pushes,
      ...pullAccess,
      ...pullGrants,
      ...admission,
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
  protected override initialize(
    registeredArgs: ChartMirrorArgs,
    opts: pulumi.ComponentResourceOptions,
    name: string,
  ): Promise<ChartMirrorData> {
    const args = GIVEN.get(registeredArgs) ?? registeredArgs;
    return createMirror(name, args, { component: this, around: deploymentAround(opts) }, opts, () => this.images);
  }
}
