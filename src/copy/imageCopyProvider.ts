import type * as dynamic from "@pulumi/pulumi/dynamic";
import { MirrorError } from "../error";
import { isDigest, type Digest } from "../image/digest";
import { canonicalHost, parseReference } from "../image/reference";
import { addressed } from "../machine/errorAddress";
import { LoginRefusedError, LoginRequiredError, RegistryUnreachableError } from "../oci/errors/errors";
import { looksAtForeignLayers } from "../oci/copy/copyOptions";
import type { Registries } from "../oci/registries";
import { parsePlatforms, taggedTarget } from "../plan/platformChoice";
import { CopyMethod } from "./copyMethod";
import { dockerCopy } from "./docker/dockerCopy";
import type { EngineLog } from "../resource/engineLog";
import type { AccessInput, ImageCopyInputs } from "./imageCopyInputs";
import type { CopyRegistries, ImageCopyMethod, ImageToCopy } from "./imageCopyMethod";
import { processCopy } from "./processCopy";
import { pullThroughCopy } from "./pullThroughCopy";
import { isRefusedLook } from "./refusedLook";
import { lookUpSource, sourceDigestOf } from "./sourceLookUp";
import { isUnknown, UNKNOWN } from "../resource/unknownInputs";
import { warnOnce } from "../resource/warnOnce";

/** A state names a way that this version does not know. `code` is `UNKNOWN_COPY_METHOD`. */
function unknownCopyMethod(target: string, method: string): MirrorError {
  return new MirrorError(
    "UNKNOWN_COPY_METHOD",
    `The image ${target} is brought by ${JSON.stringify(method)}, a way that this version of the package does not know`,
    "Install a version of pulumi-chart-mirror that is not older than the one that wrote the state",
  );
}

/** What the provider needs from outside. */
export interface ImageCopyProviderDependencies {
  /** Registries with these logins; all of one process share their limits. */
  registriesFor: (access: readonly AccessInput[]) => CopyRegistries & Pick<Registries, "resolve">;
  log: EngineLog;
  /** Ways that need more of the machine than its registries. Default: none. */
  methods?: Partial<Record<CopyMethod, ImageCopyMethod>>;
  /** The clock; default: the machine's. */
  now?: () => Date;
}

/**
 * The life of one copied image:
 * - `check` resolves the source's tag to a digest, so that previews show it;
 * - `diff` ignores credentials, and asks for a copy when the target does not hold the digest any more;
 * - `create` and `update` bring the image by its method;
 * - `delete` says that the image stays, since running pods may still pull it.
 */
export function imageCopyProvider({
  registriesFor,
  log,
  methods,
  now = () => new Date(),
}: ImageCopyProviderDependencies): dynamic.ResourceProvider {
  const warn = warnOnce(log);
  const methodOf = ({ method = CopyMethod.Process, target }: ImageCopyInputs): ImageCopyMethod => {
    const known: Partial<Record<CopyMethod, ImageCopyMethod>> = { ...METHODS, ...methods };
    const found = known[method];
    if (!found) throw unknownCopyMethod(target, method);
    return found;
  };
  const imageOf = (inputs: ImageCopyInputs): ImageToCopy => {
    const { source, target, digest, onlyPlatforms, configs, referrers, foreignLayers, access } = inputs;
    const known = digestIn(sourceDigestOf(inputs));
    const platforms = parsePlatforms(onlyPlatforms);
    const place = parseReference(target);
    const reached = withTarget(access ?? [], place.registry);
    return {
      source: { ...parseReference(source), ...(known && { digest: known }) },
      target: place,
      digest: known,
      options: { platforms, referrers, foreignLayers },
      subsetDigest: platforms && digestIn(digest),
      configs,
      registries: registriesFor(reached),
      access: reached,
      log,
    };
  };
  const copy = async (inputs: ImageCopyInputs): Promise<ImageCopyInputs> => {
    const digest = await methodOf(inputs).copy(imageOf(inputs));
    return { ...inputs, digest, mirroredAt: now().toISOString() };
  };
  /** Says from what to what an image changes whose name stays. */
  const tellMove = (olds: ImageCopyInputs, news: ImageCopyInputs): void => {
    const { source, digest } = news;
    if (olds.source !== source || olds.digest === undefined || digest === undefined) return;
    if (digest === UNKNOWN || digest === olds.digest) return;
    if (sourceDigestOf(olds) === sourceDigestOf(news)) {
      const platforms = news.onlyPlatforms?.join(", ") ?? "all platforms";
      log.info(`${news.target} becomes ${platforms} of the same image: it was ${olds.digest} and becomes ${digest}`);
      return;
    }
    const since = olds.mirroredAt === undefined ? "" : `, mirrored since ${olds.mirroredAt.slice(0, 10)},`;
    log.warn(`${source} is another image than before: it was ${olds.digest}${since} and becomes ${digest}`);
  };

  return {
    async check(olds: Partial<ImageCopyInputs>, news: ImageCopyInputs) {
      const { source, target, digest, sourceDigest, onlyPlatforms, access, tags } = news;
      if ([source, target, digest, sourceDigest, onlyPlatforms, access].some(isUnknown)) return { inputs: news };
      if (news.onlyPlatforms?.length && (news.method ?? CopyMethod.Process) !== CopyMethod.Process) {
        const reason = `Copying some platforms of ${source} alone is done by method ${CopyMethod.Process}, not by ${news.method}`;
        return { failures: [{ property: "onlyPlatforms", reason }] };
      }
      // What a daemon pushed is known to its push alone: no source has that digest.
      if (news.method === CopyMethod.Docker) return { inputs: news };
      const known = olds.source === source ? olds : {};
      try {
        const registries = registriesFor(access ?? []);
        const { found, unreachable } = await lookUpSource(news, { registries, tags, log, known });
        if (unreachable)
          warn(
            parseReference(source).registry,
            unreachable,
            `${unreachable.message}. Keeping the digests of the last update for its images, for ${source}: ${found.digest}`,
          );
        return { inputs: { ...news, ...found } };
      } catch (error) {
        // An upstream may be open to the mirror alone, which tells the digest when it serves the image.
        if (news.method === CopyMethod.PullThrough && isClosed(error)) return { inputs: news };
        return { failures: [{ property: "source", reason: (addressed(error) as Error).message }] };
      }
    },

    async diff(_id, olds: ImageCopyInputs, news: ImageCopyInputs) {
      if (taggedTarget(olds.target) !== taggedTarget(news.target)) return { changes: true, replaces: ["target"] };
      tellMove(olds, news);
      // The same place, and another digest pinned there.
      if (olds.target !== news.target) return { changes: true };
      if (olds.source !== news.source || !sameMethod(olds, news)) return { changes: true };
      if (news.referrers && !olds.referrers) return { changes: true };
      // What was left out is brought, or refused, by a copy alone.
      if (looksAtForeignLayers(news) && news.foreignLayers !== olds.foreignLayers) return { changes: true };
      // What only the mirror knows is what it was.
      const unknowable = news.digest === undefined && news.method === CopyMethod.PullThrough;
      if (olds.digest !== news.digest && !unknowable) return { changes: true };
      if (news.target === UNKNOWN || news.digest === undefined || isUnknown(news.access)) return { changes: false };
      try {
        const there = await methodOf(news).look(imageOf(news));
        if (there === news.digest) return { changes: false };
        log.warn(
          there
            ? `${news.target} now has the digest ${there} in place of ${news.digest}: it will be copied again`
            : `${news.target} is missing in the registry: it will be copied again`,
        );
        return { changes: true };
      } catch (error) {
        warn(
          imageOf(news).target.registry,
          error,
          `Could not check that ${news.target}, and what else is meant to be in this mirror, is still there: ${(error as Error).message}`,
        );
        // A preview may run where the mirror cannot be reached or with a token that may not read it; that must not
        // stop a review.
        return { changes: isRefusedLook(error) };
      }
    },

    async create(inputs: ImageCopyInputs) {
      return { id: inputs.target, outs: await copy(inputs) };
    },

    async update(_id, _olds: ImageCopyInputs, news: ImageCopyInputs) {
      return { outs: await copy(news) };
    },

    async read(id, props: ImageCopyInputs) {
      try {
        const there = await methodOf(props).look(imageOf(props));
        return there === undefined ? {} : { id, props: { ...props, digest: there } };
      } catch (error) {
        const message = `Could not read ${props.target}, and what else is in its registry: ${(error as Error).message}`;
        warn(imageOf(props).target.registry, error, message);
        return { id, props };
      }
    },

    delete(_id, { target }: ImageCopyInputs) {
      log.info(`${target} stays in the mirror: pods may still pull it`);
      return Promise.resolve();
    },
  };
}

const METHODS = {
  [CopyMethod.Process]: processCopy,
  [CopyMethod.PullThrough]: pullThroughCopy,
  [CopyMethod.Docker]: dockerCopy,
} as const;

/** Layouts that stand for every host are read in place of sources: what is in them is not in the target yet. */
function withTarget(access: readonly AccessInput[], host: string): readonly AccessInput[] {
  const isForAll = access.some((entry) => entry.host === "*");
  return isForAll && !access.some((entry) => canonicalHost(entry.host) === host) ? [...access, { host }] : access;
}

const digestIn = (text: string | undefined): Digest | undefined =>
  text !== undefined && isDigest(text) ? text : undefined;

function sameMethod(olds: ImageCopyInputs, news: ImageCopyInputs): boolean {
  return (olds.method ?? CopyMethod.Process) === (news.method ?? CopyMethod.Process);
}

/** Whether an error means that this machine may not ask a registry. */
function isClosed(error: unknown): boolean {
  return [RegistryUnreachableError, LoginRequiredError, LoginRefusedError].some((type) => error instanceof type);
}
