import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import { ownResource } from "../resource/ownResource";
import { pullCheckFields } from "./argumentShapes";
import { checkArguments } from "../inputs/checkArguments";

/** Arguments of {@link PullCheck}. */
export interface PullCheckArgs {
  /** Images that pods will pull, with host. */
  targets: pulumi.Input<pulumi.Input<string>[]>;
  /** The login that the pods will pull with, and how this machine reaches the registry. */
  access: pulumi.Input<RegistryAccessArgs>;
}

/**
 * Tries what pods will do: the pull login is used to look each image up. Whatever depends on it is touched only when
 * that worked, because a failed pull inside a cluster reaches the user as a deadline, minutes later.
 *
 * It checks anew when images are added or when another login is refused; a login that merely changes is no change. It
 * makes nothing, so there is nothing to delete.
 *
 * @example
 * ```ts
 * const check = new PullCheck("shop", { targets: ["r.example.com/shop/web:1.0"], access: { host: "r.example.com", username, password } });
 * ```
 */
export class PullCheck extends pulumi.CustomResource {
  /** Type under which policies find this resource. */
  static readonly type = "pulumi-nodejs:dynamic/chart-mirror:PullCheck";

  constructor(name: string, args: PullCheckArgs, opts?: pulumi.CustomResourceOptions) {
    checkArguments({ type: "PullCheck", name }, args, pullCheckFields);
    const own = ownResource("PullCheck", opts);
    super(
      own.type,
      name,
      {
        targets: args.targets,
        access: pulumi.secret(args.access),
        ...own.inputs,
      },
      own.opts,
    );
  }
}
