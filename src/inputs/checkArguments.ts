import * as pulumi from "@pulumi/pulumi";
import { namesLike } from "../chart/source/namesLike";
import { MirrorError, MirrorErrors } from "../error";
import { addressed } from "../machine/errorAddress";
import { ownValue } from "../ownKeys";
import type { Fields, FieldsOf, OtherNames, Shape } from "./argumentShape";

/** An argument is missing, unknown or of another kind. `code` is `INVALID_ARGUMENT`. */
export class InvalidArgumentError extends MirrorError {
  override readonly name = "InvalidArgumentError";
  constructor(problem: string, remedy: string) {
    super("INVALID_ARGUMENT", problem, remedy);
  }
}

/** The component whose arguments are checked, for errors. */
export interface Argued {
  /** The class: `MirroredRelease`. */
  readonly type: string;
  /** The resource's name. */
  readonly name: string;
  /** Whether an argument that is not described is all the same one of the class. */
  readonly takes?: (argument: string) => boolean;
}

/**
 * Refuses arguments that a compiler would refuse: programs in JavaScript, and those that are not type-checked, have none.
 *
 * What an Output holds is not looked at here, and no value is told, since it may be a secret; of enumerations it is.
 *
 * @throws {InvalidArgumentError} or several of them
 */
export function checkArguments<Args extends object, Described extends FieldsOf<Args>>(
  argued: Argued,
  args: Args,
  fields: Described & Readonly<Record<Exclude<keyof Described, keyof Args>, never>>,
): void {
  checkGiven(argued, args, fields);
}

function checkGiven(argued: Argued, args: unknown, fields: Fields): void {
  const { type, name } = argued;
  const check = new ArgumentCheck(`${type} ${String(name)}`, argued);
  if (typeof name !== "string" || name === "")
    check.problems.push(
      new InvalidArgumentError(
        `A ${type} has no name: the first argument of its constructor is ${describe(name)}`,
        `Write new ${type}("NAME", { … })`,
      ),
    );
  else if (isEventual(args))
    check.refuse(
      "",
      "are an Output or a promise as a whole",
      `Give an object: new ${type}("${name}", { … }), with Outputs at its keys`,
    );
  else if (args !== undefined && args !== null && !isObject(args))
    check.refuse("", `are ${describe(args)}`, `Give an object: new ${type}("${name}", { … })`);
  else check.fields(isObject(args) ? args : {}, fields, "");
  try {
    MirrorErrors.throwIfAny(`Making ${type} ${String(name)} failed`, check.problems);
  } catch (error) {
    // It leaves a constructor: Pulumi shows it as it is.
    throw addressed(error);
  }
}

class ArgumentCheck {
  readonly problems: InvalidArgumentError[] = [];

  constructor(
    private readonly owner: string,
    private readonly argued: Argued,
  ) {}

  /** @param path of the argument; empty for all of them */
  refuse(path: string, what: string, remedy: string): void {
    const subject = path === "" ? `The arguments of ${this.owner}` : `The argument ${path} of ${this.owner}`;
    this.problems.push(new InvalidArgumentError(`${subject} ${what}`, remedy));
  }

  fields(args: object, fields: Fields, above: string, otherNames: OtherNames = {}): void {
    const at = (key: string): string => (above === "" ? key : `${above}.${key}`);
    for (const [key, shape] of Object.entries(fields))
      this.value(ownValue(args as Record<string, unknown>, key), shape, at(key));
    for (const [key, value] of Object.entries(args)) {
      if (value === undefined || Object.hasOwn(fields, key)) continue;
      if (above === "" && this.argued.takes?.(key)) continue;
      this.unknown(at(key), key, Object.keys(fields), ownValue(otherNames, key));
    }
  }

  private unknown(path: string, key: string, known: readonly string[], meant: string | undefined): void {
    const missing = meant ?? (key.length < SHORTEST_GUESS ? undefined : namesLike(key, known)[0]);
    // The compiler lets objects of variables have more, as one that serves two purposes.
    if (missing === undefined && path !== key) return;
    this.refuse(
      path,
      "is none that it takes",
      missing === undefined ? `Leave it out; it takes ${known.join(", ")}` : `Did you mean ${missing}?`,
    );
  }

  private value(value: unknown, shape: Shape, path: string): void {
    if (shape.kind === "either" && value !== undefined && value !== null && !isEventual(value)) {
      this.value(value, isObject(value) ? shape.whole : shape.short, path);
      return;
    }
    if (value === undefined || value === null) {
      if (shape.required) this.refuse(path, "is missing", shape.remedy ?? `Give ${example(shape)}`);
      return;
    }
    if (isEventual(value)) {
      if (shape.plain)
        this.refuse(
          path,
          "is an Output or a promise, and it must be known when the program runs",
          shape.remedy ?? `Give ${example(shape)}, of the configuration for example (config.get)`,
        );
      return;
    }
    if (!fits(value, shape))
      this.refuse(path, `is ${found(value, shape)}`, shape.remedy ?? remedyFor(value, shape, path));
    else if (shape.kind === "list")
      (value as readonly unknown[]).forEach((one, i) =>
        this.value(one, { ...shape.of, required: true }, `${path}[${i}]`),
      );
    else if (shape.kind === "map")
      for (const [key, one] of Object.entries(value)) this.value(one, shape.of, `${path}[${JSON.stringify(key)}]`);
    else if (shape.kind === "object") this.fields(value, shape.fields, path, shape.otherNames);
  }
}

/** Shorter names are like too many others. */
const SHORTEST_GUESS = 3;

function fits(value: unknown, shape: Shape): boolean {
  switch (shape.kind) {
    case "text":
      return typeof value === "string";
    case "flag":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number";
    case "choice":
      return typeof value === "string" && shape.values.includes(value);
    case "list":
      return Array.isArray(value);
    case "map":
    case "object":
      return isObject(value);
    case "asset":
      return pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value);
    case "component":
      return shape.is(value);
    case "either":
      return fits(value, shape.short) || fits(value, shape.whole);
    case "anything":
      return true;
  }
}

/** What was given, and what is wanted. */
function found(value: unknown, shape: Shape): string {
  if (shape.kind === "choice" && typeof value === "string")
    return `${JSON.stringify(value)}, which is none of ${shape.name}`;
  return `${describe(value)} in place of ${wanted(shape)}`;
}

function remedyFor(value: unknown, shape: Shape, path: string): string {
  const name = path.split(".").at(-1) ?? path;
  if (shape.kind === "choice") {
    const like = typeof value === "string" ? namesLike(value, shape.values)[0] : undefined;
    return like === undefined ? `Give ${example(shape)}` : `Did you mean "${like}"?`;
  }
  if (shape.kind === "list" && typeof value === "string") return `Write it as a list: ${name}: ["…"]`;
  if (shape.kind === "text" && (typeof value === "number" || typeof value === "boolean"))
    return `Write it in quotes: ${name}: "…"`;
  if (shape.kind === "flag" || shape.kind === "number")
    if (typeof value === "string") return `Write ${wanted(shape)}, without quotes`;
  return `Give ${example(shape)}`;
}

function wanted(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return "a text";
    case "flag":
      return "true or false";
    case "number":
      return "a number";
    case "choice":
      return `a value of ${shape.name}`;
    case "list":
      return "a list";
    case "map":
    case "object":
      return "an object";
    case "asset":
      return "an asset";
    case "component":
      return shape.what;
    case "either":
      return wanted(shape.short);
    case "anything":
      return "a value";
  }
}

function example(shape: Shape): string {
  if (shape.kind === "either") return example(shape.short);
  if (shape.kind === "choice")
    return `one of ${shape.values.map((value) => JSON.stringify(value)).join(", ")} (${shape.name})`;
  if (shape.kind === "asset") return 'new pulumi.asset.FileAsset("PATH")';
  if (shape.kind === "object") return `an object with ${Object.keys(shape.fields).join(", ")}`;
  return wanted(shape);
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return "missing";
  if (Array.isArray(value)) return "a list";
  if (pulumi.Resource.isInstance(value)) return "a resource";
  if (isEventual(value)) return "an Output or a promise";
  if (pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value)) return "an asset";
  switch (typeof value) {
    case "string":
      return "a text";
    case "number":
    case "bigint":
      return "a number";
    case "boolean":
      return String(value);
    case "function":
      return "a function";
    case "object":
    case "symbol":
    case "undefined":
      return "an object";
  }
}

function isObject(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !pulumi.asset.Asset.isInstance(value) &&
    !pulumi.asset.Archive.isInstance(value) &&
    !pulumi.Resource.isInstance(value)
  );
}

/** Whether a value is there later. An Output has keys for those of its value, so that it is asked for first. */
function isEventual(value: unknown): boolean {
  if (pulumi.Output.isInstance(value)) return true;
  return typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function";
}
