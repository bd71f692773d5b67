import * as pulumi from "@pulumi/pulumi";
import type { ChartPush } from "../copy/chartPush";
import { CopyMethod } from "../copy/copyMethod";
import { imageCopyOptions } from "../copy/imageCopyOptions";
import type { ImageInMirror } from "../copy/imageInMirror";
import { withHiddenKeys } from "../inputs/hiddenKeys";
import { planFailure } from "../inputs/planFailure";
import type { ServiceAccountLink } from "../kubernetes/serviceAccountLink";
import type { PlannedImage } from "../plan/relocationPlan";
import type { MirrorImagesOptions } from "../registry/registryCopies";
import { createAdmission } from "../release/admission/createAdmission";
import type { ChartMirrorArgs } from "../release/chartMirrorArgs";
import { planRelease, type ReleasePlan } from "../release/planRelease";
import { earlierPlan, firstPreviewProblems, previewRelease } from "../release/previewRelease";
import { createPullAccess, refresherImage } from "../release/pullAccess";
import { ReleaseReport, reportCopies, type CopiedImages } from "./releaseReport";
import { rememberedRelease, type ReleaseComponents } from "../release/releaseMemory";
import { sourceAccessOf } from "../release/sourceAccess";

/** What a mirror has made once its plan is known. */
export interface ChartMirrorData extends ReleasePlan {
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
 * Plans a release, and makes all that it needs of the mirror and of the cluster: copies, charts, pull secrets, policies.
 *
 * @param opts of the component that stands for it
 * @param mirrored what the component says of its images; it is there once this is under way
 */
export async function createMirror(
  name: string,
  args: ChartMirrorArgs,
  components: ReleaseComponents,
  opts: pulumi.ComponentResourceOptions,
  mirrored: () => CopiedImages,
): Promise<ChartMirrorData> {
  const { component } = components;
  const isPreview = pulumi.runtime.isDryRun();
  const release = await planRelease(
    name,
    args,
    component,
    () => rememberedRelease(components, opts),
    async (error, secrets) => (isPreview ? firstPreviewProblems(error, args, components, secrets) : []),
  );
  const { plan } = release;
  const report = await openReport(name, args, release, components);
  const images = isPreview ? await previewRelease(name, args, release, components) : plan.images;

  const access = pulumi.secret(sourceAccessOf(args).map((entry) => withHiddenKeys(entry)));
  const { registry, lockFile } = args;
  // A lock file decides what a tag is.
  const options = {
    ...imageCopyOptions(args),
    name,
    firstName: release.firstName,
    ...(lockFile !== undefined && { tags: undefined, locked: true }),
  };
  const charts = release.toMirror?.archives ?? [];
  const refresher = await refuse(args, release, options, component);
  const pushes = charts.map((chart) => registry.mirrorChart(chart));
  const copies = registry.mirrorImages(images, access, options);
  const { pullSecretName, namespace, createNamespace } = release;
  const isPacked = registry.copyMethodFor(args) === CopyMethod.Docker;
  if (report && isPreview) await written(report.write(plan, images, isPacked), release, component);
  else if (report) reportCopies(report, plan, mirrored());
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
          component,
        );
  const admission = await keepOnMirror(name, args, { ...release, plan: { ...plan, images } }, component, [
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
async function openReport(
  name: string,
  { report, lockFile, sourceBundle, registry }: ChartMirrorArgs,
  release: ReleasePlan,
  components: ReleaseComponents,
): Promise<ReleaseReport | undefined> {
  if (report === undefined) return undefined;
  const earlier = (await earlierPlan(components))?.images ?? [];
  const about = { mirror: await registry.address, secrets: release.secrets, earlier };
  return written(ReleaseReport.open(name, report, [lockFile, sourceBundle], about), release, components.component);
}

async function written<T>(writing: Promise<T>, { secrets }: ReleasePlan, component: pulumi.Resource): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    throw planFailure(error, secrets, component);
  }
}

/** What keeps pods on the mirror; once images and login are there, since pods are sent to them. */
async function keepOnMirror(
  name: string,
  { admission, registry, pullSecret, ignoreImages = [] }: ChartMirrorArgs,
  { plan, namespace, createNamespace, pullSecretName }: ReleasePlan,
  component: pulumi.Resource,
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
  return [await createAdmission(name, args, component, after)];
}

/** Refuses what cannot be, before anything is registered: an update without a preview begins with that at once. */
async function refuse(
  { registry, pullSecret }: ChartMirrorArgs,
  { plan, toMirror, secrets }: ReleasePlan,
  options: MirrorImagesOptions,
  component: pulumi.Resource,
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
    throw planFailure(error, secrets, component);
  }
}
