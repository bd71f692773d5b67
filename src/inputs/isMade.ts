import * as pulumi from "@pulumi/pulumi";

/** A component, and what the SDK keeps of its children, which it tells nobody. */
interface WithChildren {
  readonly __childResources?: ReadonlySet<pulumi.Resource>;
}

/** Whether something is there already: a preview knows the id of no resource that is still to be made, nor of its like. */
export async function isMade(input: pulumi.Input<pulumi.Resource>): Promise<boolean> {
  const output = pulumi.output(input) as unknown as KnownOutput<pulumi.Resource | pulumi.Resource[] | undefined>;
  const resource = pulumi.Resource.isInstance(input) ? input : await output.promise();
  if (resource === undefined) return true;
  // The SDK's types do not tell: what to depend on may be a promise of several.
  if (Array.isArray(resource)) return (await Promise.all(resource.map(isMade))).every(Boolean);
  if (pulumi.CustomResource.isInstance(resource)) return (resource.id as unknown as KnownOutput<string>).isKnown;
  const children = [...((resource as WithChildren).__childResources ?? [])];
  return (await Promise.all(children.map(isMade))).every(Boolean);
}

type KnownOutput<T> = pulumi.Output<T> & { readonly isKnown: Promise<boolean>; promise(): Promise<T> };
