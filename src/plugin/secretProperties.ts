import * as pulumi from "@pulumi/pulumi";
import { ownValue } from "../ownKeys";

/** Properties of a resource as its provider takes them: plain. */
export interface Opened {
  readonly values: Record<string, unknown>;
  /** The keys in whose values something was a secret. */
  readonly secret: ReadonlySet<string>;
}

const { specialSigKey, specialSecretSig, unknownValue } = pulumi.runtime;
/** Of a value with what it depends on; the SDK does not export it. */
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Takes secrets out of what marks them. The engine hands them over marked to whoever serves components. */
export function openSecrets(properties: Readonly<Record<string, unknown>> | undefined): Opened {
  const secret = new Set<string>();
  const values = Object.fromEntries(
    Object.entries(properties ?? {}).map(([key, value]) => [key, plain(value, () => secret.add(key))]),
  );
  return { values, secret };
}

/** Marks as secrets all that is under these keys, as the engine does for providers that know no marks. */
export function markSecrets(values: object, secret: Iterable<string>): Record<string, unknown> {
  const keys = new Set(secret);
  return Object.fromEntries(
    Object.entries(values)
      // The protocol has no word for it.
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [
        key,
        keys.has(key) ? { [specialSigKey]: specialSecretSig, value: value as unknown } : value,
      ]),
  );
}

function plain(value: unknown, onSecret: () => void): unknown {
  if (Array.isArray(value)) return value.map((one) => plain(one, onSecret));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Readonly<Record<string, unknown>>;
  const signature = ownValue(object, specialSigKey);
  if (signature === specialSecretSig) {
    onSecret();
    return plain(ownValue(object, "value"), onSecret);
  }
  if (signature === OUTPUT_SIGNATURE) {
    if (ownValue(object, "secret") === true) onSecret();
    return Object.hasOwn(object, "value") ? plain(object["value"], onSecret) : unknownValue;
  }
  return Object.fromEntries(Object.entries(object).map(([key, one]) => [key, plain(one, onSecret)]));
}
