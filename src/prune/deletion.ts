import { MirrorError } from "../error";
import type { Digest } from "../image/digest";
import { DeleteUnsupportedError } from "../oci/registry/manifestDeletion";
import { settleAll } from "../oci/transport/settleAll";
import type { JudgedManifest } from "./decision";

/** A registry whose manifests are deleted. */
export interface PrunedRegistry {
  /** All tags of a repository. */
  tags(repository: string): Promise<readonly string[]>;
  /** What a tag names now. */
  named(repository: string, tag: string): Promise<Digest | undefined>;
  /** Deletes a manifest with all its tags; false where it was not there any more. */
  delete(repository: string, digest: Digest): Promise<boolean>;
}

/** What became of a deletion. */
export interface DeletionRun {
  readonly deleted: readonly JudgedManifest[];
  /** Repositories where it came to an end, with all of them that is left there. */
  readonly failed: readonly {
    readonly repository: string;
    readonly error: Error;
    readonly left: readonly JudgedManifest[];
  }[];
}

/** A repository is not what it was when it was looked at. `code` is `REPOSITORY_CHANGED`. */
export function repositoryChanged(repository: string, what: string): MirrorError {
  return new MirrorError(
    "REPOSITORY_CHANGED",
    `Deleting from ${repository} was ended: since it was looked at, ${what}`,
    "Run the command again when nobody brings images into the mirror",
  );
}

/**
 * Deletes manifests, one after the other in their order, and looks before each whether the repository still has the tags
 * that were judged: somebody may bring images at the same time.
 *
 * What fails leaves the rest of its repository as it is, since that may belong to it; other repositories go on.
 *
 * @param known the tags of each repository, and what they named
 * @throws {DeleteUnsupportedError} where the registry deletes nothing, before anything is deleted
 */
export async function deleteManifests(
  removed: readonly JudgedManifest[],
  known: ReadonlyMap<string, ReadonlyMap<string, Digest>>,
  registry: PrunedRegistry,
  tell: (manifest: JudgedManifest) => void,
): Promise<DeletionRun> {
  const deleted: JudgedManifest[] = [];
  const failed: DeletionRun["failed"][number][] = [];
  const byRepository = new Map<string, JudgedManifest[]>();
  for (const one of removed) byRepository.set(one.repository, [...(byRepository.get(one.repository) ?? []), one]);
  for (const [repository, manifests] of byRepository) {
    const tags = new Map(known.get(repository));
    let done = 0;
    try {
      await refuseChanged(repository, tags, registry);
      for (const manifest of manifests) {
        for (const tag of manifest.tags) await refuseMoved(repository, tag, manifest.digest, registry);
        await registry.delete(repository, manifest.digest);
        done++;
        deleted.push(manifest);
        tell(manifest);
      }
    } catch (error) {
      if (error instanceof DeleteUnsupportedError && deleted.length === 0) throw error;
      failed.push({ repository, error: error as Error, left: manifests.slice(done) });
    }
  }
  return { deleted, failed };
}

/** A tag that was set meanwhile would go with what it names. */
async function refuseChanged(
  repository: string,
  known: ReadonlyMap<string, Digest>,
  registry: PrunedRegistry,
): Promise<void> {
  const added = (await registry.tags(repository)).filter((tag) => !known.has(tag));
  if (added.length > 0) throw repositoryChanged(repository, `it has got the tag ${added.join(", ")}`);
  await settleAll([...known].map(([tag, digest]) => refuseMoved(repository, tag, digest, registry)));
}

async function refuseMoved(repository: string, tag: string, digest: Digest, registry: PrunedRegistry): Promise<void> {
  const now = await registry.named(repository, tag);
  if (now !== undefined && now !== digest)
    throw repositoryChanged(repository, `its tag ${tag} names ${now} in place of ${digest}`);
}
