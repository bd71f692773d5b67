import * as pulumi from "@pulumi/pulumi";
import type { Fields, Shape } from "../inputs/argumentShape";
import { insideOutput } from "../inputs/insideOutput";
import { MirrorError } from "../error";
import { ownValue } from "../ownKeys";
import { byKey } from "../textOrder";

/**
 * Arguments as the components' classes take them.
 *
 * Across the border of languages any argument may be an Output as a whole: one that holds a secret, or that comes of another
 * resource. Where a class wants a plain object, list or value, the Output is opened as far as that goes, and what is secret
 * stays so at its leaves. What is not known yet stays an Output, of which the class tells whoever gave it.
 *
 * Pulumi YAML reads settings that look like numbers or JSON as such, whatever type the program says that they have: where a
 * text is asked for, they are made one again.
 */
export async function plainArguments(given: pulumi.Inputs, fields: Fields): Promise<Record<string, unknown>> {
  const entries = Object.entries(given)
    // Some languages write what was left out.
    .filter(([, value]) => value !== null && value !== undefined);
  const opened = entries.map(async ([key, value]) => {
    const shape = ownValue(fields, key);
    return [key, shape ? await opening(value, shape, key) : (value as unknown)] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}

/** @param name of the argument, or of the part of one */
async function opening(value: unknown, shape: Shape, name: string): Promise<unknown> {
  if (!pulumi.Output.isInstance(value))
    return eachPart(value, shape, name, (part, of, key) => opening(part, of, nameOf(key, name)));
  if (!shape.plain && !hasText(shape)) return value;
  const inside = insideOutput(value);
  if (!shape.plain) {
    // What is wrong is the answer to this call, not of an Output that others may not wait for.
    if (await inside.isKnown) await opening(await inside.promise(), shape, name);
    return value.apply((known) => opening(known, shape, name));
  }
  return (await inside.isKnown) ? leaves(value, await inside.promise(), shape, name, []) : value;
}

/** What is known of an Output, with Outputs of it where they may stand. */
async function leaves(
  output: pulumi.Output<unknown>,
  known: unknown,
  shape: Shape,
  name: string,
  path: readonly (string | number)[],
): Promise<unknown> {
  if (known === undefined || known === null || pulumi.Resource.isInstance(known)) return known;
  if (!shape.plain && path.length > 0) {
    await opening(known, shape, name);
    return output.apply((whole) => opening(at(whole, path), shape, name));
  }
  return eachPart(known, shape, name, (part, of, key) => leaves(output, part, of, nameOf(key, name), [...path, key]));
}

/** An item of a list is called by the list's name. */
const nameOf = (key: string | number, outer: string): string => (typeof key === "number" ? outer : key);

/** Goes on with the parts of a list, a map or an object whose arguments are described. */
async function eachPart(
  value: unknown,
  shape: Shape,
  name: string,
  go: (part: unknown, of: Shape, key: string | number) => Promise<unknown>,
): Promise<unknown> {
  if (shape.kind === "text") return textOf(value, name);
  if (shape.kind === "list" && Array.isArray(value))
    return Promise.all(value.map((part: unknown, index) => go(part, shape.of, index)));
  if (!isPlainObject(value)) return value;
  const described = partsOf(shape);
  if (!described) return value;
  const entries = Object.entries(value).map(async ([key, part]) => {
    const of = described(key);
    return [key, of ? await go(part, of, key) : part] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Whether a text may be somewhere in what is described. */
function hasText(shape: Shape): boolean {
  if (shape.kind === "list" || shape.kind === "map") return hasText(shape.of);
  return shape.kind === "object" ? Object.values(shape.fields).some(hasText) : shape.kind === "text";
}

/** @throws {MirrorError} for a number that more than one text may have been */
function textOf(value: unknown, name: string): unknown {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw settingReadAsNumber(name, value);
    return String(value);
  }
  if (typeof value === "boolean") return String(value);
  return Array.isArray(value) || isPlainObject(value) ? JSON.stringify(value, sortedKeys) : value;
}

/** The order of keys has not come with the value, and shall be the same in each run. */
const sortedKeys = (_key: string, value: unknown): unknown =>
  isPlainObject(value) ? Object.fromEntries(Object.entries(value).sort(byKey)) : value;

/** The language has taken a text for a number, of which `1.10` and `1.1` are the same. `code` is `SETTING_READ_AS_NUMBER`. */
function settingReadAsNumber(name: string, value: number): MirrorError {
  return new MirrorError(
    "SETTING_READ_AS_NUMBER",
    `Reading the argument ${name} failed: the program's language has made the number ${value} of a text, which is not known any more`,
    "Write the text itself into the program, in quotes, or keep it as Base64 in the setting and give fn::fromBase64 of that",
  );
}

/** How the parts of a map or an object are described. */
function partsOf(shape: Shape): ((key: string) => Shape | undefined) | undefined {
  if (shape.kind === "map") return () => shape.of;
  return shape.kind === "object" ? (key) => ownValue(shape.fields, key) : undefined;
}

function at(whole: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      Array.isArray(value)
        ? (value as readonly unknown[])[Number(key)]
        : ownValue(value as Record<string, unknown>, String(key)),
    whole,
  );
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
