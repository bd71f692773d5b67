import { podImages } from "../chart/find/podImages";
import { isDigest } from "../image/digest";
import { canonicalHost, tryParseReference, type ImageReference } from "../image/reference";
import { isMap, type Json, type JsonObject } from "../json";
import { childOf } from "../ownKeys";
import type { MirrorNames } from "./mirrorNames";
import type { Use } from "./use";

/** What is looked for in objects. */
export interface UseSearch {
  readonly names: MirrorNames;
  /** The repositories of the mirror that are of interest. */
  readonly repositories: ReadonlySet<string>;
}

/**
 * What an object of Kubernetes needs of the mirror: the images of every pod spec in it, those that the status of pods names,
 * and what any other text in it names (operators make pods of arguments, of the environment and of fields of their own).
 *
 * @param why who needs it, in words
 */
export function usesOfObject(object: JsonObject, search: UseSearch, why: string): Use[] {
  const uses: Use[] = [];
  const ofPods = new Set<string>();
  for (const { text } of podImages(object)) {
    ofPods.add(text);
    const reference = tryParseReference(text.trim());
    if (reference)
      for (const repository of search.names.repositoriesOf(reference)) uses.push(pulled(reference, repository, why));
  }
  for (const id of imageIds(object)) {
    const digest = id.slice(id.lastIndexOf("@") + 1).replace(/^[a-z-]+:\/\//, "");
    // Whichever name it was pulled by: of an index or of one image, or the config that Docker calls an image by.
    if (!isDigest(digest)) continue;
    uses.push({ why, digest });
    // It may lie there without a tag, whatever host the node has asked for it.
    const name = lastSegment(id.slice(0, -digest.length - 1));
    for (const repository of search.repositories)
      if (lastSegment(repository) === name) uses.push({ why, repository, digest });
  }
  const texts = new Set(textsOf(object));
  for (const text of ofPods) texts.delete(text);
  uses.push(...usesOfTexts(texts, search, why));
  return uses.filter(({ repository }) => repository === undefined || search.repositories.has(repository));
}

const lastSegment = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A node asks for the digest where there is one, whatever the tag names. */
function pulled({ tag, digest }: ImageReference, repository: string, why: string): Use {
  return digest === undefined ? { why, repository, tag: tag ?? "latest" } : { why, repository, digest };
}

/** What is named without a tag may get any. */
function named({ tag, digest }: Pick<ImageReference, "tag" | "digest">, repository: string, why: string): Use {
  if (digest !== undefined) return { why, repository, digest };
  return tag === undefined ? { why, repository } : { why, repository, tag };
}

/** What texts name in the mirror, as a whole, or as a registry in one text and a repository in another. */
function usesOfTexts(texts: ReadonlySet<string>, { names, repositories }: UseSearch, why: string): Use[] {
  const uses: Use[] = [];
  const { hosts } = names;
  const bareHosts = [...hosts].map((host) => host.replace(/:\d+$/, ""));
  /** What a repository may stand behind: `HOST`, `HOST/PATH`. */
  const prefixes = new Set<string>();
  const parts = new Set(texts);
  for (const text of texts) {
    const lower = text.toLowerCase();
    if (!bareHosts.some((host) => lower.includes(host))) continue;
    // A file of settings, as ConfigMaps have it.
    if (text.includes("\n")) for (const [token] of text.matchAll(TOKEN)) parts.add(token);
    for (const address of addressesIn(text, hosts)) {
      // A host alone would be read as an image, its port as a tag.
      const reference = address.includes("/") ? tryParseReference(address) : undefined;
      const repository = reference && names.inMirror(reference);
      if (reference && repository !== undefined) uses.push(named(reference, repository, why));
      if (reference?.tag === undefined && reference?.digest === undefined) prefixes.add(address);
    }
  }
  if (prefixes.size === 0) return uses;
  const paths = new Map<string, ImageReference[]>();
  for (const text of parts) {
    const reference = text.length <= LONGEST_NAME ? tryParseReference(text.replace(/^\/+/, "")) : undefined;
    if (reference && !reference.hasHost) paths.set(reference.path, [...(paths.get(reference.path) ?? []), reference]);
  }
  for (const repository of repositories)
    for (const address of names.addressesOf(repository))
      for (let slash = address.indexOf("/"); slash >= 0; slash = address.indexOf("/", slash + 1))
        if (prefixes.has(address.slice(0, slash)))
          for (const reference of referencesTo(address.slice(slash + 1), paths))
            uses.push(named(reference, repository, why));
  return uses;
}

/** What names a path as a whole, or its last part where another text names what stands before that. */
function* referencesTo(path: string, paths: ReadonlyMap<string, readonly ImageReference[]>): Generator<ImageReference> {
  yield* paths.get(path) ?? [];
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1))
    if (paths.has(path.slice(0, slash))) yield* paths.get(path.slice(slash + 1)) ?? [];
}

/** What has no character that cannot stand in a reference. */
const TOKEN = /[\w.\-/:@[\]]+/g;

/** Host, path, tag and digest are not longer. */
const LONGEST_NAME = 600;

/** What of a text may be an address at one of some hosts: `https://HOST/PATH`, `--image=HOST/PATH:1`. */
function* addressesIn(text: string, hosts: ReadonlySet<string>): Generator<string> {
  for (const [token] of text.matchAll(TOKEN)) {
    const parts = token.split("/");
    for (const [i, part] of parts.entries()) {
      const host = canonicalHost(part);
      if (!hosts.has(host)) continue;
      const path = parts
        .slice(i + 1)
        .join("/")
        .slice(0, LONGEST_NAME);
      yield withoutEnd([host, path].join("/"));
      break;
    }
  }
}

/** Without the punctuation of the sentence that an address ends. */
function withoutEnd(address: string): string {
  let end = address.length;
  while (end > 0 && "./:@-".includes(address.charAt(end - 1))) end--;
  return address.slice(0, end);
}

/** How the status of pods names what runs: `HOST/PATH@sha256:…`, `docker-pullable://…`, `sha256:…`. */
function* imageIds(object: JsonObject): Generator<string> {
  const status = childOf(object, "status");
  for (const list of ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"]) {
    const statuses = childOf(status, list);
    if (!Array.isArray(statuses)) continue;
    for (const one of statuses) {
      const id = childOf(one, "imageID");
      if (typeof id === "string") yield id;
    }
  }
}

/** Every text of an object but for what it was and what becomes of it: its status, and how it was written. */
function* textsOf(object: JsonObject): Generator<string> {
  const open: Json[] = [];
  const enter = (key: string, value: Json): void => {
    if (key !== "managedFields" && key !== LAST_APPLIED) open.push(value);
  };
  for (const [key, value] of Object.entries(object)) if (key !== "status") enter(key, value);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === "string") yield next;
    else if (Array.isArray(next)) for (const item of next) open.push(item);
    else if (isMap(next)) for (const [key, value] of Object.entries(next)) enter(key, value);
  }
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
