import type { Json, JsonObject, JsonPath } from "../../json";
import { ownValue, setOwnValue } from "../../ownKeys";
import { isMap } from "../content/valuePaths";

/** A default of a field, as a CRD's schema has it. */
export interface SchemaDefault {
  /** Of the default inside the CRD. */
  readonly path: JsonPath;
  readonly value: Json;
  /** The field's name; absent for items of a list and the like. */
  readonly field?: string;
  /** Path of the map of fields that it is one of. */
  readonly holder: JsonPath;
}

/** What holds schemas by name, in lists, and alone ({@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema}). */
const BY_NAME = ["properties", "patternProperties", "definitions"];
const IN_LISTS = ["allOf", "anyOf", "oneOf"];
const ALONE = ["items", "additionalProperties", "not"];

/** Whether a CRD's text may have a default that names an image: most have none, and are long. */
export function mayHoldImageDefault(crd: string): boolean {
  for (const { index, 0: line } of crd.matchAll(/\bdefault["']?:.*/g)) {
    if (/:[ \t]*["']?[\w.-]+[/:]\w/.test(line)) return true;
    if (/:[ \t]*(?:[{[|>].*)?$/.test(line) && /image|registry|repo/i.test(crd.slice(index, index + 400))) return true;
  }
  return false;
}

/**
 * A CRD with nothing but the defaults of its schema, at the places that they have: the API server writes them into every
 * object that leaves the field out, and an operator pulls them. Undefined when it has none.
 */
export function crdDefaults(crd: JsonObject): JsonObject | undefined {
  const { apiVersion, kind, metadata, spec } = crd;
  const versions = isMap(spec) && Array.isArray(spec.versions) ? spec.versions : [];
  const kept = versions.map((version) => (isMap(version) ? pruned(version.schema) : undefined));
  const before = isMap(spec) ? pruned(spec.validation) : undefined;
  if (before === undefined && kept.every((schema) => schema === undefined)) return undefined;
  return {
    ...(apiVersion !== undefined && { apiVersion }),
    ...(kind !== undefined && { kind }),
    ...(metadata !== undefined && { metadata }),
    spec: {
      ...(before !== undefined && { validation: before }),
      versions: versions.map((version, i) => ({
        ...(isMap(version) && typeof version.name === "string" && { name: version.name }),
        ...(kept[i] !== undefined && { schema: kept[i] }),
      })),
    },
  };
}

function pruned(schema: Json | undefined): JsonObject | undefined {
  const root = isMap(schema) ? schema.openAPIV3Schema : undefined;
  const rest = isMap(root) ? prunedSchema(root) : undefined;
  return rest && { openAPIV3Schema: rest };
}

function prunedSchema(schema: JsonObject): JsonObject | undefined {
  const kept: JsonObject = {};
  if (holdsText(schema.default)) kept.default = schema.default as Json;
  for (const key of ALONE) {
    const rest = prunedIf(ownValue(schema, key));
    if (rest) setOwnValue(kept, key, rest);
  }
  for (const key of BY_NAME) {
    const inner = ownValue(schema, key);
    if (!isMap(inner)) continue;
    const fields: JsonObject = {};
    for (const [name, field] of Object.entries(inner)) {
      const rest = prunedIf(field);
      if (rest) setOwnValue(fields, name, rest);
    }
    if (Object.keys(fields).length > 0) setOwnValue(kept, key, fields);
  }
  for (const key of IN_LISTS) {
    const inner = ownValue(schema, key);
    const items = Array.isArray(inner) ? inner.map(prunedIf) : [];
    // What comes behind keeps its index.
    if (items.some((item) => item !== undefined))
      setOwnValue(
        kept,
        key,
        items.map((item) => item ?? {}),
      );
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function prunedIf(schema: Json | undefined): JsonObject | undefined {
  return isMap(schema) ? prunedSchema(schema) : undefined;
}

function holdsText(value: Json | undefined): boolean {
  if (typeof value === "string") return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((item: Json) => holdsText(item));
}

/** Every default of a CRD's schemas. */
export function* schemaDefaults(crd: JsonObject): Generator<SchemaDefault> {
  const spec = isMap(crd.spec) ? crd.spec : {};
  const versions = Array.isArray(spec.versions) ? spec.versions : [];
  const schemas: [Json | undefined, JsonPath][] = [
    [spec.validation, ["spec", "validation"]],
    ...versions.map((version, i): [Json | undefined, JsonPath] => [
      isMap(version) ? version.schema : undefined,
      ["spec", "versions", i, "schema"],
    ]),
  ];
  for (const [schema, path] of schemas)
    if (isMap(schema) && isMap(schema.openAPIV3Schema))
      yield* defaultsOf(schema.openAPIV3Schema, [...path, "openAPIV3Schema"], path);
}

function* defaultsOf(schema: JsonObject, path: JsonPath, holder: JsonPath, field?: string): Generator<SchemaDefault> {
  const value = schema.default;
  if (value !== undefined) yield { path: [...path, "default"], value, holder, field };
  for (const key of [...ALONE, ...BY_NAME, ...IN_LISTS]) {
    const inner = ownValue(schema, key);
    const there = [...path, key];
    if (Array.isArray(inner)) {
      for (const [i, item] of inner.entries()) if (isMap(item)) yield* defaultsOf(item, [...there, i], holder, field);
    } else if (isMap(inner) && BY_NAME.includes(key)) {
      for (const [name, item] of Object.entries(inner))
        if (isMap(item)) yield* defaultsOf(item, [...there, name], there, name);
    } else if (isMap(inner)) yield* defaultsOf(inner, there, there, field);
  }
}
