import * as pulumi from "@pulumi/pulumi";
import { plainValues } from "./plainValues";

/** Nothing that reads them shows them. */
const ALWAYS_HIDDEN = new Set(["password", "identityToken"]);

/**
 * Keys of how to reach a registry whose texts the program keeps secret by themselves, such as the name of a user. What
 * a resource is given of it is one secret, in which its provider sees plain text: so it is told which of it to hide.
 * Undefined for none.
 */
export async function hiddenKeys(access: pulumi.Input<object | undefined>): Promise<string[] | undefined> {
  const { values, secrets } = await plainValues(access);
  const keys = Object.entries(values)
    .filter(([key, value]) => typeof value === "string" && secrets.includes(value) && !ALWAYS_HIDDEN.has(key))
    .map(([key]) => key);
  return keys.length > 0 ? keys : undefined;
}

/** The same, with its {@link hiddenKeys}. */
export function withHiddenKeys<T extends object>(access: pulumi.Input<T>): pulumi.Output<pulumi.Unwrap<T>> {
  const told: pulumi.Output<unknown> = pulumi
    .all([access, hiddenKeys(access)])
    .apply(([known, hidden]) => (hidden ? { ...known, hidden } : known));
  return told as pulumi.Output<pulumi.Unwrap<T>>;
}
