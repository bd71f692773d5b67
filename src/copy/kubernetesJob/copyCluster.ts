import type { V1ConfigMap, V1Job, V1Pod, V1Secret } from "@kubernetes/client-node" with { "resolution-mode": "import" };

/** What copying by Jobs needs of a cluster. Every answer is that of the API server; failures are thrown. */
export interface CopyCluster {
  createJob(job: V1Job): Promise<V1Job>;
  /** Undefined when there is none. */
  readJob(namespace: string, name: string): Promise<V1Job | undefined>;
  /** Lets the pods of a suspended Job start. */
  resumeJob(namespace: string, name: string): Promise<void>;
  /** With its pods and all that it owns. */
  deleteJob(namespace: string, name: string): Promise<void>;
  /** Creates it, or replaces the one that is there. */
  putSecret(secret: V1Secret): Promise<void>;
  putConfigMap(configMap: V1ConfigMap): Promise<void>;
  podsOfJob(namespace: string, job: string): Promise<readonly V1Pod[]>;
  /** The last lines that a pod wrote; empty when they are gone. */
  podLog(namespace: string, name: string, lines: number): Promise<string>;
}
