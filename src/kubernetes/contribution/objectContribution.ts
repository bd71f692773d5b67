import * as pulumi from "@pulumi/pulumi";
import { ownResource } from "../../resource/ownResource";
import type { JsonObject } from "../../json";
import { clusterLoginOf } from "../../cluster/clusterLogin";
import { objectContributionFields } from "../argumentShapes";
import { checkArguments } from "../../inputs/checkArguments";
import { urnOf } from "../../inputs/insideOutput";

/** Arguments of {@link ObjectContribution}. */
export interface ObjectContributionArgs {
  /** `v1`, `config.openshift.io/v1`. */
  apiVersion: pulumi.Input<string>;
  /** `ServiceAccount`. */
  kind: pulumi.Input<string>;
  /** Namespace of the object, where its kind has namespaces. Default: that of the kubeconfig's context. */
  namespace?: pulumi.Input<string>;
  /** Name of the object. */
  name: pulumi.Input<string>;
  /**
   * The parts of the object that shall be there. Lists get the items that they lack, at their ends; an item is there
   * already when one with its `name` is, or one that is equal. Keys of maps and other values are set where they are
   * missing; it is an error when somebody else has given one another value.
   */
  contribution: pulumi.Input<JsonObject>;
  /** Make the object when it is missing; otherwise it is waited for, two minutes at most. Default: false. */
  create?: pulumi.Input<boolean>;
  /** Text of a kubeconfig, a secret, or its path. Default: that of the `kubernetes` provider. */
  kubeconfig?: pulumi.Input<string>;
  /** Context of the kubeconfig. Default: that of the `kubernetes` provider, or the current one. */
  context?: pulumi.Input<string>;
}

/**
 * Entries in an object of the cluster that somebody else owns too, such as a pull secret in a service account: added
 * beside what is there, and taken out again without it.
 *
 * A `Patch` of the Kubernetes provider cannot do this where a list belongs to one owner as a whole, as
 * `imagePullSecrets` of a service account does: it would replace the entries of others, and empty the list when it is
 * destroyed. This resource reads the object, adds what is missing, and writes it only if nobody else has in between.
 * Several programs may contribute to one object; what more than one of them wants goes with the last. An annotation of
 * the object, `pulumi-chart-mirror/contributions`, says who wants what. An entry that was taken out by hand comes back
 * with the next update. It needs the package `@kubernetes/client-node`.
 *
 * The cluster is that of the `kubernetes` provider, which is inherited or given as the option `provider`.
 *
 * @example
 * ```ts
 * new ObjectContribution("operator-pull", {
 *   apiVersion: "v1",
 *   kind: "ServiceAccount",
 *   namespace: "shop",
 *   name: "made-by-the-operator",
 *   contribution: { imagePullSecrets: [{ name: "registry-login" }] },
 * }, { dependsOn: release });
 * ```
 */
export class ObjectContribution extends pulumi.CustomResource {
  /** Type under which policies find this resource. */
  static readonly type = "pulumi-nodejs:dynamic/chart-mirror:ObjectContribution";

  constructor(name: string, args: ObjectContributionArgs, opts: pulumi.CustomResourceOptions = {}) {
    checkArguments({ type: "ObjectContribution", name }, args, objectContributionFields);
    const { provider, ...others } = opts;
    const { kubeconfig, context } = clusterLoginOf(args, provider, opts.parent);
    const own = ownResource("ObjectContribution", others);
    super(
      own.type,
      name,
      {
        ...args,
        kubeconfig,
        context,
        contributor: contributorName(name, opts.parent),
        ...own.inputs,
      },
      own.opts,
    );
  }
}

/** What tells this resource from all others that contribute to an object, in words for who reads its annotation. */
export function contributorName(name: string, parent: pulumi.Resource | undefined): pulumi.Output<string> {
  const urn = parent && urnOf(parent);
  if (urn) return pulumi.output(urn.then((text) => `${text}::${name}`));
  return pulumi.output(`urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${name}`);
}
