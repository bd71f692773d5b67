import { AzureError } from "./azureError";

/** The shape of a JSON value, as a published description of an API gives it. */
export type Shape =
  | "string"
  | "boolean"
  | readonly string[]
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly required?: readonly string[]; readonly properties: Readonly<Record<string, Shape>> };

/**
 * Refuses a value that is not of a shape, also where Azure itself would pass over what it does not know: then nobody
 * would notice a misspelt property.
 */
export function checkShape(shape: Shape, value: unknown, at: string): void {
  const refuse = (why: string): never => {
    throw new AzureError(400, "InvalidRequestContent", `The request content was invalid: ${at} ${why}`);
  };
  if (shape === "string" || shape === "boolean") {
    if (typeof value !== shape) refuse(`is not a ${shape}`);
  } else if (isList(shape)) {
    if (!shape.includes(value as string)) refuse(`is ${JSON.stringify(value)}, not one of ${shape.join(", ")}`);
  } else if ("list" in shape) {
    if (!Array.isArray(value)) return refuse("is not a list");
    value.forEach((item, index) => checkShape(shape.list, item, `${at}[${index}]`));
  } else {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("is not an object");
    if ("map" in shape) {
      for (const [key, item] of Object.entries(value)) checkShape(shape.map, item, `${at}.${key}`);
      return;
    }
    for (const key of shape.required ?? []) if (!(key in value)) refuse(`lacks ${key}`);
    for (const [key, item] of Object.entries(value)) {
      const inner = shape.properties[key];
      if (inner === undefined) return refuse(`has no property ${key}`);
      checkShape(inner, item, `${at}.${key}`);
    }
  }
}

function isList(shape: Shape): shape is readonly string[] {
  return Array.isArray(shape);
}
