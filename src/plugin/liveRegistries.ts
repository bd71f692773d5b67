import * as pulumi from "@pulumi/pulumi";
import { insideOutput } from "../inputs/insideOutput";
import { knownNow } from "../inputs/knownNow";
import type { MirrorRegistry } from "../registry/mirrorRegistry";
import type { RegistryReference } from "../registry/registryReference";
import { PLUGIN_PACKAGE } from "../resource/ownTypes";

/** A registry that another process of the plugin has made, as far as the engine tells of it. */
class RemoteRegistry extends pulumi.ComponentResource {
  // Declared, not defined: a class field would overwrite what the SDK's constructor has set.
  declare readonly reference: pulumi.Output<RegistryReference>;

  constructor(name: string, type: string, urn: pulumi.URN) {
    super(type, name, { reference: undefined }, { urn }, true);
  }
}

/**
 * The registries that this process has made, by their URNs: what a program hands to a release is a name of one of them, and
 * the release needs the registry itself, which knows the images that others have asked for.
 */
export class LiveRegistries {
  private readonly byUrn = new Map<string, MirrorRegistry>();

  /** @param version of the package */
  constructor(version: string) {
    pulumi.runtime.registerResourceModule(PLUGIN_PACKAGE, "index", {
      version,
      construct: (name, type, urn) => this.byUrn.get(urn) ?? new RemoteRegistry(name, type, urn),
    });
  }

  add(urn: string, registry: MirrorRegistry): void {
    this.byUrn.set(urn, registry);
  }

  /**
   * The registry that a component was given: itself, or one made from a reference.
   *
   * @param name of the component
   */
  async of(name: string, given: unknown, { parent, providers }: pulumi.ComponentResourceOptions): Promise<unknown> {
    const known = pulumi.Output.isInstance(given) ? await resourceIn(given) : given;
    if (known === undefined || known === null || isRegistry(known)) return known;
    const reference = known instanceof RemoteRegistry ? known.reference : known;
    if (typeof reference !== "object" || pulumi.Resource.isInstance(reference)) return reference;
    const { SharedRegistry } = require("../registry/sharedRegistry") as typeof import("../registry/sharedRegistry");
    const opts = { ...(parent && { parent }), ...(providers && { providers }) };
    return new SharedRegistry(`${name}-registry`, reference as pulumi.Input<RegistryReference>, opts);
  }
}

/** The resource that an Output holds, or the Output where it holds something else. */
async function resourceIn(output: pulumi.Output<unknown>): Promise<unknown> {
  if (!(await insideOutput(output).isKnown)) return output;
  const value = await knownNow(output, "the registry");
  return pulumi.Resource.isInstance(value) || value === undefined || value === null ? value : output;
}

const isRegistry = (value: unknown): value is MirrorRegistry =>
  typeof (value as Partial<MirrorRegistry>).mirrorImages === "function";
