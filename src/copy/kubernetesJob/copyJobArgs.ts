import type * as pulumi from "@pulumi/pulumi";

/** The Jobs that copy images in a cluster: which cluster, and how. */
export interface CopyJobArgs {
  /** Text of a kubeconfig, a secret. Default: what `kubectl` would use on this machine. */
  kubeconfig?: pulumi.Input<string>;
  /** Context of the kubeconfig. Default: its current one. */
  context?: pulumi.Input<string>;
  /** Namespace of Jobs and pods, which must exist. */
  namespace: pulumi.Input<string>;
  /** Pods at one time. Default: 4. */
  parallelism?: pulumi.Input<number>;
  /** Image with `regctl` and a shell. Default: regclient's own; name its copy where the cluster reaches only the mirror. */
  image?: pulumi.Input<string>;
  /** How often one image is tried again. Default: 3. */
  retries?: pulumi.Input<number>;
  /** Seconds after which a finished Job, its pods and its Secret are deleted. Default: 3600. */
  ttlSeconds?: pulumi.Input<number>;
  /** Service account whose cloud identity the pods log in with, together with `credentialHelpers`. */
  serviceAccount?: pulumi.Input<string>;
  /** Docker credential helper of the pods, by host: `{ "123456789012.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login" }`. */
  credentialHelpers?: pulumi.Input<{ [host: string]: pulumi.Input<string> }>;
  /** Secrets to pull `image` with. */
  imagePullSecrets?: pulumi.Input<pulumi.Input<string>[]>;
  /** Labels of the nodes that the pods may run on. */
  nodeSelector?: pulumi.Input<{ [label: string]: pulumi.Input<string> }>;
}

/** An image of an {@link ImageCopyJob}. */
export interface JobImageArgs {
  source: string;
  target: string;
  digest?: string;
  size?: number;
  platforms?: string[];
}
