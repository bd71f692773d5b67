import * as pulumi from "@pulumi/pulumi";
import { insideOutput, urnOf } from "../inputs/insideOutput";
import { componentLog } from "../resource/componentLog";

/** A resource that is to be made, and how to find out that the cloud has it already. */
export interface Planned {
  readonly resource: pulumi.CustomResource;
  /** An output that is known of what is in the state, and not of what is still to be made. */
  readonly known: pulumi.Output<unknown>;
  /** `aws:ecr/repository:Repository`. */
  readonly type: string;
  readonly resourceName: string;
  /** What the cloud names it by, which `pulumi import` takes. */
  readonly id: string | (() => Promise<string>);
  /** In words: `The repository platform/team/web`. */
  readonly what: string;
  readonly parentName: string;
  readonly parent: pulumi.Resource;
  readonly exists: () => Promise<boolean>;
  /** What else helps. */
  readonly otherwise: string;
}

/**
 * Says in previews that the cloud already has what an update would make, which ends in an error of the cloud's that names no
 * way out.
 *
 * A warning and no error: an update that replaces a resource of the stack makes it anew too, and looks the same here.
 */
export function warnOfForeignResource(planned: Planned): void {
  if (!pulumi.runtime.isDryRun()) return;
  const { known, exists, what, type, resourceName, id, parent, parentName, otherwise, resource } = planned;
  const check = async (): Promise<void> => {
    if (await insideOutput(known).isKnown) return;
    // Who may not look has to live without the warning.
    if (!(await exists().catch(() => false))) return;
    const named = typeof id === "string" ? id : await id();
    const urn = await urnOf(parent);
    await componentLog.warn(
      `${what} exists already, and this update would create it. Unless it is replaced by this very update, that fails. ` +
        `To take it over, run: pulumi import ${type} '${resourceName}' '${named}' --parent '${parentName}=${urn}'. ${otherwise}`,
      resource,
    );
  };
  // The engine's answer for the resource itself reports what goes wrong with it.
  pulumi.output(check().catch(() => undefined));
}
