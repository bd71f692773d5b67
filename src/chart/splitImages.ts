import { tryParseReference } from "../image/reference";
import type { JsonObject, JsonPath } from "../json";
import type { SplitFields } from "./foundImage";

/** A reference whose parts stand in fields of their own, relative to the map that holds them. */
export interface SplitImage {
  readonly fields: SplitFields;
  readonly reference: string;
}

const REPOSITORIES = ["repository", "imageRepository", "imageRepo", "repo", "baseImage", "image", "imageName", "name"];
const REGISTRIES = ["registry", "imageRegistry", "hub"];
const TAGS = ["tag", "imageTag", "imageVersion"];
const DIGESTS = ["digest", "imageDigest", "sha", "imageSha", "sha256"];
/** Keys that say that the map names a chart's or a source's repository instead. */
const OTHER_SOURCES = ["chart", "chartName", "branch", "ref", "revision", "targetRevision", "url", "interval"];

/**
 * The reference that a map's fields make, or undefined: `repository` and `tag`, with `registry`, `image`, `version`,
 * `digest` or `sha` where they stand.
 *
 * A `version` counts as the tag only beside both `repository` and `image`: elsewhere it is the product's version, and the
 * image stands whole.
 */
export function splitImage(map: JsonObject): SplitImage | undefined {
  if (OTHER_SOURCES.some((key) => Object.hasOwn(map, key))) return undefined;
  const text = (key: string): string => (typeof map[key] === "string" ? map[key].trim() : "");
  const filled = (keys: readonly string[]): string | undefined => keys.find((key) => text(key) !== "");
  const known = (keys: readonly string[]): string | undefined =>
    filled(keys) ?? keys.find((key) => Object.hasOwn(map, key) && (typeof map[key] === "string" || map[key] === null));

  const registry = filled(REGISTRIES);
  const repository = filled(REPOSITORIES);
  if (!repository) return undefined;
  // `name` is a reference only in the company of a registry.
  if (repository === "name" && registry === undefined) return undefined;
  const image =
    repository === "repository" && text("image") !== "" && !/[/:]/.test(text("image")) ? "image" : undefined;
  const tag = known(TAGS) ?? (image && Object.hasOwn(map, "version") ? "version" : undefined);
  const digest = known(DIGESTS);
  if (tag === undefined && digest === undefined) return undefined;
  const fields: SplitFields = {
    repository: [repository],
    ...(registry !== undefined && { registry: [registry] }),
    ...(image !== undefined && { image: [image] }),
    ...(tag !== undefined && text(tag) !== "" && { tag: [tag] }),
    ...(digest !== undefined && text(digest) !== "" && { digest: [digest] }),
  };
  const reference = composeSplit(fields, (path) => text(String(path[0])));
  // A reference that is whole already needs no sibling.
  if (/[\s]|:\/\//.test(reference) || (!image && hasSuffix(text(repository)))) return undefined;
  return tryParseReference(reference) ? { fields, reference } : undefined;
}

/** Puts the parts together as Kubernetes pulls them. */
export function composeSplit(fields: SplitFields, read: (path: JsonPath) => string): string {
  const part = (path: JsonPath | undefined): string => (path ? read(path).trim() : "");
  const registry = part(fields.registry).replace(/\/+$/, "");
  const image = part(fields.image);
  const tag = part(fields.tag).replace(/^:/, "");
  const digest = part(fields.digest).replace(/^@/, "");
  return [
    registry && `${registry}/`,
    part(fields.repository),
    image && `/${image}`,
    tag && `:${tag}`,
    digest && `@${digest.includes(":") ? digest : `sha256:${digest}`}`,
  ].join("");
}

function hasSuffix(reference: string): boolean {
  return /(@|:[^/]*$)/.test(reference);
}
