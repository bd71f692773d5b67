/** How to reach a chart repository: the names of Helm's options. */
export interface RepositoryOptions {
  readonly url?: string;
  readonly username?: string;
  readonly password?: string;
  /** Files in PEM form. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Sends the login to other hosts, too, that the repository's index points to. */
  readonly passCredentials?: boolean;
  /** Speaks http with an OCI registry. */
  readonly plainHttp?: boolean;
}
