import { readFile } from "node:fs/promises";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * The values that go between engine and provider: JSON, and the kinds that Pulumi adds to it.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
 */
export type PropertyValue = null | boolean | number | string | Unknown | Secret | Asset | PropertyValue[] | PropertyMap;
export interface PropertyMap {
  [key: string]: PropertyValue;
}

/** A value that is known only after the update. */
export class Unknown {
  readonly isUnknown = true;
}
export const unknown = new Unknown();

/** A value that is encrypted in the state and hidden in the output. */
export class Secret {
  constructor(readonly value: PropertyValue) {}
}

/** A text, or a file, by value. */
export class Asset {
  constructor(readonly content: { readonly text?: string; readonly path?: string; readonly uri?: string }) {}

  async read(): Promise<string> {
    return (await this.bytes()).toString();
  }

  /** Not every file is a text. */
  async bytes(): Promise<Buffer> {
    const { text = "", path = "" } = this.content;
    return text === "" && path !== "" ? readFile(path) : Buffer.from(text);
  }
}

export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Secret) &&
    !(value instanceof Asset)
  );
}

// The names under which the wire format hides what JSON does not have.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Unknown booleans, numbers, arrays, assets, archives and objects. */
const otherUnknowns = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** What a wire message can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Reads a wire message; no message is an empty map. */
export function decode(struct: Struct | undefined): PropertyMap {
  return struct === undefined ? {} : decodeJson(struct.toJavaScript());
}

/** Reads what a wire message holds as JSON, as mocks of the engine are given it. */
export function decodeJson(json: { [key: string]: Json }): PropertyMap {
  return decodeValue(json) as PropertyMap;
}

function decodeValue(value: Json): PropertyValue {
  if (typeof value === "string") return value === unknownString || otherUnknowns.has(value) ? unknown : value;
  if (Array.isArray(value)) return value.map(decodeValue);
  if (typeof value !== "object" || value === null) return value;
  const signature = value[signatureKey];
  if (signature === secretSignature) return new Secret(decodeValue(value["value"] ?? null));
  if (signature === assetSignature) {
    const { text, path, uri } = value as Record<string, string>;
    return new Asset({ ...(text && { text }), ...(path && { path }), ...(uri && { uri }) });
  }
  if (signature === outputSignature) {
    const inner = "value" in value ? decodeValue(value["value"] ?? null) : unknown;
    return value["secret"] === true ? new Secret(inner) : inner;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decodeValue(inner)]));
}

/** Writes a wire message. */
export function encode(map: PropertyMap): Struct {
  return Struct.fromJavaScript(encodeValue(map) as Record<string, never>);
}

function encodeValue(value: PropertyValue): Json {
  if (value instanceof Unknown) return unknownString;
  if (value instanceof Secret) return { [signatureKey]: secretSignature, value: encodeValue(value.value) };
  if (value instanceof Asset) return { [signatureKey]: assetSignature, ...value.content };
  if (Array.isArray(value)) return value.map(encodeValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, encodeValue(inner)]));
}

function some(value: PropertyValue, test: (value: PropertyValue) => boolean): boolean {
  if (test(value)) return true;
  if (value instanceof Secret) return some(value.value, test);
  if (Array.isArray(value)) return value.some((item) => some(item, test));
  return isMap(value) && Object.values(value).some((item) => some(item, test));
}

export function hasUnknowns(value: PropertyValue): boolean {
  return some(value, (inner) => inner instanceof Unknown);
}

export function hasSecrets(value: PropertyValue): boolean {
  return some(value, (inner) => inner instanceof Secret);
}

/** The value without the marks of secrets; unknowns stay. */
export function stripSecrets<T extends PropertyValue>(value: T): T;
export function stripSecrets(value: PropertyValue): PropertyValue {
  if (value instanceof Secret) return stripSecrets(value.value);
  if (Array.isArray(value)) return value.map((item) => stripSecrets(item));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, stripSecrets(inner)]));
}

/** The value as plain JSON: secrets in the clear, `null` where it is unknown. */
export function plain(value: PropertyValue): PropertyValue {
  if (value instanceof Unknown) return null;
  if (value instanceof Secret) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** A copy of `outputs` that is unknown wherever `inputs` are. */
export function withUnknownsOf(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const entries = Object.entries(outputs).map(([key, value]) => {
    const input = inputs[key];
    return [key, input === undefined ? value : unknownWhere(value, input)] as const;
  });
  return Object.fromEntries(entries);
}

function unknownWhere(output: PropertyValue, input: PropertyValue): PropertyValue {
  if (input instanceof Secret) return unknownWhere(output, input.value);
  if (input instanceof Unknown) return unknown;
  if (isMap(output) && isMap(input)) return withUnknownsOf(output, input);
  if (Array.isArray(output) && Array.isArray(input))
    return output.map((item, index) => (input[index] === undefined ? item : unknownWhere(item, input[index])));
  return output;
}

/** A copy of `outputs` that is secret wherever `inputs` are; a list with any secret in it is secret as a whole. */
export function withSecretsOf(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const entries = Object.entries(outputs).map(([key, value]): [string, PropertyValue] => {
    const input = inputs[key];
    if (input === undefined) return [key, value];
    if (isMap(value) && isMap(input)) return [key, withSecretsOf(value, input)];
    return [key, !(value instanceof Secret) && hasSecrets(input) ? new Secret(value) : value];
  });
  return Object.fromEntries(entries);
}
