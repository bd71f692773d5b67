import type * as artifactTransfer from "./artifactTransfer";
import type * as blobPlacements from "./blobPlacements";
import type * as copyPreview from "./copyPreview";
import type * as listings from "../registry/listings";
import type * as manifestCopy from "./manifestCopy";
import type * as refusedManifest from "../registry/refusedManifest";
import type * as resolveImage from "./resolveImage";
import type * as tlsConnections from "../transport/tlsConnections";

/* eslint-disable @typescript-eslint/no-require-imports */

/**
 * Parts of the engine that are loaded with their first use. Most runs find every image in place, and what they do
 * not need would be a good part of their time (`npm run bench`, warm).
 */
export const onDemand = {
  get artifactTransfer() {
    return require("./artifactTransfer") as typeof artifactTransfer;
  },
  get blobPlacements() {
    return require("./blobPlacements") as typeof blobPlacements;
  },
  get copyPreview() {
    return require("./copyPreview") as typeof copyPreview;
  },
  get listings() {
    return require("../registry/listings") as typeof listings;
  },
  get manifestCopy() {
    return require("./manifestCopy") as typeof manifestCopy;
  },
  get refusedManifest() {
    return require("../registry/refusedManifest") as typeof refusedManifest;
  },
  get resolveImage() {
    return require("./resolveImage") as typeof resolveImage;
  },
  get tlsConnections() {
    return require("../transport/tlsConnections") as typeof tlsConnections;
  },
};
