/** What a request is going to do, in terms of token scopes. */
export interface Permission {
  /** Absent for requests that are about no repository. */
  readonly repository?: string;
  readonly push?: boolean;
  readonly delete?: boolean;
  /** The repository to mount a blob from. */
  readonly mountFrom?: string;
}
