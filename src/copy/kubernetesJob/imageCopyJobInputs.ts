import type { TagPolicy } from "../../plan/tagPolicy";
import type { AccessInput } from "../imageCopyInputs";

/** One image of an ImageCopyJob, and what is known of it. */
export interface JobImage {
  source: string;
  target: string;
  digest?: string;
  /** Bytes of all blobs and manifests of the image, each counted once. */
  size?: number;
  /** `os/architecture[/variant]`. */
  platforms?: string[];
}

/** What an ImageCopyJob's provider receives and keeps. Names are part of old states: add, never rename. */
export interface ImageCopyJobInputs {
  images: JobImage[];
  access?: AccessInput[];
  /** What happens when a source's tag has moved; absent for following it. */
  tags?: TagPolicy;
  kubeconfig?: string;
  context?: string;
  namespace: string;
  parallelism?: number;
  /** Image with `regctl` and a shell. */
  image?: string;
  retries?: number;
  ttlSeconds?: number;
  serviceAccount?: string;
  /** Credential helper of pods, by host. */
  credentialHelpers?: Record<string, string>;
  imagePullSecrets?: string[];
  nodeSelector?: Record<string, string>;
}
