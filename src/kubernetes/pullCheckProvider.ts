import type * as dynamic from "@pulumi/pulumi/dynamic";
import { isDeepStrictEqual } from "node:util";
import type { EngineLog } from "../resource/engineLog";
import type { AccessInput } from "../copy/imageCopyInputs";
import { isUnknown } from "../resource/unknownInputs";
import { MirrorError, MirrorErrors } from "../error";
import { parseReference } from "../image/reference";
import { AccessDeniedError, LoginRefusedError, RegistryUnreachableError } from "../oci/errors/errors";
import type { Registries } from "../oci/registries";

/** What a PullCheck's provider receives and keeps. The names are part of old states: add, never rename. */
export interface PullCheckInputs {
  targets: string[];
  access: AccessInput;
}

/** What the provider needs from outside. */
export interface PullCheckDependencies {
  registriesFor: (access: readonly AccessInput[]) => Pick<Registries, "head">;
  /** The same, which give up sooner: a preview of what has not changed is not to wait. Default: `registriesFor`. */
  previewRegistriesFor?: (access: readonly AccessInput[]) => Pick<Registries, "head">;
  log: EngineLog;
}

/** Pods would not be able to pull. `code` is `PULL_REFUSED`. */
export class PullRefusedError extends MirrorError {
  override readonly name = "PullRefusedError";
  constructor(
    readonly registry: string,
    user: string | undefined,
    images: readonly string[],
    reason: string,
    options?: ErrorOptions,
  ) {
    const others = images.length > 3 ? ` and ${images.length - 3} more` : "";
    super(
      "PULL_REFUSED",
      `Trying the login ${user === undefined ? "" : `of user ${JSON.stringify(user)} `}that pods will pull with from ${registry}, ` +
        `for ${images.slice(0, 3).join(", ")}${others}, failed: ${reason}`,
      "Correct the registry's pullCredentials; the release has not been touched",
      options,
    );
  }
}

/** Images that are asked for at one time. */
const PARALLEL = 8;

/**
 * The life of a check: `create` and `update` try every image; `diff` asks for that when the images are others, when
 * another login than the last one is refused, or when the last one is refused by now: a password that was changed at the
 * registry alone would only show when a node pulls anew.
 */
export function pullCheckProvider({
  registriesFor,
  previewRegistriesFor = registriesFor,
  log,
}: PullCheckDependencies): dynamic.ResourceProvider {
  /** Tries the images, the first one alone: a wrong password is used once and not by many at a time. */
  const check = async ({ targets, access }: PullCheckInputs): Promise<void> => {
    const registries = registriesFor([access]);
    const [first, ...rest] = targets;
    if (first === undefined) return;
    const failures = [{ image: first, error: await failureOf(registries, first) }];
    if (!isGeneral(failures[0]?.error)) {
      const work = async (): Promise<void> => {
        for (let image = rest.shift(); image !== undefined; image = rest.shift())
          failures.push({ image, error: await failureOf(registries, image) });
      };
      await Promise.all(Array.from({ length: PARALLEL }, work));
    }
    const images = new Map<string, { cause: Error; images: string[] }>();
    for (const { image, error } of failures) {
      if (error === undefined) continue;
      const same = images.get(error.message) ?? { cause: error, images: [] };
      same.images.push(image);
      images.set(error.message, same);
    }
    const unreachable = failures.find(({ error }) => error instanceof RegistryUnreachableError)?.error;
    if (unreachable) {
      // Nodes may reach what this machine cannot, as where a Job in the cluster makes the copies.
      log.warn(`${unreachable.message}. The login that pods will pull with was not tried`);
      return;
    }
    MirrorErrors.throwIfAny(
      `Trying the pull login of ${access.host}`,
      [...images.values()].map(
        ({ cause, images }) => new PullRefusedError(access.host, access.username, images, problemOf(cause), { cause }),
      ),
    );
  };

  return {
    async diff(_id, olds: PullCheckInputs, news: PullCheckInputs) {
      if (isUnknown(news)) return { changes: true };
      if (!isDeepStrictEqual([...olds.targets].sort(), [...news.targets].sort())) return { changes: true };
      const login = ({ access }: PullCheckInputs): unknown => [access.host, access.username, access.password];
      if (isDeepStrictEqual(login(olds), login(news))) {
        const { targets, access } = news;
        const [first] = targets;
        const error = first === undefined ? undefined : await failureOf(previewRegistriesFor([access]), first);
        const isRefused = error instanceof LoginRefusedError || error instanceof AccessDeniedError;
        if (isRefused)
          log.warn(new PullRefusedError(access.host, access.username, targets.slice(0, 1), problemOf(error)).message);
        return { changes: isRefused };
      }
      try {
        await check({ ...news, targets: news.targets.slice(0, 1) });
        return { changes: false };
      } catch (error) {
        log.warn((error as Error).message);
        return { changes: true };
      }
    },

    async create(inputs: PullCheckInputs) {
      await check(inputs);
      return { id: inputs.access.host, outs: inputs };
    },

    async update(_id, _olds: PullCheckInputs, news: PullCheckInputs) {
      await check(news);
      return { outs: news };
    },
  };
}

async function failureOf(registries: Pick<Registries, "head">, target: string): Promise<Error | undefined> {
  try {
    const there = await registries.head(parseReference(target));
    return there
      ? undefined
      : new Error("the registry says that the image does not exist, or hides it from this login");
  } catch (error) {
    return error as Error;
  }
}

/** Whether it would be the same for every image. */
function isGeneral(error: Error | undefined): boolean {
  return error instanceof LoginRefusedError || error instanceof RegistryUnreachableError;
}

function problemOf(error: Error): string {
  return error instanceof MirrorError ? error.problem : error.message;
}
