import { parsePlatform } from "../../image/platform";
import { parseReference } from "../../image/reference";
import { TagPolicy } from "../../plan/tagPolicy";
import { CopyMethodImpossibleError } from "../copyChoice";
import { CopyMethod } from "../copyMethod";

/** What a Docker daemon is asked for. */
export interface DaemonChoice {
  readonly images: readonly { readonly source: string; readonly target: string }[];
  readonly tags: TagPolicy | undefined;
  readonly platform: string | undefined;
  /** The ways of the registry. */
  readonly possible: readonly CopyMethod[];
}

/**
 * Refuses what no Docker daemon can do, before anything is touched.
 *
 * @throws {CopyMethodImpossibleError} with the ways that there are
 */
export function checkDaemonChoice(registry: string, { images, tags, platform, possible }: DaemonChoice): void {
  const refuse = (why: string, remedy: string): never => {
    throw new CopyMethodImpossibleError(registry, CopyMethod.Docker, why, remedy);
  };
  const others = possible.filter((way) => way !== CopyMethod.Docker && way !== CopyMethod.PullThrough).join(", ");
  if (platform !== undefined && !parsePlatform(platform))
    refuse(`${JSON.stringify(platform)} is no platform`, 'Write copyPlatform as in "linux/amd64"');
  const pinned = images.filter(({ target }) => parseReference(target).digest !== undefined);
  if (pinned.length > 0)
    refuse(
      `${pinned.map(({ target }) => target).join(", ")} would be pulled by a digest, which a daemon does not keep: it pushes one platform, packed anew`,
      `Set copyWith to one of ${others}, or leave the digest out of the values (pinDigests)`,
    );
  if (tags === TagPolicy.Pin || tags === TagPolicy.Fail)
    refuse(
      `nothing remembers which image a tag was, as tags: ${JSON.stringify(tags)} needs`,
      `Use a lockFile, which remembers it, or set copyWith to one of ${others}`,
    );
}
