import * as pulumi from "@pulumi/pulumi";

/** A cluster and its login, as resources take it. */
export interface ClusterLoginArgs {
  kubeconfig?: pulumi.Input<string> | undefined;
  context?: pulumi.Input<string> | undefined;
}

/**
 * The cluster of a resource that speaks to it without the Kubernetes provider's help: what it was given, else what its
 * `kubernetes` provider was, else what that provider's defaults are. Without any, the machine's own kubeconfig is taken.
 */
export function clusterLoginOf(
  args: ClusterLoginArgs,
  own: pulumi.ProviderResource | undefined,
  parent: pulumi.Resource | undefined,
): { kubeconfig: pulumi.Output<string | undefined> | undefined; context: pulumi.Output<string | undefined> } {
  const { kubeconfig, context } = args.kubeconfig === undefined ? ofProvider(own, parent) : args;
  return {
    kubeconfig: kubeconfig === undefined ? undefined : pulumi.secret(pulumi.output(kubeconfig).apply(exceptMachines)),
    context: pulumi.output(args.context ?? context),
  };
}

function ofProvider(own: pulumi.ProviderResource | undefined, parent: pulumi.Resource | undefined): ClusterLoginArgs {
  const provider = own ?? parent?.getProvider("kubernetes:core/v1:ServiceAccount");
  // The SDK makes every argument of a resource a property, also those that the class does not declare.
  if (provider) return provider as unknown as ClusterLoginArgs;
  const config = new pulumi.Config("kubernetes");
  return { kubeconfig: config.get("kubeconfig"), context: config.get("context") };
}

/** The provider takes the machine's own for an argument; a state must not keep where that was. */
function exceptMachines(kubeconfig: string | undefined): string | undefined {
  return kubeconfig === "" || kubeconfig === process.env.KUBECONFIG ? undefined : kubeconfig;
}
