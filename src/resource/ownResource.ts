import * as pulumi from "@pulumi/pulumi";
import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";
import { MirrorError } from "../error";
import { addressed } from "../machine/errorAddress";
import { refuseRuntimeAlone } from "../inputs/languageRuntime";
import { workingFolder } from "../inputs/workingFolder";
import { chosen, isPlugin, resourceTypes, type Typed } from "./ownTypes";

/**
 * Resources of our own, and the names under which `pulumi-chart-mirror/provider` exports what serves them. Both are frozen:
 * states hold them.
 */
export const OWN_RESOURCES = {
  ImageCopy: "provider",
  ImageCopyJob: "imageCopyJob",
  ChartPush: "chartPush",
  PullCheck: "pullCheckProvider",
  ObjectContribution: "objectContribution",
  OpenShiftImageConfig: "openShiftImageConfig",
  AcrTokenPassword: "acrTokenPassword",
  QuayOrganization: "quayOrganization",
  QuayProxyCache: "quayProxyCache",
  QuayRobot: "quayRobot",
  QuayTeam: "quayTeam",
  QuayDefaultPermission: "quayDefaultPermission",
  QuayRepository: "quayRepository",
} as const;

/** The class's name of a resource of our own. */
export type OwnResourceKind = keyof typeof OWN_RESOURCES;

/** What a resource of our own registers itself with. */
export interface OwnResource<Options extends pulumi.ResourceOptions> extends Typed<Options> {
  /** Inputs besides its own. */
  readonly inputs: pulumi.Inputs;
}

/**
 * How a resource of our own is registered: dynamic in the process of a Node.js program, where nothing has to be installed;
 * of the package `chart-mirror` in the plugin, and in a program whose stack has chosen the plugin's resources. Each is an
 * alias of the other, so that a stack goes over and back without replacing anything.
 */
export function ownResource<Options extends pulumi.ResourceOptions>(
  kind: OwnResourceKind,
  opts: Options | undefined,
): OwnResource<Options> {
  if (isPlugin()) return { ...chosen(resourceTypes(kind), true, opts), inputs: {} };
  const provider = OWN_RESOURCES[kind];
  // `dynamic.Resource` would put the output of Pulumi's closure serializer there. The plugin's resources keep it for the way back.
  const inputs = { __provider: providerTextHere(provider) };
  return { ...chosen(resourceTypes(kind), choosesPlugin(), opts), inputs };
}

/**
 * Has the engine start what serves resources of our own, which it does with the first thing that it is asked of it: Pulumi's
 * dynamic provider takes half a second to load, in a process of its own, and a chart can be analysed meanwhile. The engine
 * registers nothing until it is there. What is asked for is a function that no provider has, so that nothing else happens.
 *
 * @throws {MirrorError} as {@link ownResource}
 */
export function startOwnProvider(): void {
  if (isPlugin()) return;
  const { program, plugin } = resourceTypes("ImageCopy");
  pulumi.runtime.invoke(choosesPlugin() ? plugin : program, {}).catch(() => undefined);
}

/**
 * Whether the stack's configuration says `pulumi-chart-mirror:resources: plugin`.
 *
 * @throws {MirrorError} for what chooses nothing, which nobody would see
 */
function choosesPlugin(): boolean {
  const value = new pulumi.Config("pulumi-chart-mirror").get("resources") ?? "program";
  if (value === "plugin" || value === "program") return value === "plugin";
  throw addressed(
    new MirrorError(
      "INVALID_CONFIGURATION",
      `Reading the stack's configuration failed: pulumi-chart-mirror:resources is ${JSON.stringify(value)}, which is neither plugin nor program`,
      "Correct it: pulumi config set pulumi-chart-mirror:resources plugin",
    ),
  );
}

/**
 * The serialized dynamic provider that every dynamic resource of this package carries in its state, under `__provider`.
 *
 * THIS TEXT IS A PERMANENT CONTRACT: a state written by any release of this package deletes and reads with the text
 * that it was written with. So it is written by hand instead of being produced by Pulumi's closure serializer (whose
 * output depends on the compiler and on the TypeScript version), it uses no syntax newer than ES5, and it only finds
 * `pulumi-chart-mirror/provider` and hands over to it. All behaviour is behind that path and may change.
 *
 * Pulumi evaluates the text without a file name, so its own `require` looks in the `node_modules` folders above the
 * working folder and nowhere else. `createRequire` also finds the package from inside the package itself; `hints` are
 * folders, relative to the working folder, for package managers that nest the package where that search does not look.
 */
function providerText(hints: readonly string[], name: string): string {
  return `exports.handler = function () {
  var hints = ${JSON.stringify(hints)};
  var load = require("module").createRequire;
  var path = require("path");
  var cwd = process.cwd();
  var from = [path.join(cwd, "package.json")].concat(hints.map(function (hint) { return path.join(cwd, hint, "package.json"); }));
  for (var i = 0; i < from.length; i++) {
    try {
      return load(from[i])("pulumi-chart-mirror/provider").${name};
    } catch (e) {
      if (e.code !== "MODULE_NOT_FOUND" || String(e.message).indexOf("pulumi-chart-mirror/provider") < 0) { throw e; }
    }
  }
  throw new Error("The npm package pulumi-chart-mirror is not installed where this Pulumi program runs (" + cwd + "). Install the program's dependencies (npm ci) and run again");
};
`;
}

/**
 * The provider text for a program that runs in `workingFolder`.
 *
 * @param workingFolder the folder of the Pulumi program, where the engine also starts the dynamic provider
 * @param packageFolder the folder of this package as the program has loaded it
 * @param name what `pulumi-chart-mirror/provider` exports it as; as permanent as the text. Default: ImageCopy's.
 */
export function providerTextFor(workingFolder: string, packageFolder: string, name = "provider"): string {
  try {
    createRequire(join(workingFolder, "package.json")).resolve("pulumi-chart-mirror/provider");
    return providerText([], name);
  } catch {
    // Nested (pnpm, or a dependency's dependency): the package resolves itself from its own folder. The relative path
    // is the same on every machine with the same install; where it is not, diff() ignores the text.
    return providerText([relative(workingFolder, packageFolder).split("\\").join("/")], name);
  }
}

/** `dist/copy` and `src/copy` alike stand two folders below the package. */
const PACKAGE_FOLDER = resolve(__dirname, "../..");

/**
 * The provider text for the program that runs now, with this package as it has loaded it.
 *
 * @param name as above
 * @throws {NodeMissingError}
 */
function providerTextHere(name?: string): string {
  refuseRuntimeAlone();
  return providerTextFor(workingFolder(), PACKAGE_FOLDER, name);
}
