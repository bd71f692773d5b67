import { tryParseReference } from "../../image/reference";
import type { JsonObject } from "../../json";
import { namesImage, plainlyNamesImage } from "./imageKeys";
import { isKnownRegistry } from "./registryHosts";
import { splitImages } from "./splitImages";
import { formatValuePath, valueLeaves, valueMaps } from "../content/valuePaths";

/** The images that a chart's values name: a rendered text that equals one of them is one. */
export interface ValueImages {
  /** The value path that names this repository (`host/path`, canonical), if any does. */
  readonly pathOf: (repository: string) => string | undefined;
}

/** Collects the repositories that values name, whole or in parts. */
export function valueImages(values: JsonObject): ValueImages {
  const paths = new Map<string, string>();
  const add = (reference: string, path: readonly (string | number)[]): void => {
    const name = repositoryName(reference);
    if (name !== undefined && !paths.has(name)) paths.set(name, formatValuePath(path));
  };
  for (const { path, map } of valueMaps(values)) {
    for (const split of splitImages(map)) add(split.reference, [...path, ...split.fields.repository]);
  }
  for (const { path, value } of valueLeaves(values)) {
    if (!value || /\s/.test(value)) continue;
    const reference = tryParseReference(value);
    if (!reference) continue;
    const key = [...path].reverse().find((step) => typeof step === "string") ?? "";
    const parent = path.at(-2);
    const inImage = typeof parent === "string" && plainlyNamesImage(parent) && /^(repository|repo|name|ref)$/.test(key);
    const telling = reference.hasHost || value.includes("/") || reference.tag !== undefined;
    const named = plainlyNamesImage(key) || inImage || (telling && namesImage(key));
    if (named || (reference.hasHost && isKnownRegistry(reference.registry) && reference.path !== "")) add(value, path);
  }
  return { pathOf: (repository) => paths.get(repository) };
}

/** A reference's canonical `host/path`; undefined when the text is none. */
export function repositoryName(text: string): string | undefined {
  const reference = tryParseReference(text);
  return reference && `${reference.registry}/${reference.repository}`;
}
