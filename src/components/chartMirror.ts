import * as pulumi from "@pulumi/pulumi";
import { mergeValues } from "../chart/content/valuePaths";
import { withoutLogins, type ChartMirrorArgs } from "../release/chartMirrorArgs";
import type { ChartPush } from "../copy/chartPush";
import { CopyMethod } from "../copy/copyMethod";
import { imageCopyOptions } from "../copy/imageCopyOptions";
import type { ImageInMirror } from "../copy/imageInMirror";
import type { JsonObject } from "../json";
import { createAdmission } from "../release/admission/createAdmission";
import { createPullAccess, refresherImage } from "../release/pullAccess";
import type { ServiceAccountLink } from "../kubernetes/serviceAccountLink";
import type { PlannedImage } from "../plan/relocationPlan";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { mergeOverrides } from "../release/mergeOverrides";
import { withHiddenKeys } from "../inputs/hiddenKeys";
import { planFailure } from "../inputs/planFailure";
import { planRelease, type ReleasePlan } from "../release/planRelease";
import { holdsSecret } from "../inputs/redact";
import type { MirrorImagesOptions } from "../registry/registryCopies";
import {
  earlierPlan,
  firstPreviewProblems,
  memoryOf,
  previewRelease,
  rememberedChart,
  type ReleaseComponents,
} from "../release/previewRelease";
import { ReleaseReport, reportCopies } from "./releaseReport";
import { sourceAccessOf } from "../release/sourceAccess";
import { chartMirrorFields } from "../release/argumentShapes";
import { checkArguments } from "../inputs/checkArguments";
import { componentKind, ownComponent } from "../resource/ownTypes";

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

/** What a mirror has made once its plan is known. */
interface ChartMirrorData extends ReleasePlan {
  readonly copies: readonly ImageInMirror[];
  /** The charts that go into the mirror; the last is the one to deploy. */
  readonly pushes: readonly ChartPush[];
  /** What lets pods pull, besides what the registry grants: the secret, its renewal, the trial of its login. */
  readonly pullAccess: readonly pulumi.Resource[];
  readonly pullGrants: readonly pulumi.Resource[];
  /** What keeps pods on the mirror that no chart shows. */
  readonly admission: readonly pulumi.Resource[];
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
    return { told: memory.then(({ told }) => told), chartSeen: memory.then(({ chartSeen }) => chartSeen) };
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
  protected override async initialize(
    registeredArgs: ChartMirrorArgs,
    opts: pulumi.ComponentResourceOptions,
    name: string,
  ): Promise<ChartMirrorData> {
    const args = GIVEN.get(registeredArgs) ?? registeredArgs;
    const isPreview = pulumi.runtime.isDryRun();
    const components = { component: this, around: deploymentAround(opts) };
    const release = await planRelease(
      name,
      args,
      this,
      () => rememberedChart(components),
      async (error, secrets) => (isPreview ? firstPreviewProblems(error, args, components, secrets) : []),
    );
    const { plan } = release;
    const report = await this.openReport(name, args, release, components);
    const images = isPreview ? await previewRelease(name, args, release, components) : plan.images;

    const access = pulumi.secret(sourceAccessOf(args).map((entry) => withHiddenKeys(entry)));
    const { registry, lockFile } = args;
    // A lock file decides what a tag is.
    const options = {
      ...imageCopyOptions(args),
      name,
      ...(lockFile !== undefined && { tags: undefined, locked: true }),
    };
    const charts = release.toMirror?.archives ?? [];
    const refresher = await this.refuse(args, release, options);
    const pushes = charts.map((chart) => registry.mirrorChart(chart));
    const copies = registry.mirrorImages(images, access, options);
    const { pullSecretName, namespace, createNamespace } = release;
    if (report && isPreview)
      await this.written(report.write(plan, images, registry.copyMethodFor(args) === CopyMethod.Docker), release);
    else if (report) reportCopies(report, plan, this.images);
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
    const admission = await this.createAdmission(name, args, { ...release, plan: { ...plan, images } }, [
      ...copies.map(({ resource }) => resource),
      ...pullAccess,
    ]);
    const { pullGrants } = registry;
    const { mountable } = args.pullSecret ?? {};
    const chartAccounts =
      pullSecretName === undefined
        ? []
        : (plan.chartAccounts ?? []).map((account) => ({ secretName: pullSecretName, account, namespace, mountable }));
    return { ...release, copies, pushes, pullAccess, pullGrants, admission, chartAccounts };
  }

  /** The file of `report`, looked at before anything is made. */
  private async openReport(
    name: string,
    { report, lockFile, sourceBundle, registry }: ChartMirrorArgs,
    release: ReleasePlan,
    components: ReleaseComponents,
  ): Promise<ReleaseReport | undefined> {
    if (report === undefined) return undefined;
    const earlier = (await earlierPlan(components))?.images ?? [];
    const { secrets } = release;
    return this.written(
      ReleaseReport.open(name, report, [lockFile, sourceBundle], { mirror: await registry.address, secrets, earlier }),
      release,
    );
  }

  private async written<T>(writing: Promise<T>, { secrets }: ReleasePlan): Promise<T> {
    try {
      return await writing;
    } catch (error) {
      throw planFailure(error, secrets, this);
    }
  }

  /** What keeps pods on the mirror; once images and login are there, since pods are sent to them. */
  private async createAdmission(
    name: string,
    { admission, registry, pullSecret, ignoreImages = [] }: ChartMirrorArgs,
    { plan, namespace, createNamespace, pullSecretName }: ReleasePlan,
    after: readonly pulumi.Resource[],
  ): Promise<readonly pulumi.Resource[]> {
    if (admission === undefined) return [];
    const pullNamespaces = pullSecretName === undefined ? [] : (pullSecret?.namespaces ?? []);
    // Where there is a Secret to make, its namespaces have been made.
    const createNamespaces = createNamespace && (pullSecretName === undefined || pullSecret?.create === false);
    const args = {
      admission,
      registry,
      plan,
      ignoreImages,
      namespace,
      createNamespaces,
      pullNamespaces,
      pullSecretName,
    };
    return [await createAdmission(name, args, this, after)];
  }

  /** Refuses what cannot be, before anything is registered: an update without a preview begins with that at once. */
  private async refuse(
    { registry, pullSecret }: ChartMirrorArgs,
    { plan, toMirror, secrets }: ReleasePlan,
    options: MirrorImagesOptions,
  ): Promise<PlannedImage | undefined> {
    try {
      const refresher = await refresherImage(registry, pullSecret ?? {});
      registry.refuseRelease(plan.images, toMirror?.archives ?? [], options);
      if (refresher) {
        registry.refuseTargets([refresher]);
        registry.refuseRelease([refresher], []);
      }
      return refresher;
    } catch (error) {
      throw planFailure(error, secrets, this);
    }
  }
}
