import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { declaredInterface, schemaFailures, type InputSchema } from "../kubernetes/schema";
import { isMap, stripSecrets, type PropertyMap } from "../protocol/propertyValue";
import type { CheckFailure } from "../protocol/resourceProvider";

const sdk = dirname(require.resolve("@pulumi/aws/package.json"));

/** The version of the provider that the SDK asks for. */
export const providerVersion = (
  JSON.parse(readFileSync(join(sdk, "package.json"), "utf8")) as { pulumi: { version: string } }
).pulumi.version;

/** The arguments of the provider itself. */
export const providerSchema = (): InputSchema => declaredInterface(join(sdk, "provider.d.ts"), "ProviderArgs");

/**
 * What is wrong with the inputs of a resource or function, by the declarations of the installed @pulumi/aws.
 *
 * @param token such as `aws:ecr/repository:Repository`
 * @param nested the types of inputs that are structures, or lists of them, in the SDK's `input` module
 * @throws Error when the SDK does not have it
 */
export function inputFailures(
  token: string,
  inputs: PropertyMap,
  nested: Readonly<Record<string, string>> = {},
): CheckFailure[] {
  const [, module = "", name = ""] = token.split(":");
  const file = join(sdk, module.replace(/^index\//, ""));
  if (!existsSync(`${file}.js`) || !new RegExp(`['"]${token}['"]`).test(readFileSync(`${file}.js`, "utf8")))
    throw new Error(`@pulumi/aws has no ${token}`);
  const schema = declaredInterface(`${file}.d.ts`, `${name.charAt(0).toUpperCase()}${name.slice(1)}Args`);
  const failures = schemaFailures(schema, inputs);
  for (const [key, type] of Object.entries(nested)) {
    const within = `namespace ${module.split("/")[0] ?? ""} {`;
    const inner = declaredInterface(join(sdk, "types/input.d.ts"), type, within);
    for (const value of [stripSecrets(inputs[key] ?? null)].flat())
      if (isMap(value)) failures.push(...schemaFailures(inner, value, `${key}.`));
  }
  return failures;
}
