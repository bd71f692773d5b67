import type { JsonObject } from "../../json";
import { mirrorPrefix, type MirrorAddress } from "../../plan/layout";
import type { NodeConfiguration } from "./nodeConfiguration";
import { OFFICIAL_IMAGES, upstreamRoutes } from "./upstreamRoute";

/**
 * An `ImageDigestMirrorSet` and an `ImageTagMirrorSet` that make nodes look for the upstreams' images in the mirror
 * first; none when there is no upstream. Each kind serves the references that the other does not.
 *
 * Official images of Docker Hub are tried under both names, `nginx` and `library/nginx`, since charts write either.
 *
 * @see {@link https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/images/image-configuration}
 */
export function openShiftMirrorSets(configuration: NodeConfiguration): JsonObject[] {
  const mirrors = imageMirrors(configuration);
  if (mirrors.length === 0) return [];
  const set = (kind: string, key: string): JsonObject => ({
    apiVersion: "config.openshift.io/v1",
    kind,
    metadata: { name: setName(configuration.mirror) },
    spec: { [key]: mirrors },
  });
  return [set("ImageDigestMirrorSet", "imageDigestMirrors"), set("ImageTagMirrorSet", "imageTagMirrors")];
}

/** The source with the longest prefix wins, so that their order does not matter. */
function imageMirrors(configuration: NodeConfiguration): JsonObject[] {
  return upstreamRoutes(configuration).flatMap(({ host, prefix, hasOfficialImages }) => {
    const location = (path: string): string =>
      mirrorPrefix({ host: configuration.mirror.host, path: path.replace(/\/$/, "") });
    const all = { source: host, mirrors: [location(prefix)] };
    if (!hasOfficialImages) return [all];
    const official = `${host}/${OFFICIAL_IMAGES.slice(0, -1)}`;
    return [all, { source: official, mirrors: [location(prefix), location(prefix + OFFICIAL_IMAGES)] }];
  });
}

/** One name for each mirror, so that the sets of two mirrors do not replace each other. */
function setName(mirror: MirrorAddress): string {
  return `chart-mirror-${mirrorPrefix(mirror)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")}`;
}
