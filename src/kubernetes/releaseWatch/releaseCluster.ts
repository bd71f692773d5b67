import type { CoreV1Event, V1Pod } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import type { HelmRelease } from "./helmRelease";

/** What is asked of a cluster to find out why the pods of a release do not run. */
export interface ReleaseCluster {
  /** Namespace of releases that name none. */
  readonly namespace: string;
  /** The newest revision of each release of a namespace whose name fits, helm's own records of them. */
  releases(namespace: string, query: ReleaseQuery): Promise<HelmRelease[]>;
  pods(namespace: string): Promise<readonly V1Pod[]>;
  /** The warnings that the cluster has written about a pod. */
  warnings(namespace: string, pod: string): Promise<readonly CoreV1Event[]>;
  hasSecret(namespace: string, name: string): Promise<boolean>;
  /** When a Secret was written last, in milliseconds; undefined where it is not there, or does not tell. */
  secretWritten(namespace: string, name: string): Promise<number | undefined>;
}

/** Which releases are meant. */
export interface ReleaseQuery {
  readonly name: string;
  /** The name is only the beginning: a random ending has been put behind it. */
  readonly anyEnding?: boolean;
  /** Only those that helm is installing or upgrading right now. */
  readonly pending?: boolean;
}
