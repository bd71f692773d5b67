import type * as pulumi from "@pulumi/pulumi";

/** A login of a registry. */
export interface RegistryLogin {
  username: pulumi.Input<string>;
  /** Password or token, or the JSON key of a `_json_key` user. */
  password: pulumi.Input<string>;
}

/** Where images are written, when that is not where nodes pull them. */
export interface PushLocation {
  /**
   * `host[:port][/path]` that stands for the registry's `host` when images are written: the port of Nexus' hosted
   * repository behind a group, a name inside the company, `nexus.example.com/docker-hosted`.
   */
  location: pulumi.Input<string>;
  /** Speak http without TLS there. Default: false. */
  plainHttp?: pulumi.Input<boolean>;
  /** PEM certificate of an own CA which signed the certificate there. */
  caCertificate?: pulumi.Input<string>;
}
