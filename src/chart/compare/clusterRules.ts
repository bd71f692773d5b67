import { childOf, ownValue } from "../../ownKeys";
import type { Json, JsonObject, JsonPath } from "../../json";
import { groupOf, identityOf } from "../render/kubernetesManifest";
import { isMap } from "../content/valuePaths";

/** A place of an object for whose sake an API server refuses all of it. */
export interface Refused {
  readonly path: JsonPath;
  /** In words, what is wrong there. */
  readonly why: string;
}

/**
 * What an API server refuses in an object by the rules that every name, label and key has to obey, whatever the object is:
 * texts that a template puts together, into which a value or a version may bring what is not allowed there.
 *
 * @param known an object of which nothing is looked at again that this one has at the same place: the very same maps and lists
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/util/validation/validation.go
 */
export function refusedPlaces(object: JsonObject, known?: JsonObject): Refused[] {
  const found: Refused[] = [];
  const refuse: Refuse = (why, path, key, inner) => {
    if (why !== undefined) found.push({ path: [...path, key, ...(inner === undefined ? [] : [inner])], why });
  };
  refuse(nameProblem(object), ["metadata"], "name");
  if (object.kind === "ConfigMap" || object.kind === "Secret") readData(object, refuse);
  walk(object, [], refuse, known);
  return found;
}

/** Refuses a place, by a path and what leads on from there, for a reason; without one it is as it should be. */
type Refuse = (why: string | undefined, path: JsonPath, key: string | number, inner?: string) => void;

/**
 * Labels, annotations, selectors and parts of pods have one shape wherever an object holds them.
 *
 * @param path of the value, the same list for the whole walk: nearly nothing that it passes is refused
 */
function walk(value: Json[] | JsonObject, path: (string | number)[], refuse: Refuse, known: Json | undefined): void {
  for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    if (typeof item !== "object" || item === null) continue;
    const before = childOf(known, key);
    if (item === before) continue;
    const ofSelector = isLabelMap(key, path, item);
    path.push(key);
    if (key === "metadata" && isMap(item)) readMetadata(item, path, refuse);
    else if (ofSelector) readLabels(item, path, refuse);
    else if (Array.isArray(item)) readNames(item, path, ownValue(NAMED, String(key)), refuse);
    // What a program reads is no business of Kubernetes'.
    if (key !== "data" && key !== "stringData" && key !== "annotations") walk(item, path, refuse, before);
    path.pop();
  }
}

/** Selectors of pods and nodes; what custom resources call `labels` may be anything. */
function isLabelMap(key: string | number, path: JsonPath, value: Json | undefined): value is JsonObject {
  if (!isMap(value)) return false;
  return (
    key === "matchLabels" ||
    key === "nodeSelector" ||
    (key === "selector" && path.length === 1 && path[0] === "spec" && !("matchLabels" in value))
  );
}

function readMetadata({ labels, annotations }: JsonObject, path: JsonPath, refuse: Refuse): void {
  if (isMap(labels)) readLabels(labels, [...path, "labels"], refuse);
  if (!isMap(annotations)) return;
  for (const key of Object.keys(annotations)) refuse(qualifiedNameProblem(key.toLowerCase()), path, "annotations", key);
  const size = Object.entries(annotations).reduce((sum, [key, text]) => sum + bytes(key) + bytes(text), 0);
  if (size > MAX_ANNOTATIONS)
    refuse(`all annotations together are ${size} bytes, and may be ${MAX_ANNOTATIONS}`, path, "annotations");
}

function readLabels(labels: JsonObject, path: JsonPath, refuse: Refuse): void {
  for (const [key, value] of Object.entries(labels)) {
    refuse(qualifiedNameProblem(key), path, key);
    if (typeof value === "string") refuse(labelValueProblem(value), path, key);
  }
}

function readData(object: JsonObject, refuse: Refuse): void {
  let size = 0;
  for (const field of ["data", "binaryData", "stringData"] as const) {
    const data = object[field];
    if (!isMap(data)) continue;
    for (const [key, value] of Object.entries(data)) {
      refuse(dataKeyProblem(key), [field], key);
      const encoded = field === "binaryData" || (field === "data" && object.kind === "Secret");
      size += encoded ? Math.floor((bytes(value) * 3) / 4) : bytes(value);
    }
  }
  if (size > MAX_DATA) refuse(`it holds ${size} bytes, and may hold ${MAX_DATA}`, [], "data");
}

type NameRule = (name: string) => string | undefined;

/** Lists in pods whose items have names, by the rule for these. */
const NAMED: Readonly<Record<string, NameRule>> = {
  containers: dnsLabelProblem,
  initContainers: dnsLabelProblem,
  volumes: dnsLabelProblem,
  env: variableProblem,
};

function readNames(items: readonly Json[], path: JsonPath, rule: NameRule | undefined, refuse: Refuse): void {
  if (!rule) return;
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    if (!isMap(item) || typeof item.name !== "string") continue;
    const { name } = item;
    refuse(
      rule(name) ?? (rule !== variableProblem && seen.has(name) ? "it is there twice" : undefined),
      path,
      i,
      "name",
    );
    seen.add(name);
  }
}

const MAX_ANNOTATIONS = 256 * 1024;
const MAX_DATA = 1024 * 1024;

const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/;
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const DATA_KEY = /^[-._a-zA-Z0-9]+$/;

/** Why a text is no value of a label; undefined where it is one. */
export function labelValueProblem(text: string): string | undefined {
  if (text.length > 63) return `${quoted(text)} has ${text.length} characters, and the value of a label at most 63`;
  if (LABEL_VALUE.test(text)) return undefined;
  return `${quoted(text)} is no value of a label: letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
}

/** Why a text is no key of a label or an annotation, `[PREFIX/]NAME`. */
export function qualifiedNameProblem(text: string): string | undefined {
  // Most have no prefix.
  if (text !== "" && text.length <= 63 && LABEL_VALUE.test(text)) return undefined;
  const [name = "", prefix, ...more] = text.split("/").reverse();
  const valid =
    more.length === 0 &&
    name !== "" &&
    name.length <= 63 &&
    LABEL_VALUE.test(name) &&
    (prefix === undefined || isSubdomain(prefix));
  return valid ? undefined : `${quoted(text)} is no key of a label or an annotation`;
}

/** Whether a text is a label as DNS has it (RFC 1123): the names of namespaces, Services, containers and volumes. */
export const isDnsLabel = (text: string): boolean => text.length <= 63 && DNS_LABEL.test(text);

function dnsLabelProblem(text: string): string | undefined {
  if (isDnsLabel(text)) return undefined;
  return `${quoted(text)} is no name of its kind: at most 63 small letters, digits and "-", with a letter or digit at both ends`;
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split(".").every((label) => DNS_LABEL.test(label));
}

/** Since Kubernetes 1.34 everything that can be printed and is no `=`. */
function variableProblem(text: string): string | undefined {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(text) ? undefined : `${quoted(text)} is no name of a variable`;
}

function dataKeyProblem(text: string): string | undefined {
  const valid = text.length <= 253 && DATA_KEY.test(text) && text !== "." && !text.startsWith("..");
  return valid ? undefined : `${quoted(text)} is no key of a ConfigMap or a Secret`;
}

// Their names are host names, or parts of them ({@link https://kubernetes.io/docs/concepts/overview/working-with-objects/names/}).
const DNS_LABEL_KINDS = new Set(["\nService", "\nNamespace"]);
// A Job's name is a label of its pods. Controllers put something behind it: a CronJob's jobs get eleven characters.
const LONGEST: Readonly<Record<string, number>> = { "batch\nJob": 63, "batch\nCronJob": 52 };

function nameProblem(object: JsonObject): string | undefined {
  const { apiVersion, kind } = identityOf(object);
  const name = isMap(object.metadata) ? object.metadata.name : undefined;
  if (typeof name !== "string") return undefined;
  const group = groupOf(apiVersion);
  // Roles and bindings may have nearly any name, `system:node` among them.
  if (group === "rbac.authorization.k8s.io")
    return /[/%]/.test(name) || name === "." || name === ".." ? `${quoted(name)} is no name of a ${kind}` : undefined;
  const type = `${group}\n${kind}`;
  if (DNS_LABEL_KINDS.has(type)) return dnsLabelProblem(name);
  const longest = ownValue(LONGEST, type) ?? 253;
  return name.length <= longest && isSubdomain(name)
    ? undefined
    : `${quoted(name)} is no name of a ${kind}: at most ${longest} small letters, digits, "-" and ".", with a letter or digit at both ends`;
}

function bytes(text: Json | undefined): number {
  return typeof text === "string" ? Buffer.byteLength(text) : 0;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
