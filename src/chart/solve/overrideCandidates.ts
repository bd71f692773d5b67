import { withoutSuffix } from "../../image/reference";
import type { Json, JsonObject, JsonPath } from "../../json";
import { ownValue } from "../../ownKeys";
import type { RequiredReplacement } from "../find/requiredReplacements";
import { mayBeginReference } from "../find/imageTokens";
import type { Candidate, ValueLocation } from "./markers";
import { dependsOnUnknown } from "../content/unknownValues";
import { isMap, valueAt, valueLeaves, valueMaps } from "../content/valuePaths";

/** Where candidates are looked for. */
export interface CandidateSpace {
  /** The coalesced values, the user's among them. */
  readonly values: JsonObject;
  /** Paths that templates mention, below the root of the values. */
  readonly mentioned: readonly JsonPath[];
  /** Those of them that stand on lines about an image. */
  readonly besideImages: () => readonly JsonPath[];
}

const REGISTRY_KEY =
  /(registry|registries|registry_?(url|host|name|server)|hub|(image|repo(sitory)?|registry)_?prefix)$/i;
const REPOSITORY_KEY = /(image|repository|repo|image_?name|images?)$/i;
const NAMING_KEY = /(image|repo|name|container|path|org|namespace|prefix|hub|registry)/i;
// Whatever else templates look for around an image may be a way to name it: `image.override`, `customImage.uri`.
const AROUND_IMAGES = /image|registr|repositor/i;
const OTHER_KEY =
  /(tags?|digest|sha|sha256|versions?|policy|secrets?|enabled?|create|debug|args?|commands?|users?|groups?|ports?|types?|size|annotations|labels|resources|passwords?|username|email|override_?name|insecure|mirrors?|credentials?|config|settings)$/i;
const IMAGE_MAP_KEYS = ["repository", "tag", "pullPolicy", "imagePullPolicy", "registry", "digest", "image"];

/**
 * Candidates that hold a host or stand for one, and whole paths of references without host.
 *
 * They need no guess: each shows its piece of a reference that the chart really renders, or is a registry left empty.
 * They come in two steps. Hosts and global registries go first, before the empty registries of single images that would
 * hide them: people set one shared value rather than twenty.
 */
export function obviousCandidates(space: CandidateSpace): ((wanted: readonly RequiredReplacement[]) => Candidate[])[] {
  const globals = space.mentioned
    .filter((path) => path[0] === "global" && REGISTRY_KEY.test(lastKey(path)) && isFree(space.values, path))
    .map((path) => empty(path, undefined, "bare"));
  const single: Candidate[] = [];
  for (const { path, value } of valueLeaves(space.values)) {
    if ((value !== null && value !== "") || !REGISTRY_KEY.test(lastKey(path)) || !insideMaps(path)) continue;
    (path[0] === "global" ? globals : single).push(empty(path, value, "bare"));
  }
  return [
    (wanted) => distinct([...globals, ...hostCandidates(space.values, wanted)]),
    (wanted) => distinct([...single, ...pathCandidates(space.values, wanted)]),
  ];
}

/** Candidates that need a guess: paths of references that have a host, empty places, and places that only templates know. */
export function guessedCandidates(space: CandidateSpace, wanted: readonly RequiredReplacement[]): Candidate[] {
  const found: Candidate[] = [];
  for (const { path, value } of valueLeaves(space.values)) {
    const key = lastKey(path);
    if ((value !== null && value !== "") || !insideMaps(path)) continue;
    if (mayNameImage(path, key) || (key === "name" && isImageMap(valueAt(space.values, path.slice(0, -1)))))
      found.push(empty(path, value, "whole"));
  }
  const hosts = [...new Set(wanted.map((w) => hostOf(w)).filter((host) => host !== undefined))];
  for (const { path, value } of textLeaves(space.values)) {
    const host = hosts.find((h) => value.startsWith(`${h}/`));
    if (host && !/\s/.test(value)) found.push(hostAt(path, value, 0, host));
    else if (value.includes("{{") || wanted.some(({ source }) => withoutSuffix(value) === source.path))
      if (NAMING_KEY.test(lastKey(path)) || value.includes("/"))
        found.push({ location: location(path, value), start: 0, end: 0, form: "prefix" });
  }
  for (const path of space.mentioned)
    if (isFree(space.values, path)) {
      const key = lastKey(path);
      if (REGISTRY_KEY.test(key)) found.push(empty(path, undefined, "bare"));
      else if (mayNameImage(path, key)) found.push(empty(path, undefined, "whole"));
    }
  for (const path of space.besideImages()) {
    const value = valueAt(space.values, path);
    if ((value === null || value === "" || isFree(space.values, path)) && !isOtherKey(lastKey(path)))
      found.push(empty(path, value, "whole"));
  }
  for (const { path, map } of valueMaps(space.values)) {
    if (isKustomized(map)) found.push(empty([...path, "newName"], ownValue(map, "newName"), "whole"));
    if (!isImageMap(map) || !insideMaps(path)) continue;
    for (const key of ["registry", "repository"])
      if (!Object.hasOwn(map, key)) found.push(empty([...path, key], undefined, key === "registry" ? "bare" : "whole"));
  }
  return distinct(found);
}

/** Candidates whose value is the first part of a reference: what is left when nothing names itself. */
export function segmentCandidates(space: CandidateSpace, wanted: readonly RequiredReplacement[]): Candidate[] {
  const found: Candidate[] = [];
  for (const { path, value } of textLeaves(space.values)) {
    if (value.length < 2 || /\s/.test(value)) continue;
    const text = withoutSuffix(value).replace(/\/$/, "");
    if (wanted.some(({ source }) => startsPath(source.path, text)))
      found.push({ location: location(path, value), start: 0, end: 0, form: "prefix" });
  }
  return distinct(found);
}

/** Candidates for what stands behind a host that is right already: paths, or parts of them. */
export function restCandidates(space: CandidateSpace, wanted: readonly RequiredReplacement[]): Candidate[] {
  return textLeaves(space.values).flatMap(({ path, value }) => {
    if (!NAMING_KEY.test(lastKey(path)) && !value.includes("/")) return [];
    const text = `/${withoutSuffix(value).replace(/\/$/, "")}`;
    const isPart = wanted.some(({ source }) => startsPath(source.path, text.slice(1)) || holdsPart(source.path, text));
    return isPart ? [{ location: location(path, value), start: 0, end: 0, form: "prefix" }] : [];
  });
}

/** Whether a path has these segments, with a slash before them, somewhere behind its first. */
function holdsPart(path: string, segments: string): boolean {
  return path.endsWith(segments) || path.includes(`${segments}/`);
}

function isOtherKey(key: string): boolean {
  return OTHER_KEY.test(key) || /(?<!\w)(?=\w*scan)\w+$/i.test(key);
}

function mayNameImage(path: JsonPath, key: string): boolean {
  if (REPOSITORY_KEY.test(key)) return true;
  if (REGISTRY_KEY.test(key)) return false;
  return !isOtherKey(key) && path.some((part) => AROUND_IMAGES.test(String(part)));
}

/** Hosts of references, wherever they stand in values: alone, before a path, inside a long text. */
function hostCandidates(values: JsonObject, wanted: readonly RequiredReplacement[]): Candidate[] {
  const paths = new Map<string, string[]>();
  for (const replacement of wanted) {
    const host = hostOf(replacement);
    if (host === undefined) continue;
    const known = paths.get(host);
    if (known) known.push(replacement.source.path);
    else paths.set(host, [replacement.source.path]);
  }
  return textLeaves(values).flatMap(({ path, value }) =>
    [...paths].flatMap(([host, known]) =>
      hostPlaces(value, host, known).map((start) => hostAt(path, value, start, host)),
    ),
  );
}

function hostAt(path: JsonPath, value: string, start: number, host: string): Candidate {
  return { location: location(path, value), start, end: start + host.length, form: "host" };
}

function hostPlaces(value: string, host: string, known: readonly string[]): number[] {
  if (value === host || value === `${host}/`) return [0];
  const found: number[] = [];
  for (let at = value.indexOf(host); at >= 0; at = value.indexOf(host, at + 1)) {
    // A brace ends the default of a shell's variable, behind which the path stands.
    if (!/[/}]/.test(value[at + host.length] ?? "") || !mayBeginReference(value, at)) continue;
    const text =
      value[at + host.length] === "/" ? (/^[^\s"'`,;|<>()\\]*/.exec(value.slice(at + host.length + 1))?.[0] ?? "") : "";
    const name = withoutSuffix(text).replace(/\/$/, "");
    if (text.includes("{{") || known.some((path) => path.startsWith(name) || name.startsWith(path))) found.push(at);
  }
  return found;
}

/** Whole paths of references that have no host. */
function pathCandidates(values: JsonObject, wanted: readonly RequiredReplacement[]): Candidate[] {
  const sources = wanted.map(({ source }) => source).filter((source) => !source.hasHost);
  if (sources.length === 0) return [];
  const names = new Set(sources.map((source) => source.path));
  const texts = new Set(
    sources.map((source) => source.path + (source.tag ? `:${source.tag}` : source.digest ? `@${source.digest}` : "")),
  );
  return textLeaves(values).flatMap(({ path, value }) => {
    const prefix = (start: number): Candidate => ({
      location: location(path, value),
      start,
      end: start,
      form: "prefix",
    });
    if (!/\s/.test(value)) {
      const naming = NAMING_KEY.test(lastKey(path)) || /[/:]/.test(value);
      if (naming && names.has(withoutSuffix(value))) return [prefix(0)];
      if (!/[=,]/.test(value)) return [];
    }
    // Only a path with a slash, its tag or its digest is plain enough to be an image in the midst of other text.
    return [...texts].filter((text) => /[:/]/.test(text)).flatMap((text) => textPlaces(value, text).map(prefix));
  });
}

function textPlaces(value: string, text: string): number[] {
  const found: number[] = [];
  for (let at = value.indexOf(text); at >= 0; at = value.indexOf(text, at + text.length)) {
    if (!mayBeginReference(value, at)) continue;
    if (!/[\w/-]/.test(value[at + text.length] ?? " ")) found.push(at);
  }
  return found;
}

/** Texts that may name an image. What overrides a name makes names of objects, though it often equals an image's. */
function textLeaves(values: JsonObject): { path: JsonPath; value: string }[] {
  return [...valueLeaves(values)].flatMap(({ path, value }) =>
    value === null || value === "" || dependsOnUnknown(value) || /name_?override$/i.test(lastKey(path))
      ? []
      : [{ path, value }],
  );
}

function hostOf({ source, name }: RequiredReplacement): string | undefined {
  return source.hasHost ? name.slice(0, name.indexOf("/")) : undefined;
}

/** Whether a text is the beginning of a path, at a boundary that charts compose names at. */
function startsPath(path: string, text: string): boolean {
  return path.startsWith(text) && (path.length === text.length || /[/_.-]/.test(path[text.length] as string));
}

function isImageMap(value: Json | undefined): boolean {
  if (!isMap(value)) return false;
  return IMAGE_MAP_KEYS.filter((key) => Object.hasOwn(value, key) && !isMap(ownValue(value, key))).length >= 2;
}

/** Whether kustomize looks for a name and puts another tag behind it. */
function isKustomized(map: JsonObject): boolean {
  const text = (key: string): Json => ownValue(map, key) ?? "";
  return text("name") !== "" && text("newTag") !== "" && text("newName") === "";
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

function location(path: JsonPath, previous: Json | undefined): ValueLocation {
  return { kind: "value", path, previous };
}

function empty(path: JsonPath, previous: Json | undefined, form: "bare" | "whole"): Candidate {
  return { location: location(path, previous), start: 0, end: 0, form };
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  const byPlace = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const place = JSON.stringify([(candidate.location as ValueLocation).path, candidate.start]);
    if (!byPlace.has(place)) byPlace.set(place, candidate);
  }
  return [...byPlace.values()];
}
