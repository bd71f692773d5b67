/** The form of an argument, checked at run time for programs that no TypeScript compiler has checked. */
export type Shape = (
  | { readonly kind: "text" | "flag" | "number" | "asset" | "anything" }
  | { readonly kind: "choice"; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: "list" | "map"; readonly of: Shape }
  | { readonly kind: "object"; readonly fields: Fields; readonly otherNames?: OtherNames }
  | { readonly kind: "either"; readonly short: Shape; readonly whole: Shape }
  | { readonly kind: "component"; readonly what: string; readonly is: (value: unknown) => boolean }
) &
  Demands;

interface Demands {
  readonly required?: true;
  /** A plain value: no Output is waited for. */
  readonly plain?: true;
  /** What helps whoever has left it out, or has given something else. */
  readonly remedy?: string;
}

/** Names of arguments in other packages, with the names that they have here: errors suggest those. */
export type OtherNames = Readonly<Record<string, string>>;

/** The arguments of an object, by their names. */
export type Fields = Readonly<Record<string, Shape>>;

/** The arguments of an interface; the compiler sees to it that none is missing and none is more. */
export type FieldsOf<Args> = { readonly [Name in keyof Args]-?: Shape };

export const text: Shape = { kind: "text" };
export const flag: Shape = { kind: "flag" };
export const number: Shape = { kind: "number" };
/** A file or folder of Pulumi's. */
export const asset: Shape = { kind: "asset" };
/** A value that is not checked here, since another check or package does it. */
export const anything: Shape = { kind: "anything" };

/** One of the values of an enumeration, which is exported under that name. */
export function choice(name: string, values: Readonly<Record<string, string>>): Shape {
  return { kind: "choice", name, values: Object.values(values) };
}

export function list(of: Shape): Shape {
  return { kind: "list", of };
}

/** An object whose keys are names of the user's. */
export function map(of: Shape): Shape {
  return { kind: "map", of };
}

/** An object with these arguments; what is like none of them is ignored. */
export function object<Args>(fields: FieldsOf<Args>, otherNames: OtherNames = {}): Shape {
  return { kind: "object", fields, otherNames };
}

/** An object, or a text in place of one that has nothing else. */
export function either(short: Shape, whole: Shape): Shape {
  return { kind: "either", short, whole };
}

/** A resource with the abilities that are asked for, whichever copy of this package has made it. */
export function component(what: string, is: (value: unknown) => boolean): Shape {
  return { kind: "component", what, is };
}

/** What must be given. */
export function required(shape: Shape, remedy?: string): Shape {
  return { ...shape, required: true, ...(remedy !== undefined && { remedy }) };
}

/** What must be known when the program runs. */
export function plain(shape: Shape): Shape {
  return { ...shape, plain: true };
}
