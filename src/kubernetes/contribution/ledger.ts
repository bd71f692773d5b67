import { isMap, parseJson, type Json, type JsonObject } from "../../json";
import { byKey } from "../../textOrder";

/** The annotation that says what contributors have added to an object; it holds ids of entries, never their values. */
export const LEDGER_ANNOTATION = "pulumi-chart-mirror/contributions";

/** Entries that contributors have added: for a value a fingerprint of it, by which it is known again; for others nothing. */
export type AddedEntries = Readonly<Record<string, string>>;

/** Who wants what in an object, by the ids of entries. */
export interface Ledger {
  /** Entries that were not there before a contributor wanted them. */
  readonly added: AddedEntries;
  /** What each contributor wants, whether it was there before or not. */
  readonly by: Readonly<Record<string, readonly string[]>>;
}

/** The ledger of an object; an empty one where there is none, or none that can be read. */
export function readLedger(object: JsonObject): Ledger {
  const text = annotationsOf(object)?.[LEDGER_ANNOTATION];
  try {
    const { added, by } = parseJson(typeof text === "string" ? text : "{}") as JsonObject;
    return {
      added: isMap(added)
        ? Object.fromEntries(
            Object.entries(added).map(([id, fingerprint]) => [id, typeof fingerprint === "string" ? fingerprint : ""]),
          )
        : {},
      by: isMap(by) ? Object.fromEntries(Object.entries(by).map(([who, ids]) => [who, strings(ids)])) : {},
    };
  } catch {
    return { added: {}, by: {} };
  }
}

/** The object with this ledger; without the annotation when nobody wants anything. */
export function withLedger(object: JsonObject, { added, by }: Ledger): JsonObject {
  const metadata = isMap(object.metadata) ? object.metadata : {};
  const { [LEDGER_ANNOTATION]: _before, ...annotations } = annotationsOf(object) ?? {};
  const contributors = Object.entries(by).sort(byKey);
  if (contributors.length > 0)
    annotations[LEDGER_ANNOTATION] = JSON.stringify({ added, by: Object.fromEntries(contributors) });
  const { annotations: _annotations, ...rest } = metadata;
  return { ...object, metadata: { ...rest, ...(Object.keys(annotations).length > 0 && { annotations }) } };
}

function annotationsOf({ metadata }: JsonObject): JsonObject | undefined {
  const annotations = isMap(metadata) ? metadata.annotations : undefined;
  return isMap(annotations) ? annotations : undefined;
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
