import * as pulumi from "@pulumi/pulumi";
import { insideOutput } from "./insideOutput";

/** A component, and what the SDK keeps of its children, which it tells nobody. */
interface WithChildren {
  readonly __childResources?: ReadonlySet<pulumi.Resource>;
}

/** Whether something is there already: a preview knows the id of no resource that is still to be made, nor of its like. */
export async function isMade(input: pulumi.Input<pulumi.Resource>): Promise<boolean> {
  let resource: pulumi.Resource | pulumi.Resource[] | undefined;
  if (pulumi.Resource.isInstance(input)) resource = input;
  else {
    const output = insideOutput(pulumi.output(input));
    if (!(await output.isKnown)) return false;
    resource = await output.promise();
  }
  if (resource === undefined) return true;
  // The SDK's types do not tell: what to depend on may be a promise of several.
  if (Array.isArray(resource)) return (await Promise.all(resource.map(isMade))).every(Boolean);
  if (pulumi.CustomResource.isInstance(resource)) return insideOutput(resource.id).isKnown;
  const children = [...((resource as WithChildren).__childResources ?? [])];
  // Of a remote component the SDK has no children: the engine's plugin makes them, and tells no id.
  return children.length > 0 && (await Promise.all(children.map(isMade))).every(Boolean);
}
