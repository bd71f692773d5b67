import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isMap, Secret, Unknown, type PropertyMap, type PropertyValue } from "../../protocol/propertyValue";
import type { CheckFailure } from "../../protocol/resourceProvider";

/** The type of an input as far as the SDK's declaration tells it: `any` stands for every structure. */
export type InputType = "boolean" | "number" | "string" | "any";

export interface Input {
  readonly type: InputType;
  readonly required: boolean;
  /** `ecr.RepositoryEncryptionConfiguration`: the type, in the SDK's module of inputs, of a structure or of a list of them. */
  readonly structure?: string;
}

/** Which inputs a resource takes, read from the declarations of the installed @pulumi/kubernetes. */
export type InputSchema = ReadonlyMap<string, Input>;

const sdk = dirname(require.resolve("@pulumi/kubernetes/package.json"));

/** The version of the provider that the SDK asks for. */
export const providerVersion = (
  JSON.parse(readFileSync(join(sdk, "package.json"), "utf8")) as { pulumi: { version: string } }
).pulumi.version;

/** The inputs of a resource type, such as `kubernetes:core/v1:Secret`; nothing for types that the SDK does not have. */
export function resourceSchema(type: string): InputSchema | undefined {
  const match = /^kubernetes:([^/]+)\/([^:]+):(\w+)$/.exec(type);
  if (match === null) return undefined;
  const [, group = "", version = "", kind = ""] = match;
  // A group's folder is its first name; helm.sh/v3 is helm/v3, rbac.authorization.k8s.io/v1 is rbac/v1.
  const file = join(sdk, group.split(".")[0] ?? "", version, kind.charAt(0).toLowerCase() + kind.slice(1));
  if (!existsSync(`${file}.js`) || !readFileSync(`${file}.js`, "utf8").includes(`'${type}'`)) return undefined;
  return declaredInterface(`${file}.d.ts`, `${kind}Args`);
}

/** The arguments of the provider itself. */
export function providerSchema(): InputSchema {
  return declaredInterface(join(sdk, "provider.d.ts"), "ProviderArgs");
}

/** The fields of a Release's `repositoryOpts`. */
export function repositoryOptsSchema(): InputSchema {
  return declaredInterface(join(sdk, "types/input.d.ts"), "RepositoryOpts", "namespace helm {");
}

/**
 * Reads an interface of a generated declaration file. The generator writes one property a line, or opens a brace and
 * goes on deeper, so that indentation alone tells the properties of the interface from those inside them.
 *
 * @param within text that stands before the interface, where several have its name
 * @throws Error when the file does not declare it: then the SDK is written differently than this reader knows
 */
export function declaredInterface(file: string, name: string, within = ""): InputSchema {
  const key = [file, within, name].join("\n");
  const known = interfaces.get(key) ?? readInterface(file, name, within);
  interfaces.set(key, known);
  return known;
}

/** Some declaration files have megabytes. */
const interfaces = new Map<string, InputSchema>();

function readInterface(file: string, name: string, within: string): InputSchema {
  const text = readFileSync(file, "utf8");
  const found = text.indexOf(`interface ${name} {`, Math.max(text.indexOf(within), 0));
  if (found < 0) throw new Error(`${file} declares no interface ${name}`);
  const lineStart = text.lastIndexOf("\n", found) + 1;
  const indentation = /^ */.exec(text.slice(lineStart))?.[0] ?? "";
  const body = text.slice(found, text.indexOf(`\n${indentation}}`, found));
  const property = new RegExp(`^${indentation} {4}(\\w+)(\\??): (.*)$`, "gm");
  const inputs = [...body.matchAll(property)].map(([, key = "", optional, declared = ""]): [string, Input] => {
    const structure = /\binputs\.(\w+\.\w+)\b(?!\.)/.exec(declared)?.[1];
    return [key, { type: inputType(declared), required: optional === "", ...(structure && { structure }) }];
  });
  if (inputs.length === 0) throw new Error(`no property of ${name} was understood in ${file}`);
  return new Map(inputs);
}

/** Such as `pulumi.Input<boolean | undefined>;`, `pulumi.Input<"Secret" | undefined>;` or `pulumi.Input<{`. */
function inputType(declared: string): InputType {
  const type = /^pulumi\.Input<(boolean|number|string|(?:"[^"]*"(?: \| )?)+)(?: \| undefined)?>;/.exec(declared)?.[1];
  if (type === undefined) return "any";
  return type === "boolean" || type === "number" ? type : "string";
}

/** What is wrong with inputs: properties that the schema does not have, that are missing, or of another type. */
export function schemaFailures(schema: InputSchema, inputs: PropertyMap, at = ""): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (key: string, reason: string) => failures.push({ property: `${at}${key}`, reason });
  for (const [key, value] of Object.entries(inputs)) {
    const input = schema.get(key);
    if (input === undefined) fail(key, `there is no property ${JSON.stringify(`${at}${key}`)} in the schema`);
    else if (!hasType(value, input.type)) fail(key, `expected a ${input.type}, got ${typeName(value)}`);
  }
  for (const [key, { required }] of schema)
    if (required && inputs[key] === undefined)
      failures.push({
        property: `${at}${key}`,
        reason: `missing required property ${JSON.stringify(`${at}${key}`)}`,
        missing: true,
      });
  return failures;
}

function hasType(value: PropertyValue, type: InputType): boolean {
  if (value instanceof Secret) return hasType(value.value, type);
  return value === null || value instanceof Unknown || type === "any" || typeof value === type;
}

function typeName(value: PropertyValue): string {
  if (value instanceof Secret) return typeName(value.value);
  if (Array.isArray(value)) return "a list";
  return isMap(value) ? "a map" : `a ${typeof value}`;
}
