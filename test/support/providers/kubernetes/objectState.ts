import {
  hasUnknowns,
  isMap,
  Secret,
  stripSecrets,
  withSecretsOf,
  type PropertyMap,
  type PropertyValue,
} from "../protocol/propertyValue";
import type { KubernetesObject } from "./cluster";
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

/** The same object in the one form that the server gives it: Secrets have their text encoded, no read-only fields. */
export function normalized(object: PropertyMap): PropertyMap {
  const result: PropertyMap = { ...object };
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
    ...markSecrets(live, from),
    __inputs: markSecrets(inputs, from),
    __initialApiVersion: live.apiVersion,
    __fieldManager: manager,
  };
}

/** The parts of a state that `checkpoint` made. */
export function parseCheckpoint(state: PropertyMap): { oldInputs: PropertyMap; live: PropertyMap } {
  const { __inputs: inputs, ...live } = stripSecrets(state);
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
