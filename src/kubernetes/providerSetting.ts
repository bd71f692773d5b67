import * as pulumi from "@pulumi/pulumi";
import { insideOutput } from "../inputs/insideOutput";
import { ownValue } from "../ownKeys";

/**
 * An argument of the Kubernetes provider that a component's children have, which the SDK makes a property of it, or of the
 * default one, which is configuration.
 */
export function providerSetting(component: pulumi.Resource, key: string): pulumi.Output<string | undefined> {
  const provider = component.getProvider("kubernetes:core/v1:Secret") as unknown as
    Readonly<Record<string, pulumi.Input<string> | undefined>> | undefined;
  const value = pulumi.output(provider ? ownValue(provider, key) : new pulumi.Config("kubernetes").get(key));
  return value.apply((text) => text || undefined);
}

/** The folder that the provider writes objects to, in place of a cluster; undefined where it has one, or is still to be made. */
export async function renderedTo(component: pulumi.Resource): Promise<string | undefined> {
  const folder = insideOutput(providerSetting(component, "renderYamlToDirectory"));
  return (await folder.isKnown) ? folder.promise() : undefined;
}
