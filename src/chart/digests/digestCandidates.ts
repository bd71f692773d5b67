import type { Json, JsonObject, JsonPath } from "../../json";
import { ownValue } from "../../ownKeys";
import type { Candidate } from "../solve/markers";
import type { TemplateText } from "../content/templateMentions";
import { formatValuePath, isMap, valueAt, valueLeaves, valueMaps } from "../content/valuePaths";

/** A place in the values that may take a digest, and what it becomes with one. */
export interface DigestCandidate {
  readonly place: Candidate;
  /** What is put there. @param digest `sha256:…` */
  readonly text: (digest: string) => string;
}

/** Where candidates are looked for. */
export interface DigestSpace {
  /** The coalesced values, with those that move the images. */
  readonly values: JsonObject;
  /** Paths that templates mention. */
  readonly mentioned: readonly JsonPath[];
  readonly templates: readonly TemplateText[];
  readonly appVersion?: string;
}

/** An image that is to get a digest: `mirror.test/p/web:1.0` is `repository:tag`. */
export interface Tagged {
  readonly target: string;
  readonly tag?: string;
}

/** Texts that hold the whole reference: the digest goes behind it. */
export function wholeCandidates({ values }: DigestSpace, images: readonly Tagged[]): DigestCandidate[] {
  const found: DigestCandidate[] = [];
  for (const { path, value } of valueLeaves(values)) {
    if (value === null) continue;
    for (const { target } of images)
      for (let at = value.indexOf(target); at >= 0; at = value.indexOf(target, at + 1)) {
        const end = at + target.length;
        // `web:1.0` stands in `web:1.0.1` and in `web:1.0@sha256:…`, and is neither.
        if (/^(?:[\w@]|[.-]+\w)/.test(value.slice(end))) continue;
        found.push({ place: piece(path, value, end, end), text: (digest) => `@${digest}` });
      }
  }
  return found;
}

const DIGEST_KEY = /(?:^|image_?|_)(?:digest|sha|sha256)$|Digest$|Sha$|SHA$|Sha256$/i;

/** Keys for a digest, empty or absent: `image.digest`, `image.sha`, `reloader.imageDigest`. */
export function digestKeyCandidates({ values, mentioned, templates }: DigestSpace): DigestCandidate[] {
  const paths: JsonPath[] = [];
  for (const { path, value } of valueLeaves(values))
    if (DIGEST_KEY.test(String(path.at(-1))) && (value === null || value === "")) paths.push(path);
  for (const path of mentioned)
    if (DIGEST_KEY.test(String(path.at(-1))) && valueAt(values, path) === undefined) paths.push(path);
  // Named templates get a map and look into it, so that no path of the values is to be read there.
  const keys = ["digest", "sha"].filter((key) => templates.some(({ text }) => text.includes(`.${key}`)));
  for (const { path, map } of valueMaps(values))
    if (isImageMap(map)) for (const key of keys) if (!Object.hasOwn(map, key)) paths.push([...path, key]);
  return distinct(paths.map((path) => whole(path, valueAt(values, path), (digest) => digest)));
}

/** Tags that may be followed by a digest: `1.0@sha256:…`. */
export function tagCandidates(
  { values, mentioned, appVersion }: DigestSpace,
  images: readonly Tagged[],
): DigestCandidate[] {
  const tags = new Set(images.flatMap(({ tag }) => (tag === undefined ? [] : [tag])));
  const found: DigestCandidate[] = [];
  for (const { path, value } of valueLeaves(values))
    if (value !== null && tags.has(value))
      found.push({ place: piece(path, value, value.length, value.length), text: (digest) => `@${digest}` });
  // Charts take their own version where none is given; only that can be written there and be the same.
  if (appVersion !== undefined && tags.has(appVersion)) {
    const empty = [...valueLeaves(values)].flatMap(({ path, value }) => (value ? [] : [path]));
    for (const path of [...empty, ...mentioned.filter((path) => valueAt(values, path) === undefined)])
      if (/tag$/i.test(String(path.at(-1))))
        found.push(whole(path, valueAt(values, path), (digest) => `${appVersion}@${digest}`));
  }
  return distinct(found);
}

function isImageMap(map: JsonObject): boolean {
  return ["repository", "tag"].some((key) => Object.hasOwn(map, key) && !isMap(ownValue(map, key)));
}

function piece(path: JsonPath, previous: string, start: number, end: number): Candidate {
  return { location: { kind: "value", path, previous }, start, end, form: "bare" };
}

function whole(path: JsonPath, previous: Json | undefined, text: DigestCandidate["text"]): DigestCandidate {
  const length = typeof previous === "string" ? previous.length : 0;
  return { place: { location: { kind: "value", path, previous }, start: 0, end: length, form: "bare" }, text };
}

function distinct(candidates: readonly DigestCandidate[]): DigestCandidate[] {
  const placeOf = ({ place: { location, start } }: DigestCandidate): string =>
    location.kind === "value" ? `${formatValuePath(location.path)} ${start}` : location.file;
  return [...new Map(candidates.map((candidate) => [placeOf(candidate), candidate])).values()];
}
