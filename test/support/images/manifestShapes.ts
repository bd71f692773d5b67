import { digestOf } from "../../../src/image/digest";
import { Readable } from "node:stream";
import { blobOf, jsonBlob } from "./blob";
import type { BlobContent, Descriptor, SyntheticImage } from "./image";
import { assemble, describe, makeImage, manifestOf } from "./makeImage";
import { MEDIA_TYPES } from "./mediaTypes";

const { oci, docker } = MEDIA_TYPES;
const config = jsonBlob({ os: "linux", architecture: "amd64" });
const layer = blobOf("one layer");
// A frame of zstd with one raw block (RFC 8878): not every Node.js packs it.
const zstd = blobOf(Buffer.from("28b52ffd200529000068656c6c6f", "hex"));
const empty = blobOf("");
const emptyJson = blobOf("{}");
const emptyDescriptor = { ...pointTo(emptyJson, "application/vnd.oci.empty.v1+json"), data: "e30=" };
const image = {
  schemaVersion: 2,
  mediaType: oci.manifest,
  config: pointTo(config, oci.config),
  layers: [layerOf(layer)],
};
const child = makeImage({ layers: [{ size: 300, seed: "of OCI" }] });
const dockerChild = makeImage({ mediaTypes: "docker", layers: [{ size: 300, seed: "of Docker" }] });
const entry = (of: SyntheticImage, architecture: string) => ({
  ...describe(of),
  platform: { os: "linux", architecture },
});

/**
 * What the specifications allow and few tools make: images and indexes of every shape that registries must take, byte by
 * byte.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 */
export const MANIFEST_SHAPES: Readonly<Record<string, SyntheticImage>> = {
  "an image that does not say its type": imageOf({ ...image, mediaType: undefined }),
  "an index that does not say its type": indexOf({ mediaType: undefined, manifests: [entry(child, "amd64")] }, [child]),
  "a list of Docker's with images of OCI": assemble(
    manifestOf(docker.index, { schemaVersion: 2, mediaType: docker.index, manifests: [entry(child, "amd64")] }),
    [child],
  ),
  "an index with images of Docker's": indexOf({ manifests: [entry(dockerChild, "amd64")] }, [dockerChild]),
  "an index in an index": nested(),
  "an index with one image for two platforms": indexOf({ manifests: [entry(child, "amd64"), entry(child, "arm64")] }, [
    child,
  ]),
  "an index without images": indexOf({ manifests: [] }, []),
  "an index with a type, a subject and annotations": indexOf(
    {
      artifactType: "application/vnd.example",
      manifests: [describe(child)],
      subject: describe(dockerChild),
      annotations: { a: "b" },
    },
    [child],
  ),
  "an artifact whose config and layer are the empty one": imageOf(
    { ...image, artifactType: "application/vnd.example", config: emptyDescriptor, layers: [emptyDescriptor] },
    emptyJson,
  ),
  "an image without layers": imageOf({ ...image, layers: [] }, config),
  "an image with a layer of no bytes": imageOf({ ...image, layers: [layerOf(empty)] }, config, empty),
  "an image with a layer of zstd": imageOf(
    { ...image, layers: [pointTo(zstd, `${oci.layer.slice(0, -4)}zstd`)] },
    config,
    zstd,
  ),
  "an image with one layer twice": imageOf({ ...image, layers: [layerOf(layer), layerOf(layer)] }),
  "an image with a layer of SHA-512": sha512(),
  "an image that refers to one that is not there": imageOf({
    ...image,
    subject: { ...describe(child), digest: digestOf("nothing") },
  }),
  "an image with a megabyte of annotations": imageOf({ ...image, annotations: { big: "x".repeat(1_000_000) } }),
  "an image whose manifest is written for people": pretty(),
};

function pointTo({ digest, size }: BlobContent, mediaType: string): Descriptor {
  return { mediaType, digest, size };
}

function layerOf(blob: BlobContent): Descriptor {
  return pointTo(blob, "application/vnd.oci.image.layer.v1.tar");
}

function imageOf(document: object, ...blobs: BlobContent[]): SyntheticImage {
  return assemble(manifestOf(oci.manifest, document), [], blobs.length > 0 ? blobs : [config, layer]);
}

function indexOf(document: object, children: SyntheticImage[]): SyntheticImage {
  return assemble(manifestOf(oci.index, { schemaVersion: 2, mediaType: oci.index, ...document }), children);
}

function nested(): SyntheticImage {
  const inner = indexOf({ manifests: [entry(child, "amd64")] }, [child]);
  return indexOf({ manifests: [describe(inner), entry(dockerChild, "arm64")] }, [inner, dockerChild]);
}

function sha512(): SyntheticImage {
  const bytes = Buffer.from("a layer of SHA-512");
  const long = { digest: digestOf(bytes, "sha512"), size: bytes.length, read: () => Readable.from([bytes]) };
  return imageOf({ ...image, layers: [layerOf(long)] }, config, long);
}

function pretty(): SyntheticImage {
  const bytes = Buffer.from(`${JSON.stringify(image, null, 3)}\n`);
  return assemble({ mediaType: oci.manifest, bytes, digest: digestOf(bytes) }, [], [config, layer]);
}
