import { tryParseReference } from "../../image/reference";
import type { Json, JsonObject, JsonPath } from "../../json";
import { ownValue } from "../../ownKeys";
import type { SplitFields } from "./foundImage";
import { namesImage, remembered, wordsOf } from "./imageKeys";
import { hasNamespacesAlone, isKnownRegistry } from "./registryHosts";
import { integerText } from "../content/helmYaml";
import { isMap, valueAt } from "../content/valuePaths";

/** A reference whose parts stand in fields of their own; paths are relative to what was searched. */
export interface SplitImage {
  readonly fields: SplitFields;
  readonly reference: string;
  /** It is no image, but a registry or a path in one that names stand behind. */
  readonly standsBefore?: true;
  /** It is a name alone, and one of these fields has the registry before it. */
  readonly behindOneOf?: readonly string[];
}

const REPOSITORIES = ["repository", "imageRepository", "imageRepo", "repo", "baseImage", "image", "imageName", "name"];
const REGISTRIES = ["registry", "imageRegistry"];
/** What stands between registry and repository. */
const NAMESPACES = ["organization", "organisation", "org", "namespace", "project"];
/** The name behind a repository that is only a path. */
const NAMES = ["image", "imageName", "name"];
const TAGS = ["tag", "imageTag", "imageVersion"];
const DIGESTS = ["digest", "imageDigest", "sha", "imageSha", "sha256"];
/**
 * `reloaderImage` and `reloaderImageTag`, `jmxImageRepo` and `jmxImageTag`, `agent_image` and `agent_tag`,
 * `--sidecar-image-repository` and `--sidecar-image-tag`, `PROXY_IMAGE_NAME` and `PROXY_IMAGE_TAG`.
 */
const PREFIXED = /^(.+?)([-_.]?image)?([-_.]?(?:repository|repo|name))?$/i;
/** A key of more than one word that is named for a repository, which need not be an image's. */
const REPOSITORY = /^.+(?:[-_.](?:repository|repo)|Repository|Repo)$/i;
/** Namespaces of a cluster, which stand beside images too. */
const CLUSTER_NAMESPACE = /^(?:default|kube-.*|.*-system)$/;
/** A version that can be a tag, and no word about one. */
const VERSION = /^(?:v?\d[\w.-]*|@?sha(?:256|512):[0-9a-f]+)$/;
/** Keys that say that the map names a chart's or a source's repository instead. */
const OTHER_SOURCES = ["chart", "chartName", "branch", "ref", "revision", "targetRevision", "url", "interval"];

/**
 * The references that a map's fields make: `repository` and `tag`, with `registry`, `image`, `version`, `digest` or `sha`
 * where they stand, and fields of the same beginning (`reloaderImage`, `reloaderImageTag`).
 *
 * A `version` counts as the tag where nothing else can be it: beside a repository and its image, beside a `baseImage` as earlier
 * Prometheus operators have it, beside an image with a path and without a tag. Elsewhere it is the product's version.
 */
export function splitImages(map: JsonObject): SplitImage[] {
  if (OTHER_SOURCES.some((key) => Object.hasOwn(map, key))) return [];
  const plain = plainFields(map);
  const all = [...(plain ? [plain] : []), ...prefixedFields(map)];
  return all.flatMap((fields) => {
    const reference = composeSplit(fields, (path) => textOf(map, String(path[0])));
    // A reference that is whole already needs no sibling.
    if (/\s|:\/\//.test(reference) || (!fields.image && hasSuffix(textOf(map, String(fields.repository[0])))))
      return [];
    return tryParseReference(reference) ? [{ fields, reference }] : [];
  });
}

/** Whether a map may make a reference with what it has at a key: without such a key it makes none, whatever the others are. */
export function mayHoldRepository(map: JsonObject, key: string): boolean {
  // Everything has a name.
  return key === "name" ? textOf(map, key).includes("/") : namesRepositoryField(key);
}

const namesRepositoryField = remembered(
  (key: string): boolean =>
    REPOSITORIES.includes(key) ||
    REGISTRIES.includes(key) ||
    key === "newName" ||
    key === "newTag" ||
    namesImage(key) ||
    REPOSITORY.test(key),
);

/** A `hub` and a `tag` that hold for every image below them. */
interface Hub {
  readonly registry?: JsonPath;
  readonly tag?: JsonPath;
}

/**
 * The references that bare names make with a `hub` and a `tag` further up, as Istio's injector puts them together at run
 * time ({@link https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/#IstioOperatorSpec}).
 */
export function imagesBelowHub(root: Json): SplitImage[] {
  // Nearly nothing has any hub.
  if (!holdsKey(root, "hub")) return [];
  const found: SplitImage[] = [];
  const read = (path: JsonPath): string => fieldText(valueAt(root, path));
  // One for the whole walk: nearly nothing that it passes is found.
  const path: (string | number)[] = [];
  const below = (key: string | number, item: Json, above: Hub): void => {
    path.push(key);
    walk(item, above);
    path.pop();
  };
  const walk = (here: Json, above: Hub): void => {
    if (Array.isArray(here)) here.forEach((item, i) => below(i, item, above));
    if (!isMap(here)) return;
    const registry = /[./]/.test(textOf(here, "hub")) ? { registry: [...path, "hub"] } : undefined;
    const tag = textOf(here, "tag") === "" ? undefined : { tag: [...path, "tag"] };
    const hub: Hub = registry || tag ? { ...above, ...registry, ...tag } : above;
    if (hub.registry && hub.tag && /^[a-z][a-z0-9._-]*$/.test(textOf(here, "image")) && here.image !== "auto") {
      const fields: SplitFields = { registry: hub.registry, repository: [...path, "image"], tag: hub.tag };
      const reference = composeSplit(fields, read);
      if (tryParseReference(reference)) found.push({ fields, reference });
    }
    for (const [key, value] of Object.entries(here)) if (typeof value === "object") below(key, value, hub);
  };
  walk(root, {});
  return found;
}

function holdsKey(here: Json, key: string): boolean {
  if (typeof here !== "object" || here === null) return false;
  if (Array.isArray(here)) return here.some((item) => holdsKey(item, key));
  return Object.hasOwn(here, key) || Object.values(here).some((item) => holdsKey(item, key));
}

function plainFields(map: JsonObject): SplitFields | undefined {
  const kustomized = kustomizedFields(map);
  if (kustomized) return kustomized;
  const repository = filled(map, REPOSITORIES);
  if (!repository) return undefined;
  const path = textOf(map, repository);
  // A host of its own needs none before it.
  const registry = hasKnownHost(path, map) ? undefined : filled(map, REGISTRIES);
  // Everything has a `name`; it is a repository beside a registry, or when it holds a slash, as no object's does.
  if (repository === "name" && registry === undefined && !path.includes("/")) return undefined;
  const namespace = registry !== undefined && !path.includes("/") ? namespaceIn(map, textOf(map, registry)) : undefined;
  const image = repository === "repository" ? nameBehind(map, path) : undefined;
  const digest = present(map, DIGESTS);
  const tag = present(map, TAGS) ?? (isVersioned(map, repository, image) ? "version" : undefined);
  if (tag === undefined && digest === undefined) return undefined;
  return fieldsOf(map, { registry, namespace, repository, image, tag, digest });
}

/** Whether the `version` beside an image is its tag. */
function isVersioned(map: JsonObject, repository: string, image: string | undefined): boolean {
  if (!Object.hasOwn(map, "version")) return false;
  if (image !== undefined) return true;
  if (repository === "baseImage") return textOf(map, "image") === "";
  return repository === "image" && textOf(map, "image").includes("/") && VERSION.test(textOf(map, "version"));
}

/** The key of an organization or a project without which a bare name would be no repository. */
function namespaceIn(map: JsonObject, registry: string): string | undefined {
  if (registry.replace(/(?<!\/)\/+$/, "").includes("/")) return undefined;
  return NAMESPACES.find((key) => {
    const text = textOf(map, key);
    return /^[a-z0-9][a-z0-9._/-]*$/.test(text) && !(key === "namespace" && CLUSTER_NAMESPACE.test(text));
  });
}

/**
 * The key of the name behind a repository that is only a path: `image`, or a `name` where the registry has no image right below
 * its host. Elsewhere a `name` is what the thing is called.
 */
function nameBehind(map: JsonObject, repository: string): string | undefined {
  const [host = "", ...path] = repository.split("/");
  return NAMES.find((key) => {
    const name = textOf(map, key);
    if (name === "" || /[/:]/.test(name)) return false;
    return key !== "name" || (path.length === 1 && path[0] !== name && hasNamespacesAlone(host));
  });
}

/**
 * An image that kustomize puts in place of another, or whose tag it replaces: its `name` is what is looked for, and stays
 * ({@link https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/}).
 */
function kustomizedFields(map: JsonObject): SplitFields | undefined {
  const isRenamed = textOf(map, "newName") !== "";
  if (!isRenamed && (textOf(map, "name") === "" || textOf(map, "newTag") === "")) return undefined;
  const digest = textOf(map, "digest") === "" ? undefined : "digest";
  const tag = textOf(map, "newTag") === "" ? undefined : "newTag";
  if (tag === undefined && digest === undefined) return undefined;
  return fieldsOf(map, { repository: "newName", tag, digest, ...(!isRenamed && { lookedFor: "name" }) });
}

/** Whether a repository begins with a host, or with the very registry that stands beside it. */
function hasKnownHost(repository: string, map: JsonObject): boolean {
  const host = repository.slice(0, Math.max(0, repository.indexOf("/")));
  const registry = filled(map, REGISTRIES);
  return host !== "" && (isKnownRegistry(host) || (registry !== undefined && textOf(map, registry) === host));
}

function prefixedFields(map: JsonObject): SplitFields[] {
  const repositories = Object.keys(map).filter((key) => isRepositoryKey(map, key));
  if (repositories.length === 0) return [];
  const keys = new Map(Object.keys(map).map((key) => [key.toLowerCase(), key]));
  return repositories.flatMap((key) => {
    const [, prefix = "", image = ""] = PREFIXED.exec(key) ?? [];
    const beginnings = [key, `${prefix}${image}`, prefix];
    const sibling = (...words: string[]): string | undefined =>
      beginnings
        .flatMap((start) => words.flatMap((word) => ["", "-", "_", "."].map((joint) => `${start}${joint}${word}`)))
        .map((name) => keys.get(name.toLowerCase()))
        .find((name) => name !== undefined && name !== key && textOf(map, name) !== "");
    const tag = sibling("tag", "version");
    const digest = sibling("digest", "sha");
    if (tag === undefined && digest === undefined) return [];
    const registry = sibling("registry") ?? registryAbove(map, key);
    return [fieldsOf(map, { registry, repository: key, tag, digest })];
  });
}

/**
 * Whether a key of more than one word holds the repository of an image: by its name, or by the host in it where it says no more
 * than `scanner.repository`.
 */
function isRepositoryKey(map: JsonObject, key: string): boolean {
  if (REPOSITORIES.includes(key) || textOf(map, key) === "") return false;
  if (namesImage(key)) return true;
  return REPOSITORY.test(key) && hasHost(textOf(map, key));
}

/**
 * The registry that holds for all names which begin alike, the nearest first: `APP_REGISTRY` and `APP_SIDECAR_CONTAINER_REGISTRY`
 * for `APP_SIDECAR_IMAGE_NAME`.
 */
function registryAbove(map: JsonObject, repository: string): string | undefined {
  if (hasHost(textOf(map, repository))) return undefined;
  const above = wordsOf(repository);
  return Object.keys(map)
    .map((key) => ({
      key,
      words: wordsOf(key)
        .join(" ")
        .replace(/( container| image)? registry$/, "")
        .split(" "),
    }))
    .filter(
      ({ key, words }) =>
        /registry$/i.test(key) &&
        words.length < above.length &&
        words.every((word, i) => word === above[i]) &&
        hasHost(`${textOf(map, key)}/`),
    )
    .sort((a, b) => b.words.length - a.words.length)[0]?.key;
}

/** Whether a reference begins with a host, as the Docker CLI tells one. */
function hasHost(reference: string): boolean {
  return /^(?:localhost|[^/\s.:]*[.:][^/\s]*)\//.test(reference);
}

type FieldNames = { readonly [name in keyof SplitFields]?: string | undefined } & { readonly repository: string };

function fieldsOf(map: JsonObject, names: FieldNames): SplitFields {
  const filled = Object.entries(names).filter(([, key]) => key !== undefined && textOf(map, key) !== "");
  return {
    repository: [names.repository],
    ...Object.fromEntries(filled.map(([name, key]) => [name, [key]])),
  };
}

/** Puts the parts together as Kubernetes pulls them. */
export function composeSplit(fields: SplitFields, read: (path: JsonPath) => string): string {
  const part = (path: JsonPath | undefined): string =>
    path
      ? read(path)
          .trim()
          .replace(/^oci:\/\//, "")
      : "";
  const registry = part(fields.registry).replace(/(?<!\/)\/+$/, "");
  const namespace = part(fields.namespace).replace(/(?<!\/)\/+$/, "");
  const image = part(fields.image);
  const suffix = part(fields.tag).replace(/^[:@]/, "");
  const tag = /^sha(?:256|512):/.test(suffix) ? "" : suffix;
  const digest = part(fields.digest).replace(/^@/, "") || (tag === "" ? suffix : "");
  return [
    registry && `${registry}/`,
    namespace && `${namespace}/`,
    part(fields.repository) || part(fields.lookedFor),
    image && `/${image}`,
    tag && `:${tag}`,
    digest && `@${digest.includes(":") ? digest : `sha256:${digest}`}`,
  ].join("");
}

/** The first key that has a text, or at least stands there, empty. */
function present(map: JsonObject, keys: readonly string[]): string | undefined {
  return (
    filled(map, keys) ??
    keys.find((key) => {
      const value = ownValue(map, key);
      return typeof value === "string" || value === null;
    })
  );
}

function filled(map: JsonObject, keys: readonly string[]): string | undefined {
  return keys.find((key) => textOf(map, key) !== "");
}

function textOf(map: JsonObject, key: string): string {
  return fieldText(ownValue(map, key));
}

/** The text of a field: a number too, since `tag: 3.5` is one; of an argument, what comes after its flag. */
export function fieldText(value: Json | undefined): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string"
    ? integerText(value)
        .trim()
        .replace(/^--?[\w.-]+=/, "")
    : "";
}

/** Whether a reference has a tag or a digest. */
export function hasSuffix(reference: string): boolean {
  return reference.includes("@") || reference.includes(":", reference.lastIndexOf("/") + 1);
}

/** The fields with other paths. */
export function mapFields(fields: SplitFields, map: (path: JsonPath) => JsonPath): SplitFields {
  const entries = Object.entries(fields) as [keyof SplitFields, JsonPath][];
  return { ...fields, ...Object.fromEntries(entries.map(([name, path]) => [name, map(path)])) };
}

/** What the fields are called. */
export function fieldNames(fields: SplitFields): string[] {
  return (Object.values(fields) as JsonPath[]).map((place) => String(place.at(-1)));
}
