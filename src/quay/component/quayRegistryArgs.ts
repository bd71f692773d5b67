import type * as pulumi from "@pulumi/pulumi";

/** Who creates the repositories of a `QuayRegistry` that images are copied to. */
export const QuayRepositories = {
  /** Quay, when an image is pushed. The robot that pushes may create repositories. */
  OnPush: "on-push",
  /** This component creates one for each image, and previews list them. The robot that pushes may only write. */
  Create: "create",
} as const;
export type QuayRepositories = (typeof QuayRepositories)[keyof typeof QuayRepositories];

/** The registry whose images an organization serves. */
export interface QuayProxy {
  /** `host[/namespace]`, as images name it: `docker.io`, `europe-west1-docker.pkg.dev/appcircle/docker-registry`. */
  upstream: string;
  /** Login of the upstream; `_json_key` for Artifact Registry. Also used to look its images up in previews. */
  username?: pulumi.Input<string>;
  /** Its password or token, or the whole JSON key of `_json_key`. A change is made in place. */
  password?: pulumi.Input<string>;
  /** How long a tag is served from the cache before the upstream is asked again, in seconds. Default: Quay's, a day. */
  expirationSeconds?: number;
  /** Speak plain http to the upstream. Default: false. */
  insecure?: boolean;
}

/** Arguments of `QuayRegistry`. */
export interface QuayRegistryArgs {
  /** `host` or `host:port` of Quay, for its images and its API alike. */
  host: pulumi.Input<string>;
  /** The organization that images live in. One component has one organization. */
  organization: string;
  /** The organization exists: take it, and leave it when the stack is destroyed. Default: false, and it is created. */
  existing?: boolean;
  /** Contact address of the organization, where Quay wants one (FEATURE_MAILING). */
  email?: pulumi.Input<string>;
  /**
   * OAuth token for Quay's API, with the scopes `org:admin` and, to create the organization, `user:admin`. A rotated
   * token is no change. Default: the environment variable `QUAY_TOKEN` where Pulumi runs.
   */
  token?: pulumi.Input<string>;
  /** Make the organization a proxy cache: images of this upstream are served through it and not copied. */
  proxy?: QuayProxy;
  /** Begin of the names of robots and teams. Two stacks in one organization need two. Default: `chart_mirror`. */
  robots?: string;
  /** Another text makes Quay give the robots new tokens. Otherwise they stay what they are. */
  rotation?: pulumi.Input<string>;
  /** Who creates repositories for copied images. Default: `QuayRepositories.OnPush`. */
  repositories?: QuayRepositories;
  /** Repositories that this component creates may be pulled by anyone. Default: false. */
  publicRepositories?: boolean;
  /**
   * Delete the organization although it holds repositories, and repositories although they hold images. Default: true
   * for a proxy, whose images are only cached; else false, and destroying fails while images are there.
   */
  forceDelete?: boolean;
  /** Give pods no pull secret: repositories are public, or nodes have the login. Default: false. */
  noPullSecret?: boolean;
  /** Speak http without TLS. The cluster's nodes must be told as well. Default: false. */
  plainHttp?: pulumi.Input<boolean>;
  /** PEM certificate of an own CA which signed Quay's certificate. */
  caCertificate?: pulumi.Input<string>;
  /** Keep the source's host as the first segment of each repository. Not with a proxy. Default: false. */
  keepHost?: boolean;
}
