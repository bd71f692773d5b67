import type * as pulumi from "@pulumi/pulumi";

/** An access key of an AWS user, for clusters whose pods have no identity. */
export interface AwsAccessKey {
  accessKeyId: pulumi.Input<string>;
  secretAccessKey: pulumi.Input<string>;
}

/** How a pull secret whose login expires is renewed in the cluster. */
export interface PullSecretRefreshOptions {
  /** Whether a CronJob renews it. With false somebody else must. Default: true. */
  enabled?: boolean;
  /** Image with `aws`, `curl` (7.76 or newer) and a shell, mirrored with the others. Default: that of AWS itself. */
  image?: string;
  /** When, as cron writes it. Default: every four hours, since the logins of ECR end after twelve. */
  schedule?: string;
  /** ARN of the IAM role that the pod takes on by IRSA. Without it the pod has Pod Identity, or its node's role. */
  roleArn?: pulumi.Input<string>;
  /** An access key in place of a role. */
  accessKey?: AwsAccessKey;
}
