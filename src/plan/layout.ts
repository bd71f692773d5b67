import { withCanonicalHost, type ImageReference } from "../image/reference";

/** Where the mirror lives: `HOST[:PORT]` and an optional path before every repository. */
export interface MirrorAddress {
  /** `host` or `host:port`, without a scheme. */
  readonly host: string;
  /** Path between host and repository, without slashes at its ends. */
  readonly path?: string;
}

/**
 * A registry, or a part of one, whose images the mirror serves through itself: an ECR pull-through cache rule, an ACR
 * cache rule, a Quay proxy organisation, a Harbor proxy project.
 */
export interface UpstreamMapping {
  /** `host[:port][/path]` of the images that are served: `docker.io`, `europe-west1-docker.pkg.dev/appcircle/images`. */
  readonly upstream: string;
  /** Path in the mirror that stands for `upstream`, without slashes at its ends. It is the whole path behind the host. */
  readonly path: string;
  /**
   * The mirror does not serve the images itself: they are copied below `path`, such as a vendor's images that are to
   * stand under a name of yours. Default: false.
   */
  readonly copied?: boolean;
}

/** How the repositories of targets are named. */
export interface LayoutOptions {
  /** Make the source's host the first segment. */
  readonly keepHost?: boolean;
  /** Upstreams that the mirror serves through itself; the longest that fits an image decides. */
  readonly upstreams?: readonly UpstreamMapping[];
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
 * host comes first, its port's colon written as `_`, since a repository path may not hold one. An image under one of
 * the `upstreams` stands below that one's path instead, by its name there.
 */
export function targetRepository(source: ImageReference, mirror: MirrorAddress, options: LayoutOptions = {}): string {
  const mapping = upstreamOf(source, options);
  // A cache asks its upstream for what stands behind its prefix, so Docker Hub's `library/` has to be there.
  const name = mapping ? below(source, mapping.upstream) : source.path;
  return `${targetPrefix(source, mirror, options)}/${name}`.slice(mirror.host.length + 1);
}

/** What stands in the mirror for the registry of a source, or for the part of it that the mirror serves: `host[/path]`. */
export function targetPrefix(source: ImageReference, mirror: MirrorAddress, options: LayoutOptions = {}): string {
  const mapping = upstreamOf(source, options);
  if (mapping) return `${mirror.host}/${mapping.path}`;
  return options.keepHost ? `${mirrorPrefix(mirror)}/${source.registry.replace(":", "_")}` : mirrorPrefix(mirror);
}

/** Everything that images in the mirror stand below, each as `host[/path]`: its own path, and those of its upstreams. */
export function mirrorPrefixes(mirror: MirrorAddress, { upstreams = [] }: LayoutOptions = {}): string[] {
  return [...new Set([mirrorPrefix(mirror), ...upstreams.map(({ path }) => `${mirror.host}/${path}`)])];
}

/** Whether a reference names an image in the mirror. */
export function isInMirror(reference: string, mirror: MirrorAddress, options: LayoutOptions = {}): boolean {
  const image = withCanonicalHost(reference);
  return mirrorPrefixes(mirror, options).some((prefix) => image.startsWith(withCanonicalHost(`${prefix}/`)));
}

/** The mapping that a source stands below, whether it is served or copied there. */
export function upstreamOf(
  source: ImageReference,
  { upstreams = [] }: Pick<LayoutOptions, "upstreams">,
): UpstreamMapping | undefined {
  return upstreams
    .filter(({ upstream }) => below(source, upstream) !== undefined)
    .reduce<UpstreamMapping | undefined>(
      (best, next) => (best && best.upstream.length >= next.upstream.length ? best : next),
      undefined,
    );
}

/** The upstream by which the mirror serves a source through itself; undefined when the image has to be copied. */
export function servingUpstream(
  source: ImageReference,
  options: Pick<LayoutOptions, "upstreams">,
): UpstreamMapping | undefined {
  const mapping = upstreamOf(source, options);
  return mapping?.copied ? undefined : mapping;
}

/** The name of an image below `host[/path]`; undefined when it does not stand there. */
function below({ registry, repository }: ImageReference, upstream: string): string | undefined {
  const name = `${registry}/${repository}`;
  const above = withCanonicalHost(`${upstream}/`);
  return name.startsWith(above) ? name.slice(above.length) : undefined;
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
