export { addresses, nodeName } from "./addresses";
export type { Cluster, RunOptions } from "./cluster";
export { ClusterError } from "./clusterError";
export { ClusterStage } from "./clusterStage";
export type { Finished, InsideProcess } from "./insideProcess";
export { serveInside, serveRegistry } from "./serveRegistry";
export { startCluster, type ClusterOptions } from "./startCluster";
