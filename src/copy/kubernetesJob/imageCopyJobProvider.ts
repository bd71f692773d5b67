import type * as dynamic from "@pulumi/pulumi/dynamic";
import { MirrorError, MirrorErrors } from "../../error";
import { parseReference } from "../../image/reference";
import { addressed } from "../../machine/errorAddress";
import type { Clock } from "../../oci/transport/clock";
import { RegistryUnreachableError, TokenServiceUntrustedError } from "../../oci/errors/errors";
import type { Registries } from "../../oci/registries";
import { settleAll } from "../../oci/transport/settleAll";
import { redact } from "../../inputs/redact";
import type { EngineLog } from "../../resource/engineLog";
import type { AccessInput } from "../imageCopyInputs";
import { portableLogin } from "../portableLogin";
import { lookUpSource } from "../sourceLookUp";
import { isRefusedLook } from "../refusedLook";
import { isUnknown } from "../../resource/unknownInputs";
import type { CopyCluster } from "./copyCluster";
import { copyJobName, COPIES_PER_JOB, REGCTL_IMAGE, type CopyJobSettings } from "./copyJob";
import type { ImageCopyJobInputs, JobImage } from "./imageCopyJobInputs";
import type { ClusterLogin } from "./kubernetesCopyCluster";
import { regctlConfig } from "./regctlConfig";
import { runCopyJob } from "./runCopyJob";

/** What the provider needs from outside. */
export interface ImageCopyJobProviderDependencies {
  readonly registriesFor: (access: readonly AccessInput[]) => Pick<Registries, "resolve" | "head" | "client">;
  readonly clusterFor: (login: ClusterLogin) => Promise<CopyCluster>;
  readonly log: EngineLog;
  readonly clock: Clock;
}

/**
 * The life of a set of images that Jobs in the cluster copy. It is that of an ImageCopy, image by image, except that
 * this machine may be one that no registry lets in: what it cannot ask it leaves to the pods.
 */
export function imageCopyJobProvider(dependencies: ImageCopyJobProviderDependencies): dynamic.ResourceProvider {
  const { registriesFor, clusterFor, log, clock } = dependencies;

  /** Images that leave the state; running pods may still pull them. */
  const tellStaying = (images: readonly JobImage[]): void => {
    if (images.length === 0) return;
    log.info(`${images.map(({ target }) => target).join(", ")} stay in the mirror: pods may still pull them`);
  };

  const copy = async (inputs: ImageCopyJobInputs, olds: readonly JobImage[]): Promise<ImageCopyJobInputs> => {
    const registries = registriesFor(inputs.access ?? []);
    const there = await Promise.all(inputs.images.map((image) => isThere(registries, image, olds)));
    const wanted = inputs.images.filter((_, i) => !there[i]);
    const digests = new Map<string, string>();
    if (wanted.length > 0) {
      const cluster = await clusterFor(pickLogin(inputs));
      // What pods log in with knows nothing of Microsoft Entra.
      const access = await settleAll((inputs.access ?? []).map((entry) => portableLogin(entry, registriesFor)));
      const config = regctlConfig(access, inputs.credentialHelpers);
      const secrets = secretsOf(access);
      for (let first = 0; first < wanted.length; first += COPIES_PER_JOB) {
        const copied = await runCopyJob(wanted.slice(first, first + COPIES_PER_JOB), {
          cluster,
          settings: settingsOf(inputs),
          config,
          log,
          clock,
          redact: (text) => redact(text, secrets),
        });
        for (const [target, digest] of copied) digests.set(target, digest);
      }
    }
    const problems: Error[] = [];
    const images = await Promise.all(
      inputs.images.map(async (image): Promise<JobImage> => {
        if (image.digest !== undefined) return image;
        const digest =
          digests.get(image.target) ??
          (await registries.head(parseReference(image.target)).catch(() => undefined))?.digest;
        if (digest === undefined) problems.push(digestUnknown(image));
        return { ...image, ...(digest !== undefined && { digest }) };
      }),
    );
    MirrorErrors.throwIfAny("Copying images in the cluster", problems);
    return { ...inputs, images };
  };

  return {
    async check(olds: Partial<ImageCopyJobInputs>, news: ImageCopyJobInputs) {
      if (isUnknown(news.images) || isUnknown(news.access)) return { inputs: news };
      const registries = registriesFor(news.access ?? []);
      const known = new Map((olds.images ?? []).map((image) => [image.source, image]));
      const failures: dynamic.CheckFailure[] = [];
      const images = await Promise.all(
        news.images.map(async (image) => {
          try {
            const { found } = await lookUpSource(image, {
              registries,
              tags: news.tags,
              log,
              known: known.get(image.source) ?? {},
            });
            return { ...image, ...found };
          } catch (error) {
            // The pods may reach it, and tell.
            if (error instanceof RegistryUnreachableError) return image;
            failures.push({ property: "images", reason: (addressed(error) as Error).message });
            return image;
          }
        }),
      );
      return failures.length > 0 ? { failures } : { inputs: { ...news, images } };
    },

    async diff(_id, olds: ImageCopyJobInputs, news: ImageCopyJobInputs) {
      if (isUnknown(news.images)) return { changes: true };
      const before = new Map(olds.images.map((image) => [image.target, image]));
      const changed = news.images.filter(({ source, target, digest }) => {
        const old = before.get(target);
        // A digest that only the pods knew is no change when this machine cannot ask for it again.
        return old?.source !== source || (digest !== undefined && old.digest !== digest);
      });
      for (const { source, target, digest } of changed) {
        const old = before.get(target);
        if (old?.source === source && old.digest !== undefined)
          log.warn(`${source} is another image than before: it was ${old.digest} and becomes ${digest}`);
      }
      tellStaying(olds.images.filter(({ target }) => !news.images.some((image) => image.target === target)));
      if (changed.length > 0 || news.images.length !== olds.images.length) return { changes: true };
      if (isUnknown(news.access)) return { changes: false };
      const registries = registriesFor(news.access ?? []);
      const answers = await Promise.all(
        news.images.map(({ target }) =>
          registries.head(parseReference(target)).then(
            (found) => ({ found }),
            (error: unknown) => ({ error: error as Error }),
          ),
        ),
      );
      const failures = answers.flatMap((answer) => ("error" in answer ? [answer.error] : []));
      const unread = failures.map(({ message }) => message);
      if (unread.length > 0)
        log.warn(`Could not check that ${unread.length} targets are still there: ${[...new Set(unread)].join("; ")}`);
      const gone = news.images.filter(({ target, digest = before.get(target)?.digest }, i) => {
        const answer = answers[i];
        return answer && "found" in answer && answer.found?.digest !== digest;
      });
      for (const { target } of gone) log.warn(`${target} is not what it was in the registry: it will be copied again`);
      return { changes: gone.length > 0 || failures.some(isRefusedLook) };
    },

    async create(inputs: ImageCopyJobInputs) {
      return { id: `${inputs.namespace}/${copyJobName(inputs.images)}`, outs: await copy(inputs, []) };
    },

    async update(_id, olds: ImageCopyJobInputs, news: ImageCopyJobInputs) {
      return { outs: await copy(news, olds.images) };
    },

    delete(_id, { images }: ImageCopyJobInputs) {
      tellStaying(images);
      return Promise.resolve();
    },
  };
}

/** The digest of an image that only pods could see is not known although it was copied. `code` is `DIGEST_UNKNOWN`. */
function digestUnknown({ source, target }: JobImage): MirrorError {
  return new MirrorError(
    "DIGEST_UNKNOWN",
    `${source} was copied to ${target} in the cluster, but its pod is gone, and this machine cannot ask the registry for the digest`,
    "Run the update again",
  );
}

/**
 * Whether a target needs no copy: it holds its digest, or cannot be asked and held it after the last update.
 *
 * @throws {TokenServiceUntrustedError} since pods have no such rule: regctl sends a login wherever the registry says
 */
async function isThere(
  registries: Pick<Registries, "head">,
  { source, target, digest }: JobImage,
  olds: readonly JobImage[],
): Promise<boolean> {
  if (digest === undefined) return false;
  try {
    return (await registries.head(parseReference(target)))?.digest === digest;
  } catch (error) {
    if (error instanceof TokenServiceUntrustedError) throw error;
    return olds.some((old) => old.target === target && old.source === source && old.digest === digest);
  }
}

function settingsOf(inputs: ImageCopyJobInputs): CopyJobSettings {
  const { namespace, parallelism = 4, image = REGCTL_IMAGE, retries = 3, ttlSeconds = 3600 } = inputs;
  const { serviceAccount, imagePullSecrets, nodeSelector } = inputs;
  return {
    namespace,
    parallelism,
    image,
    retries,
    ttlSeconds,
    serviceAccount,
    imagePullSecrets,
    nodeSelector,
  };
}

function pickLogin({ kubeconfig, context }: ImageCopyJobInputs): ClusterLogin {
  return { kubeconfig, context };
}

function secretsOf(access: readonly AccessInput[]): string[] {
  return access.flatMap(({ password, identityToken }) =>
    [password, identityToken].filter((text) => text !== undefined),
  );
}
