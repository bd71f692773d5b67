import type * as pulumi from "@pulumi/pulumi";
import type { ConstructResult } from "@pulumi/pulumi/provider";
import { urnOf } from "../inputs/insideOutput";
import { planFailure } from "../inputs/planFailure";
import type { MirrorRegistry } from "../registry/mirrorRegistry";
import { PLUGIN_PACKAGE } from "../resource/ownTypes";
import { COMPONENTS } from "./components";
import type { LiveRegistries } from "./liveRegistries";
import { unknownPluginType } from "./ownResourceProvider";
import { plainArguments } from "./plainArguments";
import type { ToldErrors } from "./toldErrors";

/** What making components needs. */
export interface ConstructDependencies {
  readonly registries: LiveRegistries;
  readonly told: ToldErrors;
}

/**
 * Makes a component for a program in another language.
 *
 * What the component finds out by itself is waited for here, so that its error is the answer to this call: the SDK answers
 * each call that is under way with whatever rejection nobody has handled, whoever's it is.
 */
export async function constructComponent(
  { registries, told }: ConstructDependencies,
  name: string,
  type: string,
  inputs: pulumi.Inputs,
  opts: pulumi.ComponentResourceOptions,
): Promise<ConstructResult> {
  const [pkg, , kind = ""] = type.split(":");
  const component = pkg === PLUGIN_PACKAGE ? COMPONENTS.get(kind) : undefined;
  if (!component) throw unknownPluginType(type);
  const { registry: given, ...rest } = inputs as pulumi.Inputs & { registry?: unknown };
  const args = await plainArguments(rest, component.fields);
  const registry = "registry" in component.fields ? { registry: await registries.of(name, given, opts) } : {};
  const made = component.make(name, { ...args, ...registry } as never, opts);
  try {
    await component.ready(made as never);
  } catch (error) {
    const failure = planFailure(error, [], made);
    told.add(error);
    told.add(failure);
    throw failure;
  }
  const urn = await urnOf(made);
  if ("address" in made) registries.add(urn, made as unknown as MirrorRegistry);
  // Some are getters of the class.
  const outputOf = (output: string): unknown => Reflect.get(made, output);
  return { urn, state: Object.fromEntries(component.outputs.map((output) => [output, outputOf(output)])) };
}
