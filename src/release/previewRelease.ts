import type { ChartMirrorArgs } from "./chartMirrorArgs";
import { CopyMethod } from "../copy/copyMethod";
import type { AccessInput } from "../copy/imageCopyInputs";
import { MirrorError, MirrorErrors } from "../error";
import { isDigest } from "../image/digest";
import { formatPlatform } from "../image/platform";
import { canonicalHost, parseReference } from "../image/reference";
import { earlierOutputs } from "../inputs/earlierOutputs";
import { UnknownInputError } from "../inputs/knownNow";
import { planFailure } from "../inputs/planFailure";
import { redact } from "../inputs/redact";
import type { JsonObject } from "../json";
import { LoginRefusedError } from "../oci/errors/errors";
import type { Registries } from "../oci/registries";
import { describePlan } from "../plan/describePlan";
import { servingUpstream } from "../plan/layout";
import { changedImages, planChanges, type ChangeContext, type EarlierPlan } from "../plan/planChanges";
import { parsePlatforms } from "../plan/platformChoice";
import type { ResolvedImage, ResolvedPlan } from "../plan/resolvedPlan";
import { TagPolicy } from "../plan/tagPolicy";
import { componentLog } from "../resource/componentLog";
import { tryLogins } from "./loginTrials/loginTrials";
import { previewRegistries } from "./previewRegistries";
import type { ReleasePlan } from "./planRelease";
import { chartsOf, type ReleaseComponents } from "./releaseMemory";
import { readSourceAccess, sourceAccessOf } from "./sourceAccess";

/**
 * A preview of a release: tells what the update will change, and fails where it is known already that the update would
 * fail at the mirror. Tells nothing where nothing changes.
 *
 * @returns the plan's images with what was learnt of them on the way, for those who would ask again
 * @throws {pulumi.ResourceError} with all that is wrong, at the component
 */
export async function previewRelease(
  name: string,
  args: ChartMirrorArgs,
  release: ReleasePlan,
  { component, around }: ReleaseComponents,
): Promise<readonly ResolvedImage[]> {
  const { plan } = release;
  const secrets = [...release.secrets];
  const copyWith = args.registry.copyMethodFor(args);
  try {
    const earlier = await earlierPlan({ component, around });
    const context: ChangeContext = {
      earlier,
      serves: (image) => isServed(image, args),
      packedAnew: copyWith === CopyMethod.Docker,
    };
    const wanted = changedImages(plan.images, context).filter(({ way }) => way === "copy");
    const charts = chartsOf(release).filter(({ told }) => !earlier?.told.includes(told));
    const isNew = earlier === undefined || wanted.length > 0 || charts.length > 0;
    const trials =
      isNew && args.checkLogins !== false
        ? await tryLogins(
            {
              registry: args.registry,
              copyWith,
              images: wanted.map(({ image }) => image.target),
              charts: charts.map(({ target }) => target),
              pullSecret: args.pullSecret,
            },
            secrets,
          )
        : undefined;
    const known = { ...context, present: trials?.present };
    const copied = changedImages(plan.images, known).filter(({ way }) => way === "copy");
    const sources = await lookAtSources(
      copied.map(({ image }) => image),
      args,
      secrets,
    );
    const problems = [...(trials?.problems ?? []), ...sources.problems];
    MirrorErrors.throwIfAny(`The preview of ${name} has tried what the update needs`, problems);
    const images = plan.images.map((image) => ({ ...image, ...sources.found.get(image.source) }));
    const sized: ResolvedPlan = { ...plan, images };
    const untried = [...(trials?.untried ?? []), ...sources.untried];
    const told = describePlan(sized, planChanges(sized, known), untried);
    if (told !== undefined) await componentLog.info(redact(told, secrets), component);
    // Whoever fails for a tag that has moved asks by itself.
    return args.platforms?.length || args.tags === TagPolicy.Fail ? plan.images : images;
  } catch (error) {
    throw planFailure(error, secrets, component);
  }
}

/**
 * What is wrong with the mirror's logins, for a plan that fails before its images are known: a new user mends all of it in
 * one go. Previews of a release that is there do not ask.
 */
export async function firstPreviewProblems(
  error: MirrorError,
  args: ChartMirrorArgs,
  components: ReleaseComponents,
  secrets: string[],
): Promise<readonly Error[]> {
  if (error instanceof UnknownInputError || args.checkLogins === false) return [];
  try {
    if (await earlierPlan(components)) return [];
    const { registry, pullSecret } = args;
    const copyWith = registry.copyMethodFor(args);
    return (await tryLogins({ registry, copyWith, images: undefined, charts: [], pullSecret }, secrets)).problems;
  } catch (another) {
    // What is wrong with the registry itself has made the plan fail.
    if (another instanceof MirrorError) return [];
    throw another;
  }
}

/** What the last update has said of itself: the component around has no inputs that could be others now. */
export async function earlierPlan({ component, around }: ReleaseComponents): Promise<EarlierPlan | undefined> {
  const outputs = (around && (await earlierOutputs(around))) ?? (await earlierOutputs(component));
  const { images, overrides, told } = outputs ?? {};
  if (!Array.isArray(images)) return undefined;
  return {
    images: images as EarlierPlan["images"],
    values: (overrides ?? {}) as JsonObject,
    told: Array.isArray(told) ? (told as string[]) : [],
  };
}

function isServed({ source }: ResolvedImage, args: ChartMirrorArgs): boolean {
  const { registry } = args;
  if (registry.copyMethodFor(args) === CopyMethod.PullThrough) return true;
  return servingUpstream(parseReference(source), registry.layout) !== undefined;
}

/** What the sources of images say that are to be copied. */
interface Sources {
  readonly found: ReadonlyMap<string, Pick<ResolvedImage, "size" | "platforms">>;
  readonly problems: readonly Error[];
  readonly untried: readonly string[];
}

async function lookAtSources(
  images: readonly ResolvedImage[],
  args: ChartMirrorArgs,
  secrets: string[],
): Promise<Sources> {
  const found = new Map<string, Pick<ResolvedImage, "size" | "platforms">>();
  const problems: Error[] = [];
  const untried = new Set<string>();
  if (images.length === 0) return { found, problems, untried: [] };
  const { access, notYet } = await readSourceAccess(sourceAccessOf(args), secrets);
  const registries = previewRegistries(access);
  /** One image of each registry that nobody has asked for the plan: a lock file or a pinned tag says what its images are. */
  const unasked = new Map<string, ResolvedImage>();
  try {
    await Promise.all(
      images.map(async (image) => {
        const { registry } = parseReference(image.source);
        if (notYet.has(registry)) untried.add(`the login of ${registry}, which is not known yet`);
        else if (image.size !== undefined || image.digest === undefined) {
          if (hasLogin(access, registry)) unasked.set(registry, image);
        } else {
          const said = await sizeOf(registries, image, args);
          if (said) found.set(image.source, said);
        }
      }),
    );
    for (const problem of await Promise.all([...unasked.values()].map((image) => refusedLogin(registries, image))))
      if (problem) problems.push(problem);
  } finally {
    registries.close();
  }
  return { found, problems, untried: [...untried] };
}

function hasLogin(access: readonly AccessInput[], registry: string): boolean {
  return access.some(
    ({ host, password, identityToken, azureToken }) =>
      canonicalHost(host) === registry && (password ?? identityToken ?? azureToken) !== undefined,
  );
}

/** Only a refused login is looked for: with a lock file, previews need no source. */
async function refusedLogin(registries: Registries, { source }: ResolvedImage): Promise<Error | undefined> {
  const problem: unknown = await registries.head(parseReference(source)).then(
    () => undefined,
    (error: unknown) => error,
  );
  return problem instanceof LoginRefusedError ? problem : undefined;
}

/** How large an image is; its copy asks again, and says why, where that cannot be found out. */
async function sizeOf(
  registries: Registries,
  { source, digest, targetDigest }: ResolvedImage,
  { platforms: wished }: ChartMirrorArgs,
): Promise<Pick<ResolvedImage, "size" | "platforms"> | undefined> {
  const platforms = targetDigest === undefined ? undefined : parsePlatforms(wished);
  const reference = { ...parseReference(source), ...(digest !== undefined && isDigest(digest) && { digest }) };
  try {
    const resolved = await registries.resolve(reference, platforms && { platforms });
    return { size: resolved.size, platforms: resolved.platforms.map(formatPlatform) };
  } catch (error) {
    if (error instanceof MirrorError) return undefined;
    throw error;
  }
}
