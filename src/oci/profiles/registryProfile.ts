/** What a denied request wanted, for advice. */
export interface DeniedAccess {
  readonly push: boolean;
  /** ` on the repository team/web`, where that is known; else nothing. */
  readonly on: string;
}

/**
 * What is known of a kind of registry beside the distribution API: how its hosts are called, where it departs from others,
 * in which words it refuses, and what helps there.
 *
 * Words are looked for in every registry's answers, since a host's name need not tell its kind; advice is that of the kind.
 */
export interface RegistryProfile {
  /** Names of its hosts, in lower case and without port. Absent where no name tells. */
  readonly hosts?: RegExp;

  /** Error codes of an answer that limits the rate, whatever its status. The status 429 always does. */
  readonly rateCodes: readonly string[];
  /** What to do when the rate is limited. */
  readonly rateRemedy: string;

  /** Counts reads, uploads and manifests each by itself, where others count all requests together. */
  readonly limitsByKind: boolean;

  /** Takes a mount of a blob only where a stored manifest names the blob. */
  readonly mountsNeedManifest: boolean;

  /** How a repository comes into being that a push does not make. */
  readonly missingRepositoryRemedy: string;

  /** What would allow what was denied, where an answer names it itself; undefined where it does not. */
  readonly readDenial?: (said: string) => string | undefined;
  /** What allows to pull, or to push. */
  readonly permissionRemedy: (denied: DeniedAccess) => string;

  /** Words that mean: there is no room for more. */
  readonly noRoom: readonly RegExp[];
  /** What makes room, by the words of the answer. */
  readonly roomRemedy: (said: string) => string;

  /** Words that mean: this tag may not be moved. */
  readonly immutableTag: RegExp;

  /** What to look at when it did not get an image from its upstream. `byDigest`: the image was asked for so alone. */
  readonly pullThroughRemedy: (byDigest: boolean) => string;
  /** When a cache asks its upstream again what a tag is. */
  readonly cacheRefresh: string;
}
