import * as pulumi from "@pulumi/pulumi";
import type { ClusterLogin } from "../cluster/clusterConnection";
import { clusterLoginOf } from "../cluster/clusterLogin";
import { providerSetting } from "./providerSetting";

/** The cluster and the default namespace of a component's Kubernetes provider; no login where it cannot be told. */
export function releaseProvider(component: pulumi.Resource): {
  readonly login: pulumi.Output<ClusterLogin | undefined>;
  readonly namespace: pulumi.Output<string | undefined>;
} {
  const { kubeconfig, context } = clusterLoginOf({}, undefined, component);
  const login = pulumi
    .all([kubeconfig, context, providerSetting(component, "cluster")])
    .apply(([kubeconfig, context, cluster]): ClusterLogin | undefined =>
      // Another cluster than the context's is not to be had from a kubeconfig alone.
      cluster === undefined
        ? { ...(kubeconfig !== undefined && { kubeconfig }), ...(context !== undefined && { context }) }
        : undefined,
    );
  return { login, namespace: providerSetting(component, "namespace") };
}
