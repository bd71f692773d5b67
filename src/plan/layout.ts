import type { ImageReference } from "../image/reference";

/** Where the mirror lives: `HOST[:PORT]` and an optional path before every repository. */
export interface MirrorAddress {
  /** `host` or `host:port`, without a scheme. */
  readonly host: string;
  /** Path between host and repository, without slashes at its ends. */
  readonly path?: string;
}

/** Names of target repositories. `keepHost` makes the source's host the first segment. */
export interface LayoutOptions {
  readonly keepHost?: boolean;
}

/** The address as `host[/path]`, what a chart's `registry` value takes. */
export function mirrorPrefix(mirror: MirrorAddress): string {
  return mirror.path ? `${mirror.host}/${mirror.path}` : mirror.host;
}

/**
 * The repository in the mirror for a source, path included, host excluded.
 *
 * The source's host is dropped and its path kept as the chart writes it (`quay.io/stackstate/wait` →
 * `PATH/stackstate/wait`, `nginx` → `PATH/nginx`), as `global.imageRegistry` conventions expect. With `keepHost` the
 * host comes first, its port's colon written as `_`, since a repository path may not hold one.
 */
export function targetRepository(source: ImageReference, mirror: MirrorAddress, options: LayoutOptions = {}): string {
  const path = options.keepHost ? `${source.registry.replace(":", "_")}/${source.repository}` : source.path;
  return mirror.path ? `${mirror.path}/${path}` : path;
}
