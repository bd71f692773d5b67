/** The cluster could not be started, or a command in it failed. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
}
