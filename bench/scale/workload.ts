/** A set of images to mirror. */
export interface Workload {
  readonly images: number;
  /** Bytes of all images, each blob counted once for each platform and image. */
  readonly bytes: number;
  /** Part of the bytes that other images have as well, so that a copier which mounts reads them once. */
  readonly shared: number;
  /** Blobs of one image, all platforms together. */
  readonly blobs: number;
  /** Manifests of one image: its index and one for each platform. */
  readonly manifests: number;
  /** Platforms of one image. */
  readonly platforms: number;
}

/** What the surroundings give. Rates in bytes per second. */
export interface Surroundings {
  /** Line of the machine that runs `pulumi up`, each direction. */
  readonly runnerLine: number;
  /** Cores of that machine. */
  readonly runnerCores: number;
  /** Line of one node of the cluster. */
  readonly nodeLine: number;
  readonly nodes: number;
  /** What a source registry sends over one connection. */
  readonly sourceFlow: number;
  /** Pods of the Job at one time. */
  readonly parallelism: number;
  /** Seconds from a pod's creation to its first request. */
  readonly podStart: number;
  /** Copies that one process has under way. */
  readonly copiesAtOnce: number;
  /** Imports that the registry runs at one time, and what one of them moves. */
  readonly importsAtOnce: number;
  readonly importFlow: number;
  /** Calls per second that Azure's Resource Manager lets one subscription make. */
  readonly armCalls: number;
  /** Manifests per second that the target takes: ECR's PutImage. */
  readonly manifestPuts: number;
  /** Uploads per second that the target lets begin: ECR's InitiateLayerUpload. */
  readonly uploadStarts: number;
  /** Money for a byte that leaves the source's cloud, and for one through a NAT gateway. */
  readonly egressPrice: number;
  readonly natPrice: number;
}

/** What was measured on the machine that makes the table. */
export interface MeasuredRates {
  /** Processor seconds of our copier for a byte, and for an image without any. */
  readonly copyCpuPerByte: number;
  readonly copyCpuPerImage: number;
  /** Bytes per second and core of a daemon's unpacking and packing: gunzip, then gzip. */
  readonly unpack: number;
  readonly pack: number;
}
