export {
  makeArtifact,
  makeChartArtifact,
  makeReferrersIndex,
  makeSchema1Image,
  makeSignature,
  tagFor,
  type ArtifactOptions,
} from "./artifacts";
export { awsCliImage } from "./awsCliImage";
export { seededBlob } from "./blob";
export type { BlobContent, Descriptor, ImageOptions, LayerOptions, ManifestContent, SyntheticImage } from "./image";
export { writeImageArchive, writeImageLayout, type NamedImages } from "./imageLayout";
export { describe as describeImage, makeImage } from "./makeImage";
export { MANIFEST_SHAPES } from "./manifestShapes";
export { pushImage } from "./pushImage";
export { makeRunnableImage, type RunnableOptions } from "./runnableImage";
