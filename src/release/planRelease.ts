import type * as pulumi from "@pulumi/pulumi";
import { refuseMissingImages } from "../bundle/missingImages";
import { chartDigest } from "../chart/content/patch";
import { relocateChart } from "../chart/relocate";
import type { RelocateOptions } from "../chart/describe/relocateOptions";
import { chartSeen, isPushedAgain, pushedAgainFinding } from "../chart/source/chartSeen";
import { withoutLogin, type LoadedChart } from "../chart/source/source";
import { dependsOnUnknown, fillUnknowns } from "../chart/content/unknownValues";
import { mergeValues, valueAt } from "../chart/content/valuePaths";
import { fractions } from "../chart/content/writtenNumbers";
import type { ChartMirrorArgs } from "./chartMirrorArgs";
import { CopyMethod } from "../copy/copyMethod";
import { registryAccess } from "../copy/imageCopyInputs";
import { onePlatformFinding } from "../copy/docker/onePlatformFinding";
import { MirrorError, MirrorErrors } from "../error";
import type { JsonObject } from "../json";
import { ChartScratch } from "../machine/chartScratch";
import { confirmationAt } from "../machine/imageConfirmation";
import type { Registries } from "../oci/registries";
import { localRegistries } from "../machine/localRegistries";
import { mirrorPrefix, type MirrorAddress } from "../plan/layout";
import { choosePlatforms, parsePlatforms, platformFindings, type PlatformChoice } from "../plan/platformChoice";
import type { Finding, RelocationPlan } from "../plan/relocationPlan";
import { resolveDigests } from "../plan/resolveDigests";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { TagPolicy } from "../plan/tagPolicy";
import { knownNow } from "../inputs/knownNow";
import { refuseLostKeys } from "../inputs/lostKeys";
import { planFailure } from "../inputs/planFailure";
import { startOwnProvider } from "../resource/ownResource";
import { repositoryFindings } from "../chart/source/ignoredRepository";
import { lockFindings } from "./dependencyFindings";
import { deploymentFindings, readDeployment, refuseDeployment, refuseUnverifiable } from "./deployment";
import { refuseRuntimeAlone } from "../inputs/languageRuntime";
import { pathForEngine, refuseOtherFolder } from "../inputs/workingFolder";
import { claimReleaseFolder } from "./releaseFolder";
import { mirroredReleaseChart, releaseChart, type ReleaseChart, type ReleaseChartOptions } from "./releaseChart";
import { readReleaseInputs, type ReleaseInputs } from "./releaseInputs";
import { releaseNamespace, releaseRenderer } from "./releaseRenderer";
import { pinReleaseDigests } from "./releasePins";
import { refuseMirroredTags } from "./releaseTags";
import { verifyReleaseTrust } from "./releaseTrust";
import { refuseSecretImages } from "./secretImages";
import { refuseBundleWay } from "./sourceAccess";

/** All that is known of a release before anything of it is touched. */
export interface ReleasePlan extends ReleaseChart {
  readonly plan: ResolvedPlan;
  /** The user's values with their Outputs. */
  readonly userValues: Record<string, unknown>;
  /** The same values as the solver saw them. */
  readonly plainValues: JsonObject;
  /** Name of the secret that the values carry. */
  readonly pullSecretName: string | undefined;
  /** Namespace of release and secret, as the user gave it. */
  readonly namespace: pulumi.Input<string> | undefined;
  readonly createNamespace: boolean;
  /** What the next plan has to know of the chart, see `chartSeen`; undefined for a chart that the user has on disk. */
  readonly chartSeen: string | undefined;
  /** What the component was called when it was first deployed, for which is named what it has made. */
  readonly firstName: string;
  /** Every secret text that planning met: whoever shows anything of the plan looks that none is in it. */
  readonly secrets: readonly string[];
}

/** An image would still be pulled from outside the mirror. `code` is `IMAGE_ESCAPES`. */
export class ImageEscapesError extends MirrorError {
  override readonly name = "ImageEscapesError";
  constructor(readonly finding: Finding) {
    super("IMAGE_ESCAPES", finding.message);
  }
}

/**
 * Plans a release: reads the chart, solves and verifies its values, looks its images up at their registries. Touches
 * nothing.
 *
 * @param remembered what the last update has said of it
 * @param alsoWrong what else is wrong, which is told together with the failure of a plan; fills in the secrets that it meets
 * @throws {pulumi.ResourceError} with all that is wrong, at the component
 */
export async function planRelease(
  name: string,
  args: ChartMirrorArgs,
  component: pulumi.Resource,
  remembered: () => Promise<RememberedRelease> = () => Promise.resolve({}),
  alsoWrong: (error: MirrorError, secrets: string[]) => Promise<readonly Error[]> = () => Promise.resolve([]),
): Promise<ReleasePlan> {
  const secrets: string[] = [];
  const planner = new ReleasePlanner(name, args, component, remembered, secrets);
  try {
    return await planner.plan();
  } catch (error) {
    const more = error instanceof MirrorError ? await alsoWrong(error, secrets) : [];
    throw planFailure(MirrorErrors.combined(`Planning release ${name}`, error, more), secrets, component);
  } finally {
    await planner.close();
  }
}

/** What the last update has said of a release, as far as the next plan needs it. */
export interface RememberedRelease {
  /** See `chartSeen`. */
  readonly chartSeen?: unknown;
  /** See {@link ReleasePlan.firstName}. */
  readonly firstName?: string;
}

/** The chart as the solver gets it. */
type Solving = Pick<RelocateOptions, "chart" | "values" | "numbers" | "render" | "renderPatched">;

class ReleasePlanner {
  private loaded: LoadedChart | undefined;
  private folderEnding: string;
  /** See {@link ReleasePlan.firstName}. */
  private firstName: string;

  constructor(
    private readonly name: string,
    private readonly args: ChartMirrorArgs,
    private readonly component: pulumi.Resource,
    private readonly remembered: () => Promise<RememberedRelease>,
    /** Filled with every secret text that planning meets, so that no error shows one. */
    private readonly secrets: string[],
  ) {
    this.folderEnding = claimReleaseFolder(name, component);
    this.firstName = name;
  }

  async plan(): Promise<ReleasePlan> {
    refuseRuntimeAlone();
    refuseOtherFolder();
    const { args, name, component } = this;
    const remembered = await this.remembered();
    const { firstName = name } = remembered;
    if (firstName !== name) this.folderEnding = claimReleaseFolder(name, component, firstName);
    this.firstName = firstName;
    await refuseDeployment(name, args, component);
    startOwnProvider();
    const deployment = args.deployment && (await readDeployment(args.deployment));
    const platforms = parsePlatforms(args.platforms);
    await refuseBundleWay(args);
    const inputs = await readReleaseInputs(name, args, this.secrets);
    this.loaded = inputs.loaded;
    const { chartName, loaded, mirror, user, defaults } = inputs;
    const registries = localRegistries(inputs.access.map(registryAccess));
    const choice: PlatformChoice | undefined = platforms && {
      platforms,
      layout: args.registry.layout,
      subset: (reference, wanted) => registries.subset(reference, wanted),
    };
    const renderOf = await releaseRenderer(firstName, args, component, { chart: loaded.chart, chartName });
    const scratch = new ChartScratch(loaded.folder, loaded.metadata.name, renderOf);
    let relocation: RelocationPlan;
    let plan: ResolvedPlan;
    try {
      const values = mergeValues(inputs.files.values, user.values);
      const solving: Solving = {
        chart: loaded.chart,
        values: fillUnknowns(values, user.unknown, defaults),
        numbers: [
          ...inputs.files.numbers.filter(({ path, value }) => valueAt(values, path) === value),
          ...fractions(user.values),
        ],
        render: renderOf(loaded.folder),
        renderPatched: (changed: ReadonlyMap<string, string>) => scratch.renderPatched(changed),
      };
      relocation = await this.relocate(solving, inputs, registries);
      plan = await this.resolve(relocation, solving, inputs, registries, choice);
    } finally {
      registries.close();
      await scratch.close();
    }
    const seen = loaded.local ? undefined : chartSeen(loaded, remembered.chartSeen);
    const pushedAgain = seen !== undefined && isPushedAgain(loaded, seen);
    const chartToDeploy = await this.releaseChart({ named: chartName, loaded, pushedAgain }, relocation, mirror);
    if (deployment) refuseUnverifiable(deployment, chartToDeploy, withoutLogin(chartName));
    const findings = [
      ...plan.findings,
      ...(args.registry.copyMethodFor(args) === CopyMethod.Docker ? [onePlatformFinding(args.copyPlatform)] : []),
      ...(choice ? platformFindings(plan.images, choice) : []),
      ...(pushedAgain ? [pushedAgainFinding(loaded.metadata)] : []),
      ...(deployment ? deploymentFindings(deployment) : []),
    ];
    return {
      plan: { ...plan, findings },
      ...chartToDeploy,
      userValues: (args.values ?? {}) as Record<string, unknown>,
      plainValues: fillUnknowns(user.values, user.unknown, defaults),
      pullSecretName: this.pullSecretName(),
      namespace: args.namespace as pulumi.Input<string> | undefined,
      createNamespace: (await knownNow(args.createNamespace, `the createNamespace of ${name}`)) ?? false,
      chartSeen: seen,
      firstName,
      secrets: this.secrets,
    };
  }

  /** Name of the secret that pods pull with; undefined where they need none. */
  private pullSecretName(): string | undefined {
    const { registry, pullSecret } = this.args;
    if (!registry.pullCredentials || pullSecret?.disabled) return undefined;
    return pullSecret?.name ?? `${this.firstName}-pull`;
  }

  /** The values and patches that move all images, verified; nothing escapes that may not. */
  private async relocate(
    solving: Solving,
    { mirror, lock, notYet, user, loaded }: ReleaseInputs,
    registries: Registries,
  ): Promise<RelocationPlan> {
    const { args } = this;
    const told = await refuseSecretImages({ ...solving, secrets: user.secretPaths });
    const namespace = await releaseNamespace(args);
    const pullSecret = this.pullSecretName();
    const linked = args.pullSecret?.serviceAccounts;
    const confirm = confirmationAt(registries, { unknown: notYet });
    const relocation = await relocateChart({
      ...solving,
      mirror,
      layout: args.registry.layout,
      namespace,
      pullSecret,
      linkedAccounts: linked && { names: linked, namespace },
      extraImages: args.extraImages,
      ignoreImages: args.ignoreImages,
      confirm: async (reference) => lock?.confirms(reference) ?? confirm(reference),
    });
    const ofSource = [...repositoryFindings(loaded), ...lockFindings(loaded)];
    const plan = { ...relocation, findings: [...relocation.findings, ...told, ...ofSource] };
    this.refuseEscapes(plan);
    await refuseLostKeys(plan.values);
    args.registry.refuseTargets(plan.images);
    return plan;
  }

  /** The plan with its images as their registries have them, or as the lock file says; signed and with tags as they must be. */
  private async resolve(
    relocation: RelocationPlan,
    solving: Solving,
    { mirror, lock, notYet }: ReleaseInputs,
    registries: Registries,
    choice: PlatformChoice | undefined,
  ): Promise<ResolvedPlan> {
    const { args, component } = this;
    const known = withoutUnknowns(relocation);
    const pin = (resolved: ResolvedPlan): Promise<ResolvedPlan> =>
      pinReleaseDigests(
        resolved,
        { ...args, copyWith: args.registry.copyMethodFor(args) },
        { ...solving, notYet, component },
      );
    const looked = async (): Promise<ResolvedPlan> => {
      // Without its login an image would look as if it did not exist; its copy looks it up when the login is known.
      const resolved = await resolveDigests(
        known,
        (reference) => registries.head(reference),
        notYet,
        (host) => registries.client(host).location,
      );
      return pin(choice ? await choosePlatforms(resolved, choice) : resolved);
    };
    let plan: ResolvedPlan;
    if (lock) {
      plan = await lock.resolve(known, {
        chartDigest: chartDigest(solving.chart),
        mirror: mirrorPrefix(mirror),
        registries,
        choice,
        pin,
      });
      if (args.sourceBundle !== undefined) await refuseMissingImages(plan, args.sourceBundle);
    }
    // What was mirrored stays: only its copy knows which image that was.
    else plan = args.tags === TagPolicy.Pin ? await pin(known) : await looked();
    await refuseMirroredTags(plan, args);
    await verifyReleaseTrust(plan, args, { registries, notYet, component });
    return plan;
  }

  /** Removes what was unpacked on the way. */
  async close(): Promise<void> {
    await this.loaded?.remove?.();
  }

  /** The chart that the release installs, on disk or packed for the mirror. */
  private async releaseChart(
    { named, loaded, pushedAgain }: Pick<ReleaseChartOptions, "named" | "loaded" | "pushedAgain">,
    { patches }: RelocationPlan,
    mirror: MirrorAddress,
  ): Promise<ReleaseChart> {
    const { registry, mirrorChart } = this.args;
    const { firstName: name, folderEnding } = this;
    const chart = mirrorChart
      ? await mirroredReleaseChart({ name, folderEnding, loaded, patches }, mirror)
      : await releaseChart({ name, folderEnding, named, loaded, patches, pushedAgain });
    registry.refuseTargets(chart.toMirror?.archives.map(({ target }) => ({ source: target, target })) ?? []);
    return chart.onDisk ? chartForEngine(chart) : chart;
  }

  private refuseEscapes({ chart, findings }: RelocationPlan): void {
    if (this.args.allowEscapes) return;
    const escapes = findings.filter(({ severity }) => severity === "escape");
    MirrorErrors.throwIfAny(
      `Chart ${chart.name} ${chart.version} would still pull images from outside the mirror`,
      escapes.map((finding) => new ImageEscapesError(finding)),
    );
  }
}

/** The same chart, with its paths as the engine's plugins take them. */
async function chartForEngine(release: ReleaseChart): Promise<ReleaseChart> {
  const { chart, toMirror } = release;
  const archives = toMirror?.archives.map(async (archive) => ({ ...archive, file: await pathForEngine(archive.file) }));
  return {
    ...release,
    chart: await pathForEngine(chart),
    ...(toMirror && archives && { toMirror: { ...toMirror, archives: await Promise.all(archives) } }),
  };
}

/** Images whose names are not known yet cannot be copied in this preview; the update, which knows them, copies them. */
function withoutUnknowns(plan: RelocationPlan): RelocationPlan {
  return { ...plan, images: plan.images.filter(({ source }) => !dependsOnUnknown(source)) };
}
