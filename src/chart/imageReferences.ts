import type { Json, JsonObject, JsonPath } from "../json";
import { tryParseReference } from "../image/reference";
import type { ImageLocation } from "../plan/relocationPlan";
import type { Certainty, FoundImage, ImageSearchContext } from "./foundImage";
import { judgeToken, type Evidence } from "./imageEvidence";
import { namesImage } from "./imageKeys";
import { imageTokens } from "./imageTokens";
import { identityOf, type Manifest } from "./manifest";
import { podImages } from "./podImages";
import { splitImage } from "./splitImages";
import { repositoryName, valueImages } from "./valueImages";
import { isMap } from "./valuePaths";

/** Kinds that name images which the cluster builds, or which only describe others. */
const BUILDS = new Set(["BuildConfig", "ImageStream", "ImageStreamTag", "Build"]);

/**
 * Finds every image reference of a rendered chart: those of pod specs, and those hidden in arguments, environment
 * values, configuration, annotations and custom resources, whole or in parts.
 *
 * Each finding says where it stands, why it counts and how sure that is; `possible` ones need to be confirmed.
 *
 * @example
 * ```ts
 * const images = findImages(await render(values), { values: settableValues(chart, values) });
 * ```
 */
export function findImages(manifests: readonly Manifest[], context: ImageSearchContext): FoundImage[] {
  const inPods = manifests.map(({ object }) => (BUILDS.has(kindOf(object)) ? [] : podImages(object)));
  const containers = new Set(inPods.flat().flatMap(({ text }) => repositoryName(text.trim()) ?? []));
  const values = valueImages(context.values);
  const evidence: Evidence = { containers, values };
  return manifests.flatMap((manifest, index) => {
    const search = new ObjectSearch(manifest, index, evidence);
    for (const { path, text, name } of inPods[index] ?? [])
      search.add(path, text, 0, text.length, "certain", "container", name ? `container ${name}` : "container");
    if (!BUILDS.has(kindOf(manifest.object))) search.walk(manifest.object, []);
    return search.found;
  });
}

class ObjectSearch {
  readonly found: FoundImage[] = [];
  /** Places that are spoken for. */
  private readonly taken = new Set<string>();
  private readonly where: Omit<ImageLocation, "path" | "evidence">;

  constructor(
    private readonly manifest: Manifest,
    private readonly index: number,
    private readonly evidence: Evidence,
  ) {
    const { hook } = manifest;
    this.where = { ...identityOf(manifest.object), ...(hook !== undefined && { hook }) };
  }

  walk(here: Json, path: JsonPath, key?: string): void {
    if (typeof here === "string") this.readText(here, path, key);
    else if (Array.isArray(here)) this.walkList(here, path, key);
    else if (isMap(here)) this.walkMap(here, path);
  }

  add(path: JsonPath, text: string, start: number, end: number, certainty: Certainty, kind: string, why: string): void {
    this.taken.add(JSON.stringify(path));
    const piece = text.slice(start, end);
    const reference = piece.trim();
    const from = start + piece.indexOf(reference);
    const whole = reference === text;
    this.found.push({
      reference,
      location: { ...this.where, path, evidence: kind },
      certainty,
      why,
      manifest: this.index,
      ...(!whole && { span: { start: from, end: from + reference.length } }),
    });
  }

  private walkMap(map: JsonObject, path: JsonPath): void {
    this.readSplit(map, path);
    for (const [key, value] of Object.entries(map)) {
      if (isLabels(key, path) || key === "apiVersion" || /^checksum/i.test(key)) continue;
      // An environment variable's name stands beside its value.
      const name = key === "value" && typeof map.name === "string" ? map.name : key;
      this.walk(value, [...path, key], name);
    }
  }

  private walkList(list: readonly Json[], path: JsonPath, key?: string): void {
    let before: Json | undefined;
    list.forEach((item, i) => {
      // Of two arguments the first may name what the second is: `--executor-image`, `quay.io/...`.
      const flag = typeof before === "string" && /^--?[\w-]+$/.test(before) ? before : undefined;
      this.walk(item, [...path, i], flag ?? key);
      before = item;
    });
  }

  private readSplit(map: JsonObject, path: JsonPath): void {
    const split = splitImage(map);
    if (!split) return;
    const at = (relative: JsonPath): JsonPath => [...path, ...relative];
    const places = Object.entries(split.fields) as [keyof typeof split.fields, JsonPath][];
    if (places.some(([, place]) => this.taken.has(JSON.stringify(at(place))))) return;
    const token = imageTokens(split.reference)[0];
    const holder = [...path].reverse().find((step) => typeof step === "string");
    const judgement = judgeToken(
      token ?? { start: 0, end: split.reference.length, text: split.reference, path: split.reference },
      { whole: true, split: true, ...(holder !== undefined && { key: holder }) },
      this.evidence,
    );
    if (!judgement) return;
    for (const [, place] of places) this.taken.add(JSON.stringify(at(place)));
    this.found.push({
      reference: split.reference,
      location: { ...this.where, path: at(split.fields.repository), evidence: this.kindAt(path) },
      certainty: judgement.certainty,
      why: `${judgement.why}, in fields ${places.map(([, place]) => place.join(".")).join(", ")}`,
      manifest: this.index,
      fields: Object.fromEntries(places.map(([name, place]) => [name, at(place)])) as unknown as FoundImage["fields"] &
        object,
    });
  }

  private readText(text: string, path: JsonPath, key?: string): void {
    if (this.taken.has(JSON.stringify(path))) return;
    const kind = this.kindAt(path);
    const tokens = imageTokens(text);
    const trimmed = text.trim();
    if (tokens.length === 0 && key !== undefined && namesImage(key) && tryParseReference(trimmed))
      tokens.push({
        start: text.indexOf(trimmed),
        end: text.indexOf(trimmed) + trimmed.length,
        text: trimmed,
        path: trimmed,
      });
    for (const token of tokens) {
      const whole = token.text === trimmed;
      const name = token.key ?? (whole ? key : undefined);
      const judgement = judgeToken(
        token,
        { whole: whole || token.key !== undefined, ...(name !== undefined && { key: name }) },
        this.evidence,
      );
      if (judgement)
        this.add(
          path,
          text,
          token.start,
          token.end,
          judgement.certainty,
          kind,
          `${kind} ${name ?? key ?? ""}: ${judgement.why}`,
        );
    }
  }

  /** What kind of place it is, for the user. */
  private kindAt(path: JsonPath): string {
    const kind = kindOf(this.manifest.object);
    if (path.includes("annotations")) return "annotation";
    if (path.includes("args") || path.includes("command")) return "argument";
    if (path.includes("env") || path.includes("extraEnv")) return "environment";
    if (kind === "ConfigMap" || kind === "Secret") return "config";
    return "customResource";
  }
}

function isLabels(key: string, path: JsonPath): boolean {
  return key === "labels" || key === "matchLabels" || (key === "selector" && path.at(-1) === "spec");
}

function kindOf(object: JsonObject): string {
  return typeof object.kind === "string" ? object.kind : "";
}
