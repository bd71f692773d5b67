import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs } from "./imageCopy";
import { ownResource } from "../resource/ownResource";
import { chartPushFields } from "./argumentShapes";
import { checkArguments } from "../inputs/checkArguments";

/** Arguments of {@link ChartPush}. */
export interface ChartPushArgs {
  /** The chart's archive, relative to the program's folder. */
  file: pulumi.Input<string>;
  /** Where to, with host and tag: `registry.example.com/platform/charts/shop:1.2.3`. */
  target: pulumi.Input<string>;
  /** Version of the chart, which Helm asks for. */
  version: pulumi.Input<string>;
  /** Digest of the artifact that the archive makes. */
  digest: pulumi.Input<string>;
  /** Login of the target. Without an entry the docker config of this machine is tried. */
  access?: pulumi.Input<pulumi.Input<RegistryAccessArgs>[]>;
}

/**
 * A Helm chart pushed into a registry as an OCI artifact. The same chart is the same artifact, whoever pushes it; one
 * that has gone from the registry is pushed again by the next update. Deleting the resource leaves it there.
 */
export class ChartPush extends pulumi.CustomResource {
  /** Type under which policies find this resource. */
  static readonly type = "pulumi-nodejs:dynamic/chart-mirror:ChartPush";

  // Declared, not defined: a class field would overwrite what the SDK's constructor has set.
  declare readonly target: pulumi.Output<string>;
  declare readonly digest: pulumi.Output<string>;
  /**
   * Version of the chart once the registry has it; unknown in previews until then, so that nothing asks the registry for
   * what is not there yet.
   */
  declare readonly pushedVersion: pulumi.Output<string>;

  constructor(name: string, args: ChartPushArgs, opts?: pulumi.CustomResourceOptions) {
    checkArguments({ type: "ChartPush", name }, args, chartPushFields);
    const own = ownResource("ChartPush", opts);
    super(
      own.type,
      name,
      {
        file: args.file,
        target: args.target,
        version: args.version,
        digest: args.digest,
        access: args.access === undefined ? undefined : pulumi.secret(args.access),
        pushedVersion: undefined,
        ...own.inputs,
      },
      own.opts,
    );
  }
}
