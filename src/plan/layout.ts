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
  const path = options.keepHost ? `${source.registry.replace(":", "_")}/${source.path}` : source.path;
  return mirror.path ? `${mirror.path}/${path}` : path;
}

/**
 * The whole reference in the mirror for a source: its tag and digest stay as they are.
 *
 * @example `targetReference(parseReference("quay.io/a/b:1"), { host: "r.io", path: "p" })` is `"r.io/p/a/b:1"`.
 */
export function targetReference(source: ImageReference, mirror: MirrorAddress, options: LayoutOptions = {}): string {
  const { tag, digest } = source;
  const name = `${mirror.host}/${targetRepository(source, mirror, options)}`;
  return `${name}${tag === undefined ? "" : `:${tag}`}${digest ? `@${digest}` : ""}`;
}
