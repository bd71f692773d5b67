import { kubeconfigFile, type ClusterLogin } from "../../cluster/clusterConnection";

/** The login of a cluster as states keep it. The names are part of old states. */
export interface ClusterLoginInput {
  /** Null is what the engine makes of a secret that turned out to be none. */
  kubeconfig?: string | null;
  context?: string | null;
}

/** Whether two logins are the same for a state, where the path of a kubeconfig may differ between machines. */
export function isSameLogin(one: ClusterLoginInput, other: ClusterLoginInput): boolean {
  const text = ({ kubeconfig }: ClusterLoginInput): string | undefined =>
    !kubeconfig || isPath(kubeconfig) ? undefined : kubeconfig;
  return (one.context ?? "") === (other.context ?? "") && text(one) === text(other);
}

/** The login that a state or its inputs hold. */
export function loginOf({ kubeconfig, context }: ClusterLoginInput): ClusterLogin {
  return { ...(kubeconfig && { kubeconfig }), ...(context && { context }) };
}

const isPath = (kubeconfig: string): boolean => kubeconfigFile(kubeconfig) !== undefined || !/[\n{]/.test(kubeconfig);
