import { MirrorError } from "../error";
import { CopyMethod } from "./copyMethod";
import type { ImageCopyOptions } from "./imageCopyOptions";

/** Who moves the bytes, as the user chose it. */
export type CopyChoice = Pick<ImageCopyOptions, "copyWith" | "copyJob" | "copyPlatform" | "platforms">;

/** A registry cannot be filled in the way that was chosen. `code` is `COPY_METHOD_IMPOSSIBLE`. */
export class CopyMethodImpossibleError extends MirrorError {
  override readonly name = "CopyMethodImpossibleError";
  constructor(registry: string, chosen: CopyMethod, why: string, remedy: string) {
    super("COPY_METHOD_IMPOSSIBLE", `Images cannot come to registry ${registry} by ${chosen}: ${why}`, remedy);
  }
}

/**
 * Checks a choice against what a registry can do, before anything is touched.
 *
 * @param possible the ways of the registry
 * @param copied sources that the registry does not serve through itself
 * @throws {CopyMethodImpossibleError} with the ways that there are
 */
export function checkCopyChoice(
  registry: string,
  possible: readonly CopyMethod[],
  { copyWith = CopyMethod.Process, copyJob, copyPlatform, platforms }: CopyChoice,
  copied: readonly string[],
): void {
  if (copyJob !== undefined && copyWith !== CopyMethod.Kubernetes)
    throw new CopyMethodImpossibleError(
      registry,
      copyWith,
      "copyJob describes the Jobs of another way",
      "Set copyWith to CopyMethod.Kubernetes, or leave copyJob away",
    );
  if (copyPlatform !== undefined && copyWith !== CopyMethod.Docker)
    throw new CopyMethodImpossibleError(
      registry,
      copyWith,
      "copyPlatform is the one platform that another way copies, and this one copies all",
      "Set copyWith to CopyMethod.Docker, or leave copyPlatform away",
    );
  if (platforms?.length && copyWith !== CopyMethod.Process)
    throw new CopyMethodImpossibleError(
      registry,
      copyWith,
      `it brings images as they are, and ${platforms.join(", ")} alone is to be copied`,
      copyWith === CopyMethod.Docker
        ? "Name one platform as copyPlatform, or set copyWith to CopyMethod.Process"
        : "Set copyWith to CopyMethod.Process, or leave platforms out",
    );
  if (copyWith === CopyMethod.Kubernetes && copyJob === undefined)
    throw new CopyMethodImpossibleError(
      registry,
      copyWith,
      "no cluster and namespace are named",
      'Set copyJob, as in { namespace: "mirror" }',
    );
  if (!possible.includes(copyWith))
    throw new CopyMethodImpossibleError(
      registry,
      copyWith,
      "it is a registry of another kind",
      `Set copyWith to one of ${possible.join(", ")}`,
    );
  if (copyWith === CopyMethod.PullThrough && copied.length > 0)
    throw new CopyMethodImpossibleError(
      registry,
      copyWith,
      `it serves no upstream of ${copied.join(", ")}`,
      "Name a cache or proxy for their registries on the registry, or set copyWith to CopyMethod.Process, which copies what no cache serves",
    );
}
