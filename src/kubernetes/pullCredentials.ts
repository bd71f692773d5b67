import type * as pulumi from "@pulumi/pulumi";

/** Login of one registry inside a pull secret. */
export interface PullCredentials {
  /** `host[:port]`, without scheme and path: the kubelet compares it with the image's host. */
  host: pulumi.Input<string>;
  username: pulumi.Input<string>;
  password: pulumi.Input<string>;
}
