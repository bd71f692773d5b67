export type { BlobContent, Descriptor, ImageOptions, LayerOptions, ManifestContent, SyntheticImage } from "./image";
