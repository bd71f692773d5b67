import type { JsonObject, JsonPath } from "../../json";
import type { ImageLocation } from "../../plan/relocationPlan";
import { isMap, valueAt, valueLeaves } from "../content/valuePaths";
import { identityOf, type Manifest } from "../render/kubernetesManifest";
import { spokenText } from "../render/spokenText";
import { documentsIn, mayShareRegistry } from "../render/textDocuments";
import type { FoundImage } from "./foundImage";
import { isKnownRegistry } from "./registryHosts";
import { remembered, wordsOf } from "./imageKeys";
import { isRegistryOrPath } from "./imagesBesideRegistry";
import { fieldText } from "./splitImages";

/** A registry that stands alone in a render, without an image: a program puts references together with it at run time. */
export interface RegistryMention {
  readonly host: string;
  /** What the chart calls it: `IMAGE_REGISTRY`, `--registry`. */
  readonly key: string;
  /** The manifest's index in the render. */
  readonly manifest: number;
  readonly location: ImageLocation;
  /** The place in the documents of the text at `location.path`, where the registry stands in one. */
  readonly inText?: JsonPath;
}

/**
 * Finds registries alone, under keys that are named for one, in configuration, variables, arguments and custom resources. Those
 * that are parts of an image that was found are left out, and those that are no more than the chart's values shown.
 */
export function registryMentions(
  manifests: readonly Manifest[],
  images: readonly FoundImage[],
  values: JsonObject,
): RegistryMention[] {
  const spoken = new Set(images.flatMap((image) => placesOf(image)));
  const hosts = new Set(images.flatMap(({ reference }) => (reference.includes("/") ? [hostOf(reference)] : [])));
  const isRegistry = (text: string): boolean =>
    isRegistryOrPath(text) &&
    !text.slice(0, -1).includes("/") &&
    (isKnownRegistry(hostOf(text)) || hosts.has(hostOf(text)));
  return manifests.flatMap(({ object, hook }, manifest) => {
    const mention = (host: string, key: string, path: JsonPath, inText?: JsonPath): RegistryMention[] => {
      if (spoken.has(placeOf(manifest, path, inText))) return [];
      const location = { ...identityOf(object), path, evidence: "registry", ...(hook !== undefined && { hook }) };
      return [{ host: hostOf(host), key, manifest, location, inText }];
    };
    return [...valueLeaves(object)].flatMap(({ path, value: written }) => {
      const value = written === null ? undefined : spokenText(object, path, written)?.text;
      // Most texts are words, which are no host and hold none.
      if (value === undefined || !/[.:]|localhost/.test(value)) return [];
      const key = keyOf(object, path);
      const text = fieldText(value);
      if (namesRegistry(key) && isRegistry(text)) return mention(text, key, path);
      const documents = mayShareRegistry(value) ? documentsIn(value) : undefined;
      return [...valueLeaves(documents ?? null)].flatMap(({ path: inner, value: field }) => {
        const name = String(inner.at(-1));
        if (field === null || !namesRegistry(name) || !isRegistry(field)) return [];
        return isShownValue(values, inner, field) ? [] : mention(field, name, path, inner);
      });
    });
  });
}

const OF_REGISTRY =
  /(?:^| )(?:registry|repository|repo|hub)(?: (?:url|uri|host|server|prefix|path|base|name|domain|address))?$/;
const OF_IMAGES = /(?:^| )(?:images?|docker|containers?|pull)(?: pull)? (?:prefix|host|domain|server|url|base|path)$/;

/**
 * Whether a key is named for a registry. More are than those that stand before the names beside them (`quayRepository`,
 * `operandImagePullPrefix`): a known registry's host leaves no doubt of what they are.
 */
const namesRegistry = remembered((key: string): boolean => {
  const words = wordsOf(key).join(" ");
  return OF_REGISTRY.test(words) || OF_IMAGES.test(words);
});

/** Whether a registry alone still stands where it did in another render. */
export function stillMentions({ host, location, inText }: RegistryMention, now: JsonObject): boolean {
  const written = valueAt(now, location.path);
  const text = typeof written === "string" ? spokenText(now, location.path, written)?.text : undefined;
  if (text === undefined) return false;
  const field = inText ? valueAt(documentsIn(text) ?? null, inText) : text;
  return hostOf(fieldText(field)) === host;
}

/** What a text is called: by its key, by the variable's name beside it, by its flag. */
function keyOf(object: JsonObject, path: JsonPath): string {
  const last = path.at(-1);
  const holder = valueAt(object, path.slice(0, -1));
  if (last === "value" && isMap(holder) && typeof holder.name === "string") return holder.name;
  if (typeof last !== "number") return String(last);
  const item = valueAt(object, path);
  return (typeof item === "string" && /^--?([\w.-]+)=/.exec(item)?.[1]) || "";
}

/** A sub-chart shows what stands below its name. */
function isShownValue(values: JsonObject, inner: JsonPath, text: string): boolean {
  const path = inner.slice(1);
  return [[], ...Object.keys(values).map((key) => [key])].some((root) => valueAt(values, [...root, ...path]) === text);
}

function placesOf({ manifest, location, fields, inText }: FoundImage): string[] {
  const parts = Object.values(fields ?? { whole: location.path }) as JsonPath[];
  return parts.map((part) => (inText ? placeOf(manifest, location.path, part) : placeOf(manifest, part)));
}

function placeOf(manifest: number, path: JsonPath, inText?: JsonPath): string {
  return JSON.stringify([manifest, path, inText ?? null]);
}

function hostOf(text: string): string {
  return text.split("/", 1)[0] as string;
}
