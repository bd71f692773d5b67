import * as pulumi from "@pulumi/pulumi";
import { ownResource } from "../../resource/ownResource";
import { ownComponent } from "../../resource/ownTypes";
import type { JsonObject } from "../../json";
import type { LayoutOptions, MirrorAddress } from "../../plan/layout";
import { clusterLoginOf } from "../../cluster/clusterLogin";
import { contributorName, ObjectContribution } from "../contribution/objectContribution";
import { openShiftMirrorSets } from "../nodeConfiguration/openShiftMirrorSets";
import { openShiftImageConfigurationFields } from "../argumentShapes";
import { checkArguments } from "../../inputs/checkArguments";

/** What nodes need to know of a registry; every `MirrorRegistry` is one. */
export interface NodeRegistry {
  /** Where it is. */
  readonly address: Promise<MirrorAddress>;
  /** How the repositories of the mirror are named. */
  readonly layout: LayoutOptions;
  /** How nodes reach it. */
  pullReach(): pulumi.Output<{ readonly plainHttp?: boolean; readonly caCertificate?: string }>;
}

/** Arguments of {@link OpenShiftImageConfiguration}. */
export interface OpenShiftImageConfigurationArgs {
  /** The registry that nodes shall pull from. */
  registry: NodeRegistry;
  /**
   * Hosts whose images nodes shall look for in the registry first (`quay.io`), for pods that no chart of yours makes;
   * `upstreamHosts` finds those of a plan. Default: none.
   */
  upstreams?: string[];
  /** Text of a kubeconfig, a secret, or its path. Default: that of the `kubernetes` provider. */
  kubeconfig?: pulumi.Input<string>;
  /** Context of the kubeconfig. Default: that of the `kubernetes` provider, or the current one. */
  context?: pulumi.Input<string>;
}

/**
 * What OpenShift's nodes need of a registry: an entry among the registries without TLS, or its certificate among the
 * trusted ones; an entry among the allowed registries, where the cluster restricts them; and mirror sets for upstreams.
 *
 * The cluster has one object for that, `image.config.openshift.io/cluster`, and one ConfigMap of certificates: what is
 * in them stays, and destroying takes out what was added and nothing else. OpenShift rolls every change out over its
 * nodes, which takes a while after the update has ended.
 *
 * @example
 * ```ts
 * const registry = new ExistingRegistry("mirror", { host: "registry.spacetech.com:8083", plainHttp: true });
 * const nodes = new OpenShiftImageConfiguration("nodes", { registry });
 * new MirroredRelease("appcircle-server", { chart: "appcircle", registry }, { dependsOn: nodes });
 * ```
 */
export class OpenShiftImageConfiguration extends pulumi.ComponentResource<void> {
  constructor(name: string, args: OpenShiftImageConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "OpenShiftImageConfiguration", name }, args, openShiftImageConfigurationFields);
    // What a component is given stands in the state.
    const { kubeconfig } = args;
    const guarded = kubeconfig === undefined ? args : { ...args, kubeconfig: pulumi.secret(kubeconfig) };
    const own = ownComponent("OpenShiftImageConfiguration", opts);
    super(own.type, name, guarded, own.opts);
  }

  /** @internal */
  protected override async initialize(
    { registry, upstreams = [], ...login }: OpenShiftImageConfigurationArgs,
    _opts: pulumi.ComponentResourceOptions,
    name: string,
  ): Promise<void> {
    const mirror = await registry.address;
    const reach = registry.pullReach();
    new OpenShiftImageConfig(name, { ...login, mirror, reach }, { parent: this });
    const sets = openShiftMirrorSets({ mirror, layout: registry.layout, upstreams });
    for (const { apiVersion, kind, metadata, spec } of sets as unknown as readonly MirrorSet[])
      new ObjectContribution(
        `${name}-${kind}`,
        { ...login, apiVersion, kind, name: metadata.name, contribution: { spec }, create: true },
        { parent: this },
      );
  }
}

interface MirrorSet {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: JsonObject;
}

/** Entries for one registry in `image.config.openshift.io/cluster`, and in the ConfigMap that it names. */
class OpenShiftImageConfig extends pulumi.CustomResource {
  constructor(
    name: string,
    args: {
      mirror: MirrorAddress;
      reach: ReturnType<NodeRegistry["pullReach"]>;
      kubeconfig?: pulumi.Input<string>;
      context?: pulumi.Input<string>;
    },
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
  ) {
    const { mirror, reach } = args;
    const own = ownResource("OpenShiftImageConfig", opts);
    super(
      own.type,
      name,
      {
        mirror,
        // Neither is a secret, but what they come with is.
        plainHttp: pulumi.unsecret(reach.apply(({ plainHttp }) => plainHttp)),
        caCertificate: pulumi.unsecret(reach.apply(({ caCertificate }) => caCertificate)),
        ...clusterLoginOf(args, undefined, opts.parent),
        contributor: contributorName(name, opts.parent),
        ...own.inputs,
      },
      own.opts,
    );
  }
}
