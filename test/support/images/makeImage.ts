import { digestOf } from "../../../src/image/digest";
import { parsePlatform, type Platform } from "../../../src/image/platform";
import { jsonBlob } from "./blob";
import type { BlobContent, Descriptor, ImageOptions, ManifestContent, SyntheticImage } from "./image";
import { makeLayer } from "./layer";
import { MEDIA_TYPES } from "./mediaTypes";

const DEFAULT_LAYERS = [{ size: 1024, seed: "default" }] as const;

/**
 * Makes an image: an index when there are several platforms, else one manifest.
 *
 * @example
 * ```ts
 * makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 5_000, seed: "base" }, { size: 100, seed: 1 }] });
 * ```
 */
export function makeImage(options: ImageOptions = {}): SyntheticImage {
  const platforms = options.platforms ?? ["linux/amd64"];
  const images = platforms.map((platform) => ({ platform, image: makePlatformImage(platform, options) }));
  const single = images[0];
  if (images.length === 1 && single && !options.index) return single.image;
  const types = MEDIA_TYPES[options.mediaTypes ?? "oci"];
  const index = {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: images.map(({ platform, image }) => ({ ...describe(image), platform: readPlatform(platform) })),
    ...(options.annotations && { annotations: options.annotations }),
  };
  return assemble(
    manifestOf(types.index, index),
    images.map(({ image }) => image),
  );
}

function makePlatformImage(platform: string, options: ImageOptions): SyntheticImage {
  const types = MEDIA_TYPES[options.mediaTypes ?? "oci"];
  const { layers = DEFAULT_LAYERS, config = {}, annotations } = options;
  const made = (typeof layers === "function" ? layers(platform) : layers).map((layer) => makeLayer(layer, types));
  const configBlob = jsonBlob({
    created: "1970-01-01T00:00:00Z",
    ...readPlatform(platform),
    config,
    rootfs: { type: "layers", diff_ids: made.map(({ diffId }) => diffId) },
  });
  const alone = !options.index && (options.platforms?.length ?? 1) === 1;
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: configBlob.digest, size: configBlob.size },
    layers: made.map(({ descriptor }) => descriptor),
    ...(annotations && alone && { annotations }),
  };
  return assemble(manifestOf(types.manifest, manifest), [], [configBlob, ...made.flatMap(({ blob }) => blob ?? [])]);
}

/** The image of a top manifest, the images that it names, and blobs of its own. */
export function assemble(
  top: ManifestContent,
  children: readonly SyntheticImage[],
  own: readonly BlobContent[] = [],
): SyntheticImage {
  const blobs = distinct([...children.flatMap((child) => child.blobs), ...own]);
  return {
    digest: top.digest,
    mediaType: top.mediaType,
    size: blobs.reduce((sum, blob) => sum + blob.size, 0),
    manifests: distinct([...children.flatMap((child) => child.manifests), top]),
    blobs,
  };
}

/** A manifest's bytes from its document. */
export function manifestOf(mediaType: string, document: object): ManifestContent {
  const bytes = Buffer.from(JSON.stringify(document));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

/** The descriptor of an image's top manifest. */
export function describe(image: SyntheticImage): Descriptor {
  const size = image.manifests.at(-1)?.bytes.length ?? 0;
  return { mediaType: image.mediaType, digest: image.digest, size };
}

function readPlatform(text: string): Platform {
  const platform = parsePlatform(text);
  if (!platform) throw new Error(`${text} is not a platform`);
  return platform;
}

function distinct<T extends { digest: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.digest, item])).values()];
}
