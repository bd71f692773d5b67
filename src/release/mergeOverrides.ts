import * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import { isMap, type Json } from "../json";
import { ownValue, setOwnValue } from "../ownKeys";

/**
 * Lays solved overrides over the user's values, and keeps every Input of the user that the overrides do not change.
 *
 * @param user the user's values, with Outputs, secrets and all
 * @param plain the same values as the solver has seen them ({@link plainValues})
 * @param overrides what the solver wants to be different from `plain`
 *
 * Helm replaces lists whole, so an override of one image inside a list carries the whole list. Its other elements are
 * taken from `user`, not from `plain`: a secret in that list must stay a secret, an unknown must stay unknown.
 */
export function mergeOverrides(user: unknown, plain: Json | undefined, overrides: Json): unknown {
  if (user !== undefined && isDeepStrictEqual(plain, overrides)) return user;
  if (pulumi.Output.isInstance(user) || user instanceof Promise)
    return pulumi.output(user).apply((known: unknown) => mergeOverrides(known, plain, overrides));
  if (isMap(user) && isMap(overrides)) {
    const merged: Record<string, unknown> = { ...user };
    const plainObject = isMap(plain) ? plain : {};
    for (const [key, value] of Object.entries(overrides))
      setOwnValue(merged, key, mergeOverrides(ownValue(user, key), ownValue(plainObject, key), value));
    return merged;
  }
  if (Array.isArray(user) && Array.isArray(overrides)) {
    const plainArray = Array.isArray(plain) ? plain : [];
    return overrides.map((value, i) => mergeOverrides(user[i], plainArray[i], value));
  }
  return overrides;
}
