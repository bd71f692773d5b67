import type { JsonObject } from "../json";
import type { NewArtifact } from "../oci/manifest/artifact";
import { mirrorPrefix, type MirrorAddress } from "./layout";

/** A chart's `Chart.yaml`, as far as its artifact repeats it outside of the archive. */
export interface PackedMetadata extends JsonObject {
  name: string;
  version: string;
}

/** A chart as an OCI artifact ({@link https://helm.sh/docs/topics/registries/#helm-chart-manifest}). */
export function chartArtifact(metadata: PackedMetadata, archive: Buffer): NewArtifact {
  const { name, version, description } = metadata;
  return {
    config: {
      mediaType: "application/vnd.cncf.helm.config.v1+json",
      bytes: Buffer.from(JSON.stringify(metadata)),
    },
    layers: [{ mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip", bytes: archive }],
    // Helm also says when it pushed; then the same chart would be another artifact each time.
    annotations: {
      "org.opencontainers.image.title": name,
      "org.opencontainers.image.version": version,
      ...(typeof description === "string" && { "org.opencontainers.image.description": description }),
    },
  };
}

/**
 * Where a chart goes in the mirror, without tag: `registry.example.com/platform/charts/shop`. Charts may have capitals in
 * their names, repositories may not.
 */
export function chartRepositoryIn(mirror: MirrorAddress, name: string): string {
  return `${mirrorPrefix(mirror)}/charts/${name.toLowerCase()}`;
}

/** The tag of a version: a plus is no character of a tag, and Helm writes an underscore for it. */
export function chartTag(version: string): string {
  return version.replaceAll("+", "_");
}
