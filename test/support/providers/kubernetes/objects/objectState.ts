import {
  hasUnknowns,
  isMap,
  Secret,
  stripSecrets,
  withSecretsOf,
  type PropertyMap,
  type PropertyValue,
} from "../../protocol/propertyValue";
import type { KubernetesObject } from "../cluster";
import { resourceSchema } from "./schema";

/** Fields that only the server sets. */
const readOnly = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** Fields of a schema in a CustomResourceDefinition, whose dashes are underscores in programs and states (provider.go). */
const dashed = [
  ...["embedded-resource", "int-or-string", "list-map-keys", "list-type", "map-type", "preserve-unknown-fields"],
  "validations",
].map((field) => `x-kubernetes-${field}`);
const underscored = dashed.map((field) => field.replaceAll("-", "_"));
const toDashes = new Map(underscored.map((field, i) => [field, dashed[i] ?? field]));
const toUnderscores = new Map(dashed.map((field, i) => [field, underscored[i] ?? field]));

function renamed(value: PropertyValue, names: ReadonlyMap<string, string>): PropertyValue {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (value instanceof Secret) return new Secret(renamed(value.value, names));
  return isMap(value) ? renamedMap(value, names) : value;
}

function renamedMap(map: PropertyMap, names: ReadonlyMap<string, string>): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [names.get(key) ?? key, renamed(value, names)]));
}

/** The same object in the one form that the server gives it: Secrets have their text encoded, no read-only fields. */
export function normalized(object: PropertyMap): PropertyMap {
  const result = renamedMap(object, toDashes);
  if (isMap(result["metadata"])) {
    const metadata = { ...result["metadata"] };
    for (const field of readOnly) delete metadata[field];
    result["metadata"] = metadata;
  }
  const { kind, apiVersion, stringData } = result;
  if (kind === "Secret" && apiVersion === "v1" && isMap(stringData) && !hasUnknowns(object)) {
    const data: PropertyMap = { ...(isMap(result["data"]) ? result["data"] : {}) };
    for (const [key, value] of Object.entries(stringData)) data[key] = Buffer.from(value as string).toString("base64");
    result["data"] = data;
    delete result["stringData"];
  }
  if (kind === "CustomResourceDefinition") delete result["status"];
  return result;
}

/** Secret where the inputs are, and wherever a Secret keeps its data. */
export function markSecrets(object: PropertyMap, inputs: PropertyMap): PropertyMap {
  if (object["kind"] !== "Secret") return withSecretsOf(object, inputs);
  const entries = Object.entries(object).map(([key, value]): [string, PropertyValue] => [
    key,
    key === "data" || key === "stringData" ? new Secret(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** What the state keeps of an object: the live one, and the inputs that made it. */
export function checkpoint(
  inputs: PropertyMap,
  live: KubernetesObject,
  from: PropertyMap,
  manager: string,
): PropertyMap {
  return {
    ...renamedMap(markSecrets(live, from), toUnderscores),
    __inputs: renamedMap(markSecrets(inputs, from), toUnderscores),
    __initialApiVersion: live.apiVersion,
    __fieldManager: manager,
  };
}

/** The parts of a state that `checkpoint` made. */
export function parseCheckpoint(state: PropertyMap): { oldInputs: PropertyMap; live: PropertyMap } {
  const { __inputs: inputs, ...live } = renamedMap(stripSecrets(state), toDashes);
  return { oldInputs: isMap(inputs) ? inputs : {}, live };
}

/** The field manager that wrote the object of a state. */
export function managerOf(state: PropertyMap): string {
  const manager = state["__fieldManager"];
  return typeof manager === "string" ? manager : "pulumi-kubernetes";
}

/** The inputs that would make an object that another has made. */
export function importedInputs(type: string, live: KubernetesObject): PropertyMap {
  const keys = resourceSchema(type)?.keys() ?? Object.keys(live);
  const present = [...keys].flatMap((key) => (live[key] === undefined ? [] : [[key, live[key]] as const]));
  return normalized(Object.fromEntries(present));
}
