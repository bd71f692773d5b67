import * as pulumi from "@pulumi/pulumi";
import { coalescedValues } from "../chart/content/chartValues";
import { helmCommand } from "../chart/render/helmCommand";
import { chartDigest } from "../chart/content/patch";
import { relocateChart } from "../chart/relocate";
import type { Chart } from "../chart/content/chart";
import { foreignSchemas } from "../chart/content/schemaReferences";
import type { Render, RenderOptions } from "../chart/render/render";
import type { RepositoryOptions } from "../chart/source/repositoryOptions";
import { loadChart, withoutLogin, type ChartSource, type LoadedChart } from "../chart/source/source";
import { templateFunction } from "../chart/render/templateFunction";
import { dependsOnUnknown, fillUnknowns } from "../chart/content/unknownValues";
import { mergeValues } from "../chart/content/valuePaths";
import type { ChartMirrorArgs } from "./chartMirrorArgs";
import { CopyMethod } from "../copy/copyMethod";
import { onePlatformFinding } from "../copy/docker/onePlatformFinding";
import { registryAccess, type AccessInput } from "../copy/imageCopyInputs";
import { MirrorError, MirrorErrors } from "../error";
import type { Json, JsonObject } from "../json";
import { ChartScratch } from "../machine/chartScratch";
import { findHelm } from "../machine/findHelm";
import { confirmationAt } from "../machine/imageConfirmation";
import { localChartSources } from "../machine/localChartSources";
import { localRegistries } from "../machine/localRegistries";
import { mirrorPrefix, type MirrorAddress } from "../plan/layout";
import { choosePlatforms, parsePlatforms, platformFindings, type PlatformChoice } from "../plan/platformChoice";
import type { Finding, RelocationPlan } from "../plan/relocationPlan";
import { resolveDigests } from "../plan/resolveDigests";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { TagPolicy } from "../plan/tagPolicy";
import { chartInMirror } from "./chartInMirror";
import { knownNow, UnknownInputError } from "../inputs/knownNow";
import { refuseLostKeys } from "../inputs/lostKeys";
import { plainValues } from "../inputs/plainValues";
import { secretTexts } from "../inputs/secretTexts";
import { planFailure } from "../inputs/planFailure";
import { lockFindings } from "./dependencyFindings";
import { deploymentFindings, readDeployment, refuseDeployment, refuseUnverifiable } from "./deployment";
import { refuseOtherFolder } from "../inputs/workingFolder";
import { mirroredReleaseChart, releaseChart, type ReleaseChart } from "./releaseChart";
import { ReleaseLock } from "./releaseLock";
import { pinReleaseDigests } from "./releasePins";
import { refuseMirroredTags } from "./releaseTags";
import { verifyReleaseTrust } from "./releaseTrust";
import { refuseSecretImages } from "./secretImages";
import { readSourceAccess } from "./sourceAccess";
import { readValueFiles } from "./valueFiles";

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
 * @param alsoWrong what else is wrong, which is told together with the failure of a plan; fills in the secrets that it meets
 * @throws {pulumi.ResourceError} with all that is wrong, at the component
 */
export async function planRelease(
  name: string,
  args: ChartMirrorArgs,
  component: pulumi.Resource,
  alsoWrong: (error: MirrorError, secrets: string[]) => Promise<readonly Error[]> = () => Promise.resolve([]),
): Promise<ReleasePlan> {
  const secrets: string[] = [];
  const planner = new ReleasePlanner(name, args, component, secrets);
  try {
    return await planner.plan();
  } catch (error) {
    const more = error instanceof MirrorError ? await alsoWrong(error, secrets) : [];
    throw planFailure(MirrorErrors.together(`Planning release ${name}`, error, more), secrets, component);
  } finally {
    await planner.close();
  }
}

class ReleasePlanner {
  private loaded: LoadedChart | undefined;

  constructor(
    private readonly name: string,
    private readonly args: ChartMirrorArgs,
    private readonly component: pulumi.Resource,
    /** Filled with every secret text that planning meets, so that no error shows one. */
    private readonly secrets: string[],
  ) {}

  async plan(): Promise<ReleasePlan> {
    refuseOtherFolder();
    const { args, name } = this;
    await refuseDeployment(name, args, this.component);
    const deployment = args.deployment && (await readDeployment(args.deployment));
    const platforms = parsePlatforms(args.platforms);
    const mirror = await args.registry.address;
    const lock = args.lockFile === undefined ? undefined : await ReleaseLock.open(args.lockFile, args.tags);
    const { access, notYet } = await readSourceAccess(
      [...args.registry.sourceAccess, ...(args.sourceAccess ?? [])],
      this.secrets,
    );
    const chartName = await this.known(args.chart, "chart");
    const loaded = (this.loaded = await this.load(chartName, access, mirror, lock));
    const { chart } = loaded;
    const defaults = coalescedValues(chart, {});
    await refuseLostKeys(args.values);
    const user = await plainValues(args.values);
    this.secrets.push(...user.secrets);
    const files = await readValueFiles((await this.known(args.valueYamlFiles, "valueYamlFiles")) ?? []);
    const secretName = args.pullSecret?.disabled ? undefined : (args.pullSecret?.name ?? `${name}-pull`);
    const pullSecretName = args.registry.pullCredentials && secretName;
    const linked = args.pullSecret?.serviceAccounts;

    const renderOf = await this.renderer(chart, chartName);
    const scratch = new ChartScratch(loaded.folder, loaded.metadata.name, renderOf);
    const registries = localRegistries(access.map(registryAccess));
    const confirm = confirmationAt(registries, { unknown: notYet });
    const choice: PlatformChoice | undefined = platforms && {
      platforms,
      layout: args.registry.layout,
      subset: (reference, wanted) => registries.subset(reference, wanted),
    };
    let relocation: RelocationPlan;
    let plan: ResolvedPlan;
    try {
      const solving = {
        chart,
        values: fillUnknowns(mergeValues(files, user.values), user.unknown, defaults),
        render: renderOf(loaded.folder),
        renderPatched: (changed: ReadonlyMap<string, string>) => scratch.renderPatched(changed),
      };
      const findings = await refuseSecretImages({ ...solving, secrets: user.secretPaths });
      relocation = await relocateChart({
        ...solving,
        mirror,
        layout: args.registry.layout,
        namespace: await this.namespace(),
        ...(pullSecretName !== undefined && { pullSecret: pullSecretName }),
        ...(linked && { linkedAccounts: { names: linked, namespace: await this.namespace() } }),
        ...(args.extraImages && { extraImages: args.extraImages }),
        ...(args.ignoreImages && { ignoreImages: args.ignoreImages }),
        confirm: async (reference) => lock?.confirms(reference) ?? confirm(reference),
      });
      relocation = { ...relocation, findings: [...relocation.findings, ...findings, ...lockFindings(loaded)] };
      this.refuseEscapes(relocation);
      await refuseLostKeys(relocation.values);
      args.registry.refuseTargets(relocation.images);
      const known = withoutUnknowns(relocation);
      const pin = (resolved: ResolvedPlan): Promise<ResolvedPlan> =>
        pinReleaseDigests(resolved, args, { ...solving, notYet, component: this.component });
      if (lock)
        plan = await lock.resolve(known, {
          chartDigest: chartDigest(chart),
          mirror: mirrorPrefix(mirror),
          registries,
          ...(choice && { choice }),
          pin,
        });
      // What was mirrored stays: only its copy knows which image that was.
      else if (args.tags === TagPolicy.Pin) plan = await pin(known);
      // Without its login an image would look as if it did not exist; its copy looks it up when the login is known.
      else {
        const resolved = await resolveDigests(
          known,
          (reference) => registries.head(reference),
          notYet,
          (host) => registries.client(host).location,
        );
        plan = await pin(choice ? await choosePlatforms(resolved, choice) : resolved);
      }
      await refuseMirroredTags(plan, args);
      await verifyReleaseTrust(plan, args, { registries, notYet, component: this.component });
    } finally {
      registries.close();
      await scratch.close();
    }
    if (args.copyWith === CopyMethod.Docker)
      plan = { ...plan, findings: [...plan.findings, onePlatformFinding(args.copyPlatform)] };
    if (choice) plan = { ...plan, findings: [...plan.findings, ...platformFindings(plan.images, choice)] };
    const chartToDeploy = await this.releaseChart(chartName, loaded, relocation, mirror);
    if (deployment) {
      refuseUnverifiable(deployment, chartToDeploy, withoutLogin(chartName));
      plan = { ...plan, findings: [...plan.findings, ...deploymentFindings(deployment)] };
    }
    return {
      plan,
      ...chartToDeploy,
      userValues: (args.values ?? {}) as Record<string, unknown>,
      plainValues: fillUnknowns(user.values, user.unknown, defaults),
      pullSecretName,
      namespace: args.namespace as pulumi.Input<string> | undefined,
      createNamespace: (await this.known(args.createNamespace, "createNamespace")) ?? false,
      secrets: this.secrets,
    };
  }

  /** Removes what was unpacked on the way. */
  async close(): Promise<void> {
    await this.loaded?.remove?.();
  }

  private async load(
    chart: string,
    access: readonly AccessInput[],
    mirror: MirrorAddress,
    lock: ReleaseLock | undefined,
  ): Promise<LoadedChart> {
    const { args } = this;
    const version = await this.known(args.version, "version");
    const devel = await this.known(args.devel, "devel");
    const dependencyUpdate = await this.known(args.dependencyUpdate, "dependencyUpdate");
    const named = {
      chart,
      ...(dependencyUpdate === true && { dependencyUpdate }),
      ...(version !== undefined && { version }),
      ...(devel !== undefined && { devel }),
    };
    const mirrored = args.mirrorChart && lock?.chart && chartInMirror(named, lock.chart, mirror);
    const stored = mirrored && (await this.loadMirrored(mirrored, lock));
    if (stored) return stored;
    const opts = await plainValues(args.repositoryOpts);
    this.secrets.push(...opts.secrets);
    const missing = opts.unknown[0];
    if (missing) throw new UnknownInputError(`repositoryOpts.${missing.join(".")} of ${this.name}`);
    const { repo, ...repository } = opts.values;
    return loadChart(
      { ...named, repository: { ...repository, ...(repo !== undefined && { url: repo }) } as RepositoryOptions },
      localChartSources(access.map(registryAccess)),
    );
  }

  /** The chart that was locked, from the mirror; undefined where that does not have it, or has another one there. */
  private async loadMirrored(source: ChartSource, lock: ReleaseLock): Promise<LoadedChart | undefined> {
    const access = await plainValues(this.args.registry.pushAccess);
    this.secrets.push(...secretTexts(access));
    // The registry is still to be made.
    if (access.unknown.length > 0) return undefined;
    try {
      const loaded = await loadChart(
        source,
        localChartSources([registryAccess(access.values as unknown as AccessInput)]),
      );
      if (chartDigest(loaded.chart) === lock.chart?.digest) return loaded;
      await loaded.remove?.();
      return undefined;
    } catch (error) {
      // It may not have been pushed yet: the named source, which is asked now, tells what is wrong.
      if (error instanceof MirrorError) return undefined;
      throw error;
    }
  }

  /** The chart that the release installs, on disk or packed for the mirror. */
  private async releaseChart(
    named: string,
    loaded: LoadedChart,
    { patches }: RelocationPlan,
    mirror: MirrorAddress,
  ): Promise<ReleaseChart> {
    const { registry, mirrorChart } = this.args;
    const { name } = this;
    if (!mirrorChart) return releaseChart({ name, named, loaded, patches });
    const chart = await mirroredReleaseChart({ name, loaded, patches }, mirror);
    registry.refuseTargets(chart.toMirror?.archives.map(({ target }) => ({ source: target, target })) ?? []);
    return chart;
  }

  private known<T>(input: pulumi.Input<T>, what: string): Promise<T> {
    return knownNow(input, `the ${what} of ${this.name}`);
  }

  /** How to render a folder: with the `helm` command where there is one, else with the Kubernetes provider's Helm. */
  private async renderer(chart: Chart, chartName: string): Promise<(folder: string) => Render> {
    const { args, component } = this;
    const options: Omit<RenderOptions, "chart"> = {
      name: withoutLogin(chartName),
      // The engine gives a release without a name a random one, which no chart may depend on for its images.
      releaseName: (await this.knownOr(args.releaseName, this.name)) ?? this.name,
      namespace: await this.namespace(),
      ...(args.kubeVersion !== undefined && { kubeVersion: args.kubeVersion }),
      ...(args.apiVersions !== undefined && { apiVersions: args.apiVersions }),
    };
    const helm = findHelm();
    const skipSchemas = foreignSchemas(chart).length > 0;
    if (helm !== undefined) return (folder) => helmCommand(helm, { ...options, skipSchemas, chart: folder });
    const invoke = async (jsonOpts: string): Promise<readonly Json[] | undefined> => {
      const answer: unknown = await pulumi.runtime.invoke(
        "kubernetes:helm:template",
        { jsonOpts },
        { parent: component },
      );
      return (answer as { result?: Json[] }).result;
    };
    return (folder) => templateFunction(invoke, { ...options, chart: folder });
  }

  private async namespace(): Promise<string> {
    return (await this.knownOr(this.args.namespace, "default")) ?? "default";
  }

  /** A name that is not known yet does not decide which images a chart has. */
  private async knownOr(input: pulumi.Input<string | undefined>, standIn: string): Promise<string | undefined> {
    return this.known(input, "name").catch(() => standIn);
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

/** Images whose names are not known yet cannot be copied in this preview; the update, which knows them, copies them. */
function withoutUnknowns(plan: RelocationPlan): RelocationPlan {
  return { ...plan, images: plan.images.filter(({ source }) => !dependsOnUnknown(source)) };
}
