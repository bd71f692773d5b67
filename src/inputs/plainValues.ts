import * as pulumi from "@pulumi/pulumi";
import type { Json, JsonObject, JsonPath } from "../json";

/** Helm values with every Output resolved as far as it is known now. */
export interface PlainValues {
  /** Unknown leaves are null here; their paths are in `unknown`. */
  readonly values: JsonObject;
  /** Paths whose value is not known in this preview. */
  readonly unknown: readonly JsonPath[];
  /** Texts that must never be shown: every secret string of the values. */
  readonly secrets: readonly string[];
  /**
   * Where texts stand that are secrets by themselves; of a whole object that is one, those whose key is that of a secret:
   * the rest of it may well be images and numbers.
   */
  readonly secretPaths: readonly JsonPath[];
}

/**
 * Resolves values that may hold Outputs anywhere, without blocking on the unknown ones.
 *
 * A leaf that is an unknown Output is reported by its path. An Output of a whole object is known or unknown as a whole,
 * so users keep more of the preview by putting Outputs at the leaves.
 */
export async function plainValues(values: pulumi.Input<object | undefined>): Promise<PlainValues> {
  // The SDK's own serialization is the one way to see known and unknown leaves side by side: `apply` never runs for a
  // partly known value.
  const serialized = (await pulumi.runtime.serializeProperties("values", { values: values ?? {} })) as {
    values: unknown;
  };
  const unknown: JsonPath[] = [];
  const secrets: string[] = [];
  const secretPaths: JsonPath[] = [];

  const visit = (value: unknown, path: JsonPath, secret: boolean, whole = false): Json => {
    if (value === pulumi.runtime.unknownValue) {
      unknown.push(path);
      return null;
    }
    if (value === null || value === undefined) return null;
    if (typeof value === "string" && secret) secrets.push(value);
    if (typeof value === "string" && secret && (!whole || SECRET_KEY.test(String(path.at(-1))))) secretPaths.push(path);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    if (Array.isArray(value)) return value.map((element, i) => visit(element, [...path, i], secret, secret));
    const object = value as Record<string, unknown>;
    if (object[pulumi.runtime.specialSigKey] === pulumi.runtime.specialSecretSig)
      return visit(object.value, path, true);
    return Object.fromEntries(
      Object.entries(object).map(([key, child]) => [key, visit(child, [...path, key], secret, secret)]),
    );
  };

  const plain = visit(serialized.values, [], false);
  return { values: plain === null ? {} : (plain as JsonObject), unknown, secrets, secretPaths };
}

/** Keys whose values are secrets in whatever object they stand. */
const SECRET_KEY = /passw|secret|token|credential|private|api_?key/i;
