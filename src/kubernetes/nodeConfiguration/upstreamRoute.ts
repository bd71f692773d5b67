import { canonicalHost, DEFAULT_REGISTRY, parseReference, type ImageReference } from "../../image/reference";
import { targetRepository } from "../../plan/layout";
import type { PlannedImage } from "../../plan/relocationPlan";
import type { NodeConfiguration, NodeRuntime } from "./nodeConfiguration";

/** What Docker Hub's official images have before their name, when nodes ask for them, though charts rarely write it. */
export const OFFICIAL_IMAGES = "library/";

/** Where the repositories of an upstream host are in the mirror. */
export interface UpstreamRoute {
  /** `docker.io`, `quay.io`, `r.io:5000`. */
  readonly host: string;
  /** What comes before the upstream's repository, with a slash at its end; empty when nothing does. */
  readonly prefix: string;
  /** Whether nodes put {@link OFFICIAL_IMAGES} before names that charts write without it, and the mirror has so. */
  readonly hasOfficialImages: boolean;
}

/** The routes of all upstreams, each once, sorted by host. The mirror is none of its own upstreams. */
export function upstreamRoutes({ upstreams, mirror, layout }: NodeConfiguration): UpstreamRoute[] {
  return [...new Set(upstreams.map(canonicalHost))]
    .filter((host) => host !== canonicalHost(mirror.host))
    .sort()
    .map((host) => {
      // The layout is asked, so that this cannot say anything else than where the images were copied to.
      const target = targetRepository({ ...parseReference("probe"), registry: host }, mirror, layout);
      return { host, prefix: target.slice(0, -"probe".length), hasOfficialImages: host === DEFAULT_REGISTRY };
    });
}

/**
 * Images of a plan that nodes would not find in the mirror when a pod names them by their source, since a runtime's
 * configuration knows rules for hosts and not for images. Two kinds exist: official images of Docker Hub, which nodes
 * ask for with `library/` however the chart writes them, and images whose target is not the layout's.
 */
export function unservedImages<I extends Pick<PlannedImage, "source" | "target">>(
  images: readonly I[],
  configuration: NodeConfiguration,
  runtime: NodeRuntime,
): I[] {
  const routes = new Map(upstreamRoutes(configuration).map((route) => [route.host, route]));
  return images.filter(({ source, target }) => {
    const reference = parseReference(source);
    const copy = parseReference(target);
    const route = routes.get(reference.registry);
    if (route === undefined || copy.registry !== canonicalHost(configuration.mirror.host)) return false;
    return !askedRepositories(route, reference, runtime).includes(copy.path);
  });
}

/** The repositories of the mirror that a node tries for an image. */
function askedRepositories(
  { prefix, hasOfficialImages }: UpstreamRoute,
  { repository }: ImageReference,
  runtime: NodeRuntime,
): string[] {
  const asIs = prefix + repository;
  if (!hasOfficialImages || !repository.startsWith(OFFICIAL_IMAGES)) return [asIs];
  const bare = prefix + repository.slice(OFFICIAL_IMAGES.length);
  switch (runtime) {
    case "k3s":
      return [bare];
    case "containerd":
      return [asIs];
    case "openshift":
      return [bare, asIs];
  }
}
