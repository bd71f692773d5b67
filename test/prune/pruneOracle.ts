import type { Digest } from "../../src/image/digest";
import { DAY, MIRROR_PATH, NOW, type World, type WorldManifest } from "./pruneWorld";

/**
 * What has to go of a world, as `repository@digest`: found by going over everything until nothing changes any more, from
 * what the world knows of itself.
 */
export function expectedRemovals(world: World): string[] {
  const named = (one: WorldManifest): string[] =>
    [...world.tags].flatMap(([name, digest]) =>
      digest === one.digest && name.startsWith(`${one.repository}:`) ? [name.slice(one.repository.length + 1)] : [],
    );
  /** What can be found at all: a registry does not list what has no tag. */
  let mirror = world.manifests.filter(({ repository }) => repository.startsWith(`${MIRROR_PATH}/`));
  const beside = (one: WorldManifest, subject: WorldManifest): boolean =>
    one.repository === subject.repository &&
    one !== subject &&
    (one.subject === subject.digest ||
      named(one).some((tag) => tag.split(".")[0] === subject.digest.replace(":", "-")));
  const lockTags = new Set<string>();
  const age = new Map<string, number>();
  for (const { lock, heldUntil } of world.versions)
    for (const { target, digest } of lock.images) {
      const [repository = "", tag = ""] = target.slice(target.indexOf("/") + 1).split(":");
      lockTags.add(`${repository}:${tag}`);
      const key = `${repository}@${digest}`;
      age.set(key, Math.max(age.get(key) ?? 0, heldUntil));
    }
  mirror = [
    ...fixpoint(
      mirror.filter(
        (one) =>
          named(one).length > 0 ||
          age.has(keyOf(one)) ||
          world.pulls.some(({ repository, digest }) => repository === one.repository && digest === one.digest),
      ),
      mirror,
      (one, known) =>
        one.repository === known.repository && (known.children.includes(one.digest) || one.subject === known.digest),
    ),
  ];
  const ownTags = (one: WorldManifest): string[] =>
    named(one).filter(
      (tag) => !mirror.some((other) => beside(one, other) && tag.startsWith(other.digest.replace(":", "-"))),
    );
  const isYoung = (one: WorldManifest): boolean => {
    const until = age.get(keyOf(one));
    if (world.keepDays === 0) return false;
    if (until !== undefined) return NOW - until < world.keepDays * DAY;
    const belongs = mirror.some(
      (other) => other.repository === one.repository && (other.children.includes(one.digest) || beside(one, other)),
    );
    return world.ownsAll && (!belongs || ownTags(one).length > 0);
  };
  const isForeign = (one: WorldManifest): boolean =>
    !world.ownsAll && ownTags(one).some((tag) => !(age.has(keyOf(one)) && lockTags.has(`${one.repository}:${tag}`)));
  const isPulled = (one: WorldManifest): boolean =>
    world.pulls.some(({ repository, tag, digest }) => {
      if (repository === undefined) return digest === one.digest || digest === one.config;
      if (repository !== one.repository) return false;
      return tag === undefined ? digest === one.digest : world.tags.get(`${repository}:${tag}`) === one.digest;
    });
  const kept = fixpoint(
    mirror.filter((one) => isPulled(one) || isForeign(one) || isYoung(one)),
    mirror,
    (one, keeper) =>
      one.repository === keeper.repository &&
      (keeper.children.includes(one.digest) || beside(one, keeper) || keeper.subject === one.digest),
  );
  const mayGo = fixpoint(
    mirror.filter((one) => world.ownsAll || age.has(keyOf(one))),
    mirror,
    (one, gone) =>
      !kept.has(gone) &&
      one.repository === gone.repository &&
      (gone.children.includes(one.digest) || beside(one, gone)),
  );
  return [...mayGo]
    .filter((one) => !kept.has(one))
    .map(keyOf)
    .sort();
}

export const keyOf = ({ repository, digest }: { readonly repository: string; readonly digest: Digest }): string =>
  `${repository}@${digest}`;

function fixpoint(
  first: readonly WorldManifest[],
  all: readonly WorldManifest[],
  follows: (one: WorldManifest, known: WorldManifest) => boolean,
): Set<WorldManifest> {
  const found = new Set(first);
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const one of all) if ([...found].some((known) => follows(one, known))) found.add(one);
  }
  return found;
}
