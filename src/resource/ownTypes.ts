import type * as pulumi from "@pulumi/pulumi";

/** The Pulumi package of the plugin, by which programs in other languages name resources and components. */
export const PLUGIN_PACKAGE = "chart-mirror";

/** The types of resources of our own and of components have two forms each, of which either is an alias of the other. */
interface Types {
  /** In the process of a Node.js program. Frozen: states hold it. */
  readonly program: string;
  /** In the plugin. Frozen as well. */
  readonly plugin: string;
}

let servesPlugin = false;

/** Says that this process is the plugin: what is made from now on has the plugin's types. */
export function serveAsPlugin(): void {
  servesPlugin = true;
}

/** Whether this process is the plugin. */
export const isPlugin = (): boolean => servesPlugin;

/** A type and options of a resource that is known by another type too. */
export interface Typed<Options extends pulumi.ResourceOptions> {
  readonly type: string;
  readonly opts: Options;
}

/** @param kind the class's name: `ImageCopy` */
export const resourceTypes = (kind: string): Types => ({
  program: `pulumi-nodejs:dynamic/${PLUGIN_PACKAGE}:${kind}`,
  plugin: pluginType(kind),
});

/** @param kind the class's name: `MirroredRelease` */
export const componentTypes = (kind: string): Types => ({
  program: `${PROGRAM_PREFIX}${kind}`,
  plugin: pluginType(kind),
});

/** The class's name, of a component of this package. */
export function componentKind(component: pulumi.Resource): string | undefined {
  const { __pulumiType: type = "" } = component as { readonly __pulumiType?: string };
  const prefix = [PROGRAM_PREFIX, PLUGIN_PREFIX].find((one) => type.startsWith(one));
  return prefix && type.slice(prefix.length);
}

/** The type of a component here, and options with which a state that has the other one is gone on with. */
export function ownComponent<Options extends pulumi.ResourceOptions>(
  kind: string,
  opts: Options | undefined,
): Typed<Options> {
  return chosen(componentTypes(kind), servesPlugin, opts);
}

/** One of the two types, and options that have the other one as an alias. */
export function chosen<Options extends pulumi.ResourceOptions>(
  { program, plugin }: Types,
  asPlugin: boolean,
  opts: Options | undefined,
): Typed<Options> {
  const [type, other] = asPlugin ? [plugin, program] : [program, plugin];
  const given = opts ?? ({} as Options);
  return { type, opts: { ...given, aliases: [...(given.aliases ?? []), { type: other }] } };
}

const PROGRAM_PREFIX = "pulumi-chart-mirror:index:";
const PLUGIN_PREFIX = `${PLUGIN_PACKAGE}:index:`;
const pluginType = (kind: string): string => `${PLUGIN_PREFIX}${kind}`;
