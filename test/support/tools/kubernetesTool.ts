import type { ToolName } from "./catalogue";

/** Programs of which there are two pinned Kubernetes. */
export type KubernetesProgram =
  "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubectl" | "kubelet";

/** Whether this suite is for the second pinned Kubernetes (`npm run test:kubernetes-next`). */
export const isKubernetesNext = (): boolean => process.env["TEST_KUBERNETES"] === "next";

/** A program of the Kubernetes that this suite is for. */
export const kubernetesTool = (name: KubernetesProgram): ToolName => (isKubernetesNext() ? `${name}-next` : name);
