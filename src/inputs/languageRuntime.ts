import { MirrorError } from "../error";
import { addressed } from "../machine/errorAddress";
import { findOnPath } from "../machine/findOnPath";

/** A program runs in Bun where no Node.js is. `code` is `NODE_MISSING`. */
export class NodeMissingError extends MirrorError {
  override readonly name = "NodeMissingError";
  constructor(version: string) {
    super(
      "NODE_MISSING",
      `The program runs in Bun ${version} (runtime: bun), and no node is on the PATH: what copies images and looks after them are dynamic resources, which Pulumi runs in Node.js whatever runs the program`,
      "Install Node.js 20 or newer beside Bun, or run the program in it (runtime: nodejs in Pulumi.yaml)",
    );
  }
}

/**
 * Refuses a program whose resources could not run. The engine would only say that a plugin has ended without a word.
 *
 * In Bun, the texts of our providers are all that works: they are written by hand, where Pulumi's serializer of functions
 * needs Node.js ({@link https://github.com/pulumi/pulumi/issues/22040}).
 *
 * @throws {NodeMissingError}
 */
export function refuseRuntimeAlone(
  { bun }: { readonly bun?: string } = process.versions as { readonly bun?: string },
  path: string | undefined = process.env.PATH,
): void {
  if (bun !== undefined && findOnPath("node", path) === undefined) throw addressed(new NodeMissingError(bun));
}
