import { canonicalHost, parseReference, type ImageReference } from "../image/reference";
import type { LockFile } from "../plan/lock/lockFile";
import { targetRepository, type LayoutOptions, type MirrorAddress } from "../plan/layout";

/** `HOST[/PATH]`, as the mirror is called, with the host in its one form. */
interface Place {
  readonly host: string;
  readonly path: string;
}

/**
 * Which repositories of the mirror a reference of a pod or a chart may be served from.
 *
 * Nodes may be configured to pull what pods call by its upstream name from the mirror, and may reach the mirror under other
 * names: each of these counts, since whatever is deleted in error stops pods.
 */
export class MirrorNames {
  /** Where the mirror is, as it was named. */
  readonly place: Place;
  private readonly places: readonly Place[];
  private readonly targets = new Map<string, Set<string>>();

  /** @param address of the mirror, as the user names it
   * @param aliases other addresses of the same mirror */
  constructor(
    readonly address: MirrorAddress,
    aliases: readonly MirrorAddress[],
    private readonly layout: LayoutOptions,
  ) {
    this.place = placeOf(address);
    // The longest decides, where one lies below another.
    this.places = [this.place, ...aliases.map(placeOf)].sort((a, b) => b.path.length - a.path.length);
  }

  /** Notes where images of a lock file went, whatever rules named their targets. */
  learn({ images }: LockFile): void {
    for (const { source, target } of images) {
      const repository = this.inMirror(parseReference(target));
      if (repository === undefined) continue;
      const key = upstreamKey(parseReference(source));
      this.targets.set(key, (this.targets.get(key) ?? new Set()).add(repository));
    }
  }

  /** Whether `HOST[/PATH]` is the mirror. */
  isMirror(address: string): boolean {
    const [host = "", ...path] = address.split("/");
    const { host: name, path: below } = placeOf({ host, path: path.join("/") });
    return this.places.some((place) => place.host === name && place.path === below);
  }

  /** Whether a repository of the mirror's host lies in the mirror. */
  holds(repository: string): boolean {
    return isBelow(repository, this.place.path);
  }

  /** The repository of the mirror that a reference names; undefined when it names an image elsewhere. */
  inMirror({ registry, repository }: Pick<ImageReference, "registry" | "repository">): string | undefined {
    for (const { host, path } of this.places)
      if (canonicalHost(registry) === host && isBelow(repository, path))
        return [this.place.path, repository.slice(path.length).replace(/^\//, "")].filter(Boolean).join("/");
    return undefined;
  }

  /** Every repository of the mirror that may serve a reference. */
  repositoriesOf(reference: ImageReference): string[] {
    const own = this.inMirror(reference);
    if (own !== undefined) return [own];
    const bare = reference.repository.replace(/^library\//, "");
    const paths = new Set([reference.path, reference.repository, ...(isOfficial(reference) ? [bare] : [])]);
    const named = [...paths].flatMap((path) =>
      [false, true].map((keepHost) =>
        targetRepository({ ...reference, path }, this.address, { ...this.layout, keepHost }),
      ),
    );
    // Whatever host has the mirror's own path may be one more of its names.
    const same = this.holds(reference.repository) ? [reference.repository] : [];
    return [...new Set([...named, ...same, ...(this.targets.get(upstreamKey(reference)) ?? [])])];
  }

  /** The hosts that the mirror is called by. */
  get hosts(): ReadonlySet<string> {
    return new Set(this.places.map(({ host }) => host));
  }

  /** Everything that a repository of the mirror is called by, each as `HOST/PATH`. */
  addressesOf(repository: string): string[] {
    const below = repository.slice(this.place.path.length).replace(/^\//, "");
    return this.places.map(({ host, path }) => [host, path, below].filter(Boolean).join("/"));
  }
}

const upstreamKey = ({ registry, repository }: ImageReference): string => `${registry}/${repository}`;
const isOfficial = ({ registry, repository }: ImageReference): boolean =>
  registry === "docker.io" && repository.startsWith("library/");

/** Docker Hub's short form has no place here: `--to` names a host. */
function placeOf({ host, path = "" }: MirrorAddress): Place {
  return { host: canonicalHost(host), path };
}

function isBelow(repository: string, path: string): boolean {
  return path === "" || repository === path || repository.startsWith(`${path}/`);
}
