import * as pulumi from "@pulumi/pulumi";
import { ChartMirror, type MirroredImage } from "./chartMirror";
import type { ChartMirrorArgs } from "../release/chartMirrorArgs";
import type { JsonObject } from "../json";
import { linkServiceAccount } from "../kubernetes/serviceAccountLink";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { ownComponent } from "../resource/ownTypes";

/** What every component has that mirrors a chart and deploys it. */
export abstract class MirroredDeployment extends pulumi.ComponentResource {
  /** Images, values and pull secret. */
  readonly mirror: ChartMirror;
  /** Every image with its target, digest and size. */
  readonly images: pulumi.Output<MirroredImage[]>;
  /** The solved values alone. */
  readonly overrides: pulumi.Output<JsonObject>;
  /** The plan that was made and verified. */
  readonly plan: pulumi.Output<ResolvedPlan>;

  protected constructor(
    kind: string,
    private readonly resourceName: string,
    args: ChartMirrorArgs,
    private readonly opts: pulumi.ComponentResourceOptions | undefined,
  ) {
    const own = ownComponent(kind, opts);
    super(own.type, resourceName, {}, own.opts);
    this.mirror = new ChartMirror(resourceName, args, { parent: this });
    this.images = this.mirror.images;
    this.overrides = this.mirror.overrides;
    this.plan = this.mirror.plan;
  }

  /** Links the pull secret to service accounts that are there only once the chart is deployed. */
  protected linkChartAccounts(deployed: pulumi.Resource): void {
    const { resourceName, mirror } = this;
    void mirror.chartAccounts().then(
      (links) => {
        for (const link of links)
          linkServiceAccount(`${resourceName}-pull/${link.account}`, link, { parent: this, dependsOn: deployed });
      },
      // Who plans reports why a plan fails.
      () => undefined,
    );
  }

  /** The options of the resource that deploys the chart. */
  protected deploymentOptions(): Pick<pulumi.ResourceOptions, "parent" | "dependsOn" | "aliases"> {
    return {
      parent: this,
      // The copies belong to the registry, which other releases share, so the mirror alone does not stand for them.
      dependsOn: this.mirror.ready(),
      aliases: formerPlaces(this.opts?.parent),
    };
  }
}

/**
 * Where a plain resource of this name may have been, which is taken over, not uninstalled and installed anew: where the
 * component is, and at the root, where `pulumi import` puts what it imports.
 */
export function formerPlaces(parent: pulumi.Resource | undefined): pulumi.Alias[] {
  const root = { parent: pulumi.rootStackResource };
  return parent === undefined ? [root] : [{ parent }, root];
}
