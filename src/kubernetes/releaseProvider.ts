import * as pulumi from "@pulumi/pulumi";
import { connectCluster, type ClusterLogin } from "../cluster/clusterConnection";
import { clusterLoginOf } from "../cluster/clusterLogin";
import { MirrorError } from "../error";
import { knownNow, UnknownInputError } from "../inputs/knownNow";
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

/**
 * The same as far as it is known now. A provider that is still to be made knows no argument that it was not given, so that
 * all but the kubeconfig count as not given; nothing where that is not known.
 *
 * @throws {UnknownInputError} without a known kubeconfig
 */
export async function knownReleaseProvider(
  component: pulumi.Resource,
): Promise<{ readonly login: ClusterLogin | undefined; readonly namespace: string | undefined }> {
  const login = clusterLoginOf({}, undefined, component);
  const kubeconfig = await knownNow(login.kubeconfig, "the kubeconfig");
  const [context, cluster, namespace] = await Promise.all(
    [login.context, providerSetting(component, "cluster"), providerSetting(component, "namespace")].map(ifKnown),
  );
  if (cluster !== undefined) return { login: undefined, namespace };
  return {
    login: { ...(kubeconfig !== undefined && { kubeconfig }), ...(context !== undefined && { context }) },
    namespace,
  };
}

/** The namespace of what names none: the provider's, else that of the kubeconfig's context; a stand-in while a preview cannot tell. */
export async function providerNamespace(component: pulumi.Resource): Promise<string> {
  const usual = "default";
  try {
    const { login, namespace } = await knownReleaseProvider(component);
    if (namespace !== undefined || login === undefined) return namespace ?? usual;
    const { config } = await connectCluster(login, {
      doing: "Looking which namespace a release is in",
      cluster: "The cluster of a release without a namespace",
      kubeconfig: "kubeconfig",
    });
    return config.getContextObject(config.getCurrentContext())?.namespace ?? usual;
  } catch (error) {
    if (error instanceof MirrorError && pulumi.runtime.isDryRun()) return usual;
    throw error;
  }
}

async function ifKnown<T>(output: pulumi.Output<T>): Promise<T | undefined> {
  try {
    return await knownNow(output, "an argument");
  } catch (error) {
    if (error instanceof UnknownInputError) return undefined;
    throw error;
  }
}
