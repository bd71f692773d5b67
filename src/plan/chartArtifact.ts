import type { JsonObject } from "../json";
import type { NewArtifact } from "../oci/manifest/artifact";
import { artifactManifest } from "../oci/manifest/artifactManifest";
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
function chartTag(version: string): string {
  return version.replaceAll("+", "_");
}

/** A chart in the mirror. */
export interface ChartPlace {
  /** What Helm is asked for. */
  readonly version: string;
  /** With host and tag. */
  readonly target: string;
  /** Of the artifact. */
  readonly digest: string;
}

/**
 * Where an artifact of a chart goes. One with patches in it has a hash of itself behind its version, `1.0.0+1f3a…`: the
 * chart as it was made has the version's own place. The hash stands in the tag alone. In Chart.yaml it would get into
 * labels, where a `+` is refused, and into selectors, which no upgrade may change.
 *
 * @param repository as {@link chartRepositoryIn} names it
 */
export function chartPlace(
  repository: string,
  { version: own }: Pick<PackedMetadata, "version">,
  artifact: NewArtifact,
  patched: boolean,
): ChartPlace {
  const { digest } = artifactManifest(artifact);
  const version = patched ? contentVersion(own, digest) : own;
  return { version, target: `${repository}:${chartTag(version)}`, digest };
}

/** Build metadata keeps a version's precedence ({@link https://semver.org/#spec-item-10}). */
function contentVersion(version: string, digest: string): string {
  return `${version}${version.includes("+") ? "." : "+"}${shortHash(digest)}`;
}

/** The first digits of a digest, for names. */
export function shortHash(digest: string): string {
  return digest.slice("sha256:".length, "sha256:".length + 12);
}
