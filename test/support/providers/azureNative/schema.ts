import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { declaredInterface, schemaFailures, type InputSchema } from "../kubernetes/schema";
import { isMap, stripSecrets, type PropertyMap } from "../protocol/propertyValue";
import type { CheckFailure } from "../protocol/resourceProvider";

const sdk = dirname(require.resolve("@pulumi/azure-native/package.json"));

/** The version of the provider that the SDK asks for. */
export const providerVersion = (
  JSON.parse(readFileSync(join(sdk, "package.json"), "utf8")) as { pulumi: { version: string } }
).pulumi.version;

/** The arguments of the provider itself. */
export const providerSchema = (): InputSchema => declaredInterface(join(sdk, "provider.d.ts"), "ProviderArgs");

/** The version of Azure's API that the SDK's declaration of a resource names. */
export function apiVersionOf(token: string): string {
  const found = /Uses Azure REST API version (\S+?)\. /.exec(readFileSync(`${fileOf(token)}.d.ts`, "utf8"))?.[1];
  if (found === undefined) throw new Error(`the declaration of ${token} names no API version`);
  return found;
}

/**
 * What is wrong with the inputs of a resource or function, by the declarations of the installed @pulumi/azure-native.
 *
 * @param token such as `azure-native:containerregistry:Registry`
 * @param nested the types of inputs that are structures, or lists of them, in the SDK's `input` module, by their paths
 * @throws Error when the SDK does not have it
 */
export function inputFailures(
  token: string,
  inputs: PropertyMap,
  nested: Readonly<Record<string, string>> = {},
): CheckFailure[] {
  const [, module = "", name = ""] = token.split(":");
  const declaration = `${fileOf(token)}.d.ts`;
  const args = `${name.charAt(0).toUpperCase()}${name.slice(1)}Args`;
  const takesNone = !readFileSync(declaration, "utf8").includes(`interface ${args} {`);
  const schema: InputSchema = takesNone ? new Map() : declaredInterface(declaration, args);
  const failures = schemaFailures(schema, inputs);
  for (const [path, type] of Object.entries(nested)) {
    const inner = declaredInterface(join(sdk, "types/input.d.ts"), type, `namespace ${module} {`);
    for (const value of valuesAt(inputs, path.split("."))) failures.push(...schemaFailures(inner, value, `${path}.`));
  }
  return failures;
}

/** The structures at a path; lists on the way are gone through. */
function valuesAt(inputs: PropertyMap, path: readonly string[]): PropertyMap[] {
  return path.reduce<PropertyMap[]>(
    (values, key) => values.flatMap((value) => [stripSecrets(value[key] ?? null)].flat().filter(isMap)),
    [stripSecrets(inputs)],
  );
}

function fileOf(token: string): string {
  const [, module = "", name = ""] = token.split(":");
  const file = join(sdk, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}`);
  if (!existsSync(`${file}.js`) || !readFileSync(`${file}.js`, "utf8").includes(token))
    throw new Error(`@pulumi/azure-native has no ${token}`);
  return file;
}
