import type { Json, JsonObject, JsonPath } from "../json";
import type { Goal } from "./goals";
import type { Candidate, ValueSite } from "./markers";
import { dependsOnUnknown } from "./unknownValues";
import { isMap, valueAt, valueLeaves, valueMaps } from "./valuePaths";

/** Where candidates are looked for. */
export interface CandidateSpace {
  /** The coalesced values, the user's among them. */
  readonly values: JsonObject;
  /** Paths that templates mention, below the root of the values. */
  readonly mentioned: readonly JsonPath[];
}

const REGISTRY_KEY =
  /(registry|registries|registry_?(url|host|name|server)|hub|(image|repo(sitory)?|registry)_?prefix)$/i;
const REPOSITORY_KEY = /(image|repository|repo|image_?name|images?)$/i;
const NAMING_KEY = /(image|repo|name|container|path|org|namespace|prefix|hub|registry)/i;
// Whatever else templates look for around an image may be a way to name it: `image.override`, `customImage.uri`.
const AROUND_IMAGES = /image|registr|repositor/i;
const OTHER_KEY =
  /(tags?|digest|sha|sha256|versions?|policy|secrets?|enabled?|create|debug|args?|commands?|users?|groups?|ports?|types?|size|annotations|labels|resources|passwords?|username|email|override_?name|insecure|mirrors?|scan\w*|credentials?|config|settings)$/i;
const IMAGE_MAP_KEYS = ["repository", "tag", "pullPolicy", "imagePullPolicy", "registry", "digest", "image"];

/**
 * Candidates that hold a host or stand for one, and whole paths of references without host.
 *
 * They need no guess: each shows its piece of a reference that the chart really renders, or is a registry left empty.
 */
export function obviousCandidates(space: CandidateSpace, wanted: readonly Goal[]): Candidate[] {
  const hosts = [...new Set(wanted.map((w) => hostOf(w)).filter((host) => host !== undefined))];
  const found: Candidate[] = [];
  for (const { path, value } of valueLeaves(space.values)) {
    const key = lastKey(path);
    if (value === null || value === "") {
      if (REGISTRY_KEY.test(key) && insideMaps(path)) found.push(empty(path, value, "bare"));
      continue;
    }
    if (dependsOnUnknown(value)) continue;
    const hosted = hostCandidates(path, value, hosts, wanted);
    if (hosted.length > 0) found.push(...hosted);
    else found.push(...pathCandidates(path, value, wanted, key));
  }
  for (const path of space.mentioned)
    if (path[0] === "global" && REGISTRY_KEY.test(lastKey(path)) && isFree(space.values, path))
      found.push(empty(path, undefined, "bare"));
  return distinct(found);
}

/** Candidates that need a guess: paths of references that have a host, empty places, and places that only templates know. */
export function guessedCandidates(space: CandidateSpace, wanted: readonly Goal[]): Candidate[] {
  const found: Candidate[] = [];
  const hosts = [...new Set(wanted.map((w) => hostOf(w)).filter((host) => host !== undefined))];
  for (const { path, value } of valueLeaves(space.values)) {
    const key = lastKey(path);
    if (value === null || value === "") {
      if (!insideMaps(path)) continue;
      if (REGISTRY_KEY.test(key)) found.push(empty(path, value, "bare"));
      else if (mayNameImage(path, key) || (key === "name" && isImageMap(valueAt(space.values, path.slice(0, -1)))))
        found.push(empty(path, value, "whole"));
      continue;
    }
    if (dependsOnUnknown(value)) continue;
    const host = hosts.find((h) => value.startsWith(`${h}/`) || value === h);
    if (host && !/\s/.test(value)) found.push({ site: site(path, value), start: 0, end: host.length, form: "host" });
    else if (wanted.some(({ source }) => withoutSuffix(value) === source.path || value.includes("{{")))
      if (NAMING_KEY.test(key) || value.includes("/"))
        found.push({ site: site(path, value), start: 0, end: 0, form: "prefix" });
  }
  for (const path of space.mentioned)
    if (isFree(space.values, path)) {
      const key = lastKey(path);
      if (REGISTRY_KEY.test(key)) found.push(empty(path, undefined, "bare"));
      else if (mayNameImage(path, key)) found.push(empty(path, undefined, "whole"));
    }
  for (const { path, map } of valueMaps(space.values)) {
    if (!isImageMap(map) || !insideMaps(path)) continue;
    for (const key of ["registry", "repository"])
      if (!Object.hasOwn(map, key)) found.push(empty([...path, key], undefined, key === "registry" ? "bare" : "whole"));
  }
  return distinct(found);
}

/** Candidates whose value is the first part of a reference: what is left when nothing names itself. */
export function segmentCandidates(space: CandidateSpace, wanted: readonly Goal[]): Candidate[] {
  const found: Candidate[] = [];
  for (const { path, value } of valueLeaves(space.values)) {
    if (value === null || value.length < 2 || /\s/.test(value) || dependsOnUnknown(value)) continue;
    const text = withoutSuffix(value).replace(/\/$/, "");
    if (wanted.some(({ source }) => startsPath(source.path, text)))
      found.push({ site: site(path, value), start: 0, end: 0, form: "prefix" });
  }
  return distinct(found);
}

function mayNameImage(path: JsonPath, key: string): boolean {
  if (REPOSITORY_KEY.test(key)) return true;
  return !OTHER_KEY.test(key) && path.some((part) => AROUND_IMAGES.test(String(part)));
}

function hostCandidates(path: JsonPath, value: string, hosts: readonly string[], wanted: readonly Goal[]): Candidate[] {
  const found: Candidate[] = [];
  for (const host of hosts) {
    if (value === host || value === `${host}/`) {
      found.push({ site: site(path, value), start: 0, end: host.length, form: "host" });
      continue;
    }
    const names = wanted.filter((w) => hostOf(w) === host).map((w) => w.source.path);
    for (let at = value.indexOf(`${host}/`); at >= 0; at = value.indexOf(`${host}/`, at + 1)) {
      if (at > 0 && /[\w./:@-]/.test(value[at - 1] as string)) continue;
      const text = /^[^\s"'`,;|<>()\\]*/.exec(value.slice(at + host.length + 1))?.[0] ?? "";
      const name = withoutSuffix(text).replace(/\/$/, "");
      if (text.includes("{{") || names.some((known) => known.startsWith(name) || name.startsWith(known)))
        found.push({ site: site(path, value), start: at, end: at + host.length, form: "host" });
    }
  }
  return found;
}

function pathCandidates(path: JsonPath, value: string, wanted: readonly Goal[], key: string): Candidate[] {
  const own = wanted.filter(({ source }) => !source.hasHost);
  if (own.length === 0) return [];
  if (!/\s/.test(value)) {
    const name = withoutSuffix(value);
    const naming = NAMING_KEY.test(key) || value.includes("/") || value.includes(":");
    if (naming && own.some(({ source }) => source.path === name))
      return [{ site: site(path, value), start: 0, end: 0, form: "prefix" }];
    if (!value.includes("=") && !value.includes(",")) return [];
  }
  // Only a path with a slash and its tag is plain enough to be an image in the midst of other text.
  const found: Candidate[] = [];
  for (const { source } of own) {
    const text = source.path + (source.tag ? `:${source.tag}` : "");
    if (!text.includes(":") && !text.includes("/")) continue;
    for (let at = value.indexOf(text); at >= 0; at = value.indexOf(text, at + text.length)) {
      if (at > 0 && /[\w./:@-]/.test(value[at - 1] as string)) continue;
      if (/[\w/-]/.test(value[at + text.length] ?? " ")) continue;
      found.push({ site: site(path, value), start: at, end: at, form: "prefix" });
    }
  }
  return found;
}

function hostOf({ source, name }: Goal): string | undefined {
  return source.hasHost ? name.slice(0, name.indexOf("/")) : undefined;
}

/** Whether a text is the beginning of a path, at a boundary that charts compose names at. */
function startsPath(path: string, text: string): boolean {
  return path.startsWith(text) && (path.length === text.length || /[/_.-]/.test(path[text.length] as string));
}

function withoutSuffix(text: string): string {
  return text.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

function isImageMap(value: Json | undefined): boolean {
  if (!isMap(value)) return false;
  return IMAGE_MAP_KEYS.filter((key) => Object.hasOwn(value, key) && !isMap(value[key])).length >= 2;
}

function lastKey(path: JsonPath): string {
  return String(path.findLast((key) => typeof key === "string") ?? "");
}

function insideMaps(path: JsonPath): boolean {
  return path.every((key) => typeof key === "string");
}

/** Whether a value can be set at a path: nothing stands there, and everything above it is a map or nothing. */
function isFree(values: JsonObject, path: JsonPath): boolean {
  for (let depth = 1; depth < path.length; depth++) {
    const above = valueAt(values, path.slice(0, depth));
    if (above === undefined || above === null) continue;
    if (!isMap(above)) return false;
  }
  const here = valueAt(values, path);
  return here === undefined;
}

function site(path: JsonPath, previous: Json | undefined): ValueSite {
  return { kind: "value", path, previous };
}

function empty(path: JsonPath, previous: Json | undefined, form: "bare" | "whole"): Candidate {
  return { site: site(path, previous), start: 0, end: 0, form };
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  const byPlace = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const place = JSON.stringify([(candidate.site as ValueSite).path, candidate.start]);
    if (!byPlace.has(place)) byPlace.set(place, candidate);
  }
  return [...byPlace.values()];
}
