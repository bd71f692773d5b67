import { tryParseReference } from "../../image/reference";
import type { JsonObject, JsonPath } from "../../json";
import { takesProductVersion, type KnownResource } from "./customResources";
import type { SplitFields } from "./foundImage";
import { namesImage, remembered, wordsOf } from "./imageKeys";
import { isKnownRegistry } from "./registryHosts";
import { composeSplit, fieldText, hasSuffix, mayHoldRepository, splitImages, type SplitImage } from "./splitImages";
import { ownValue } from "../../ownKeys";

/**
 * Every reference that the fields of one map make, in the ways of {@link splitImages} and {@link imagesBesideRegistry}.
 *
 * @param isImage whether a text is itself an image that is pulled
 * @param known what is known of the object that the map is a part of
 */
export function composedImages(
  map: JsonObject,
  isImage: (reference: string) => boolean,
  known?: KnownResource,
): SplitImage[] {
  // Most maps have no key that could be of an image.
  if (!Object.keys(map).some((key) => namesSharedRegistry(key) || mayHoldRepository(map, key))) return [];
  const split = splitImages(map);
  const spoken = new Set(split.flatMap(({ fields }) => Object.values(fields) as JsonPath[]).map((path) => path[0]));
  const beside = imagesBesideRegistry(map, isImage).filter(({ fields }) => !spoken.has(fields.repository[0]));
  return [...split, ...beside].filter(({ fields }) => !takesProductVersion(known, fields));
}

/** `registry`, `IMAGE_REGISTRY`, `repository`, `REPO_URL`, `imageRepository`, `hub`, `image.prefix`, `imagePullPrefix`. */
const SHARED =
  /^(?:(?:system|default|base|container|docker|image|images|global) )*(?:registry|repository|repo|hub|(?:docker|images?)(?: pull)? prefix)(?: (?:url|uri|host|server|prefix|path|base|name))?$/;
const HOST = /^(?:localhost|[^/\s.:]*[.:][^/\s]*)$/;

/**
 * The references that names without host make with the registry or repository beside them, as programs put them together at
 * run time: `REPO_URL: quay.io/team` and `IMAGE: app:1`, `repository` and `agentImage`.
 *
 * Of several registries nobody can tell which one stands before a name: each is what images stand below, and the names have one of
 * them before them.
 *
 * @param isImage whether a text is itself an image that is pulled, so that nothing stands below it
 */
export function imagesBesideRegistry(map: JsonObject, isImage: (reference: string) => boolean): SplitImage[] {
  const text = (key: string): string => fieldText(ownValue(map, key));
  const prefix = (key: string): string => text(key).replace(/(?<!\/)\/+$/, "");
  const shared = Object.keys(map).filter((key) => namesSharedRegistry(key) && isRegistryOrPath(text(key)));
  const [registry] = shared;
  if (registry === undefined || shared.some((key) => isImage(text(key)))) return [];
  const isHost = shared.some((key) => !prefix(key).includes("/"));
  const names = Object.keys(map).filter((key) => {
    const name = text(key);
    if (shared.includes(key) || !namesImage(key) || !/^[a-z0-9]/.test(name) || /[\s=,]/.test(name)) return false;
    // Behind a path a path of its own would be one too many.
    const parsed = tryParseReference(name);
    if (!parsed || parsed.hasHost || isKnownRegistry(parsed.path) || (!isHost && name.includes("/"))) return false;
    return !isImage(name);
  });
  if (names.length === 0) return [];
  const isOne = new Set(shared.map(prefix)).size === 1;
  const before = (isOne ? shared.slice(1) : shared).map((key): SplitImage => ({
    fields: { repository: [key] },
    reference: text(key),
    standsBefore: true,
  }));
  const made = names.flatMap((key): SplitImage[] => {
    if (!isOne) return [{ fields: { repository: [key] }, reference: text(key), behindOneOf: shared }];
    const fields: SplitFields = { registry: [registry], repository: [key] };
    const reference = composeSplit(fields, ([field]) => text(String(field)));
    return tryParseReference(reference) ? [{ fields, reference }] : [];
  });
  return [...before, ...made];
}

/** Whether a key is named as those of a registry, or of a path in one, that stands before the names of images. */
const namesSharedRegistry = remembered((key: string): boolean => SHARED.test(wordsOf(key).join(" ")));

/** Whether a text is a registry's host, alone or with a path behind it, but no image with a tag or a digest. */
export function isRegistryOrPath(text: string): boolean {
  const [host = "", ...path] = text.replace(/\/$/, "").split("/");
  return (
    HOST.test(host) &&
    !hasSuffix(["host", ...path].join("/")) &&
    tryParseReference([host, ...path, "image"].join("/")) !== undefined
  );
}
