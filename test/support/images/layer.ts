import { gzipSync } from "node:zlib";
import { digestOf, type Digest } from "../../../src/image/digest";
import { blobOf, seededBlob } from "./blob";
import type { BlobContent, Descriptor, LayerOptions } from "./image";
import type { MediaTypes } from "./mediaTypes";
import { tarOf } from "./tarArchive";

/** A layer as a manifest names it, with its bytes unless they are held elsewhere. */
export interface Layer {
  readonly descriptor: Descriptor;
  /** Digest of the uncompressed layer. Bytes that are no archive stand for themselves. */
  readonly diffId: Digest;
  readonly blob?: BlobContent;
}

/** Layers of files by what they were made of: compressing a program once for each of dozens of images takes long. */
const made = new WeakMap<LayerOptions, Map<MediaTypes, Layer>>();

/** Makes a layer; of the same options, the same. */
export function makeLayer(options: LayerOptions, types: MediaTypes): Layer {
  if (!("files" in options)) return newLayer(options, types);
  const layers = made.get(options) ?? new Map<MediaTypes, Layer>();
  made.set(options, layers);
  const layer = layers.get(types) ?? newLayer(options, types);
  layers.set(types, layer);
  return layer;
}

function newLayer(options: LayerOptions, types: MediaTypes): Layer {
  if ("foreign" in options) {
    const { urls, size, seed } = options.foreign;
    const { digest } = seededBlob(size, seed);
    return { descriptor: { mediaType: types.foreignLayer, digest, size, urls: [...urls] }, diffId: digest };
  }
  if ("files" in options) {
    const archive = tarOf(options.files, options.mode);
    return layerOf(blobOf(gzipSync(archive)), types.layer, digestOf(archive));
  }
  const blob = "bytes" in options ? blobOf(options.bytes) : seededBlob(options.size, options.seed);
  return layerOf(blob, options.mediaType ?? types.layer, blob.digest);
}

function layerOf(blob: BlobContent, mediaType: string, diffId: Digest): Layer {
  return { descriptor: { mediaType, digest: blob.digest, size: blob.size }, diffId, blob };
}
