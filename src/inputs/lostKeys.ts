import * as pulumi from "@pulumi/pulumi";
import { formatValuePath } from "../chart/content/valuePaths";
import { MirrorError } from "../error";
import type { JsonPath } from "../json";
import { ownValue } from "../ownKeys";
import { isAsset } from "./assets";

const LOST = "__proto__";

/** Values with a key that would not arrive in the release, or as others. `code` is `UNSUPPORTED_KEY`. */
export class UnsupportedKeyError extends MirrorError {
  override readonly name = "UnsupportedKeyError";
  constructor(path: JsonPath) {
    super(
      "UNSUPPORTED_KEY",
      `Handing the values to the release failed: Pulumi's SDK for Node.js loses the key ${formatValuePath(path)}, or ` +
        "takes what is in it for values beside it",
      "Give the key another name, or the values in a file (valueYamlFiles), where the Kubernetes provider reads them itself",
    );
  }
}

/**
 * Refuses values with a key `__proto__`: the SDK copies objects by assignment, which makes what stands there the copy's
 * prototype, and then sends what the copy inherits as if it were its own.
 *
 * An Output has been copied already: of what it holds, maps in that place are still to be seen, texts are not.
 *
 * @throws {UnsupportedKeyError}
 * @see {@link https://github.com/pulumi/pulumi/blob/v3.250.0/sdk/nodejs/runtime/rpc.ts} (`serializeAllKeys`)
 */
export async function refuseLostKeys(given: unknown, path: JsonPath = []): Promise<void> {
  // The SDK's `apply` never runs for what is known in part.
  const value = pulumi.Output.isInstance(given)
    ? await (given as unknown as { promise(withUnknowns: boolean): Promise<unknown> }).promise(true)
    : await given;
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value) || isAsset(value)) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) await refuseLostKeys(item, [...path, i]);
    return;
  }
  if (Object.hasOwn(value, LOST) || inheritsValues(value)) throw new UnsupportedKeyError([...path, LOST]);
  for (const key of Object.keys(value))
    await refuseLostKeys(ownValue(value as Record<string, unknown>, key), [...path, key]);
}

/** Whether an object has another one for its prototype that is no class's. */
function inheritsValues(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype !== null && !Object.hasOwn(prototype, "constructor");
}
