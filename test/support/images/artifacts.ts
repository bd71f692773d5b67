import { createHash, createPrivateKey, sign, type KeyObject } from "node:crypto";
import { blobOf, jsonBlob } from "./blob";
import type { LayerOptions, SyntheticImage } from "./image";
import { makeLayer } from "./layer";
import { assemble, describe, manifestOf } from "./makeImage";
import { MEDIA_TYPES } from "./mediaTypes";

/** What {@link makeArtifact} makes. */
export interface ArtifactOptions {
  artifactType: string;
  /** Default: one of a few bytes. */
  layers?: readonly LayerOptions[];
  /** The image that it refers to, which makes it a referrer. */
  subject?: SyntheticImage;
  annotations?: Record<string, string>;
}

/** An artifact without a config: the {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor empty descriptor} stands for it. */
export function makeArtifact({ artifactType, layers, subject, annotations }: ArtifactOptions): SyntheticImage {
  const types = MEDIA_TYPES.oci;
  const empty = blobOf("{}");
  const made = (layers ?? [{ bytes: Buffer.from(artifactType), mediaType: artifactType }]).map((l) =>
    makeLayer(l, types),
  );
  const manifest = manifestOf(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    artifactType,
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: empty.digest, size: empty.size, data: "e30=" },
    layers: made.map(({ descriptor }) => descriptor),
    ...(subject && { subject: describe(subject) }),
    ...(annotations && { annotations }),
  });
  return assemble(manifest, [], [empty, ...made.flatMap(({ blob }) => blob ?? [])]);
}

/** A Helm chart as registries hold it ({@link https://helm.sh/docs/topics/registries/}). */
export function makeChartArtifact(archive: Uint8Array, chart: { name: string; version: string }): SyntheticImage {
  const types = MEDIA_TYPES.oci;
  const config = jsonBlob({ apiVersion: "v2", ...chart });
  const content = blobOf(archive);
  const manifest = manifestOf(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: config.digest, size: config.size },
    layers: [
      {
        mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        digest: content.digest,
        size: content.size,
      },
    ],
  });
  return assemble(manifest, [], [config, content]);
}

/** A tag that names another image's signature, or its referrers: `sha256-HEX` with a suffix. */
export function tagFor(image: SyntheticImage, suffix = ""): string {
  return image.digest.replace(":", "-") + suffix;
}

/** A signature as cosign pushes it, under `tagFor(image, ".sig")`; Ed25519, so that it is the same in every run. */
export function makeSignature(image: SyntheticImage, reference: string): SyntheticImage {
  const payload = JSON.stringify({
    critical: {
      identity: { "docker-reference": reference },
      image: { "docker-manifest-digest": image.digest },
      type: "cosign container image signature",
    },
    optional: null,
  });
  const types = MEDIA_TYPES.oci;
  const blob = blobOf(payload);
  const config = jsonBlob({
    architecture: "",
    os: "",
    config: {},
    rootfs: { type: "layers", diff_ids: [blob.digest] },
  });
  const signature = sign(null, Buffer.from(payload), signingKey()).toString("base64");
  const manifest = manifestOf(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: config.digest, size: config.size },
    layers: [
      {
        mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
        digest: blob.digest,
        size: blob.size,
        annotations: { "dev.cosignproject.cosign/signature": signature },
      },
    ],
  });
  return assemble(manifest, [], [config, blob]);
}

/** The index that stands under `tagFor(subject)` where a registry has no referrers API. */
export function makeReferrersIndex(
  referrers: readonly { image: SyntheticImage; artifactType: string }[],
): SyntheticImage {
  const types = MEDIA_TYPES.oci;
  const manifests = referrers.map(({ image, artifactType }) => ({ ...describe(image), artifactType }));
  const index = manifestOf(types.index, { schemaVersion: 2, mediaType: types.index, manifests });
  return assemble(
    index,
    referrers.map(({ image }) => image),
  );
}

/** An image of Docker's first manifest schema, which no current client copies. */
export function makeSchema1Image(name: string, tag: string): SyntheticImage {
  const layer = blobOf("a layer of schema 1");
  const manifest = manifestOf("application/vnd.docker.distribution.manifest.v1+prettyjws", {
    schemaVersion: 1,
    name,
    tag,
    architecture: "amd64",
    fsLayers: [{ blobSum: layer.digest }],
    history: [{ v1Compatibility: JSON.stringify({ id: layer.digest.slice(7), os: "linux", architecture: "amd64" }) }],
    signatures: [],
  });
  return assemble(manifest, [], [layer]);
}

/** A key that signs nothing but fixtures: its seed is public, behind the prefix of {@link https://www.rfc-editor.org/rfc/rfc8410 RFC 8410}. */
function signingKey(): KeyObject {
  const seed = createHash("sha256").update("synthetic image signatures").digest();
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}
