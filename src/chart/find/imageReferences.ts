import { tryParseReference } from "../../image/reference";
import type { Json, JsonObject, JsonPath } from "../../json";
import { setOwnValue } from "../../ownKeys";
import type { ImageLocation } from "../../plan/relocationPlan";
import type { Certainty, FoundImage, ImageSearchContext, Span, SplitFields } from "./foundImage";
import { knownResource, takesProductVersion, type KnownResource } from "./customResources";
import { judgeToken, type Evidence } from "./imageEvidence";
import { namesPartOfImage, plainlyNamesImage } from "./imageKeys";
import { bareWord, imageTokens, type ImageToken } from "./imageTokens";
import { identityOf, type Manifest } from "../render/manifest";
import { ociSources } from "./ociSources";
import { openShiftImages } from "./openShift";
import { schemaDefaults } from "../render/crdDefaults";
import { podImages, type PodImage } from "./podImages";
import { composedImages, isRegistryOrPath } from "./sharedRegistry";
import { shellReferences } from "./shellDefaults";
import {
  composeSplit,
  fieldNames,
  fieldText,
  hasSuffix,
  imagesBelowHub,
  mapFields,
  type SplitImage,
} from "./splitImages";
import { decodedText, documentsIn, mayHoldFields, mayShareRegistry } from "../render/textDocuments";
import { dumpedParts, type DumpedParts } from "./valueDump";
import { repositoryName, valueImages } from "./valueImages";
import { isMap, valueAt, valueLeaves, valueMaps } from "../content/valuePaths";

/** Images of which Argo CD's updater picks a tag: what stands there as one is a range ({@link https://argocd-image-updater.readthedocs.io/en/stable/configuration/images/}). */
const UPDATED = "argocd-image-updater.argoproj.io/image-list";

/** What stands beside the image of a container, and hardly beside another one. */
const CONTAINER_FIELDS = ["command", "args", "env", "envFrom", "volumeMounts", "workingDir", "script"];

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
  const inPods = manifests.map(({ object }) => podImages(object));
  const containers = new Map<string, boolean>();
  for (const { text, pulled } of inPods.flat()) {
    const name = pulled ? repositoryName(text.trim()) : undefined;
    if (name !== undefined) containers.set(name, containers.get(name) === true || hasSuffix(text.trim()));
  }
  const listed = new Set((context.listed ?? []).flatMap((reference) => repositoryName(reference) ?? []));
  const evidence: Evidence = { containers, values: valueImages(context.values), listed };
  const inDump = dumpedParts(context.values, containers);
  return manifests.flatMap((manifest, index) => {
    const search = new ObjectSearch(manifest, index, evidence, inDump);
    for (const image of inPods[index] ?? []) search.readContainer(image);
    search.readKnownFields();
    if (manifest.object.kind === "CustomResourceDefinition") search.readDefaults();
    else search.readAll();
    return search.found;
  });
}

class ObjectSearch {
  readonly found: FoundImage[] = [];
  /** Places that are spoken for. */
  private readonly taken = new Set<string>();
  /** Maps that look like a container, though they stand in no list of them: steps of a pipeline, an operator's resource. */
  private readonly containers = new Set<string>();
  private readonly where: Omit<ImageLocation, "path" | "evidence">;

  constructor(
    private readonly manifest: Manifest,
    private readonly index: number,
    private readonly evidence: Evidence,
    private readonly inDump: DumpedParts,
  ) {
    const { hook } = manifest;
    this.where = { ...identityOf(manifest.object), ...(hook !== undefined && { hook }) };
  }

  readContainer({ path, text, name, pulled }: PodImage): void {
    const why = name ? `container ${name}` : "container";
    if (pulled) this.add(path, text, { start: 0, end: text.length }, "certain", "container", why);
    else this.taken.add(JSON.stringify(path));
  }

  /** The fields of kinds that the table of {@link knownResource} knows. */
  readKnownFields(): void {
    const { object } = this.manifest;
    const known = knownResource(object);
    for (const fields of known?.parts ?? []) {
      const reference = composeSplit(fields, (path) => fieldText(valueAt(object, path)));
      const written = fieldText(valueAt(object, fields.repository));
      if (written !== "" && !hasSuffix(written)) this.takeSplit(reference, fields, fields.repository);
    }
    for (const place of placesBelow(object, known)) this.addBelow(fieldText(valueAt(object, place)), place, place);
  }

  /** Everything but what {@link readContainer} was given. */
  readAll(): void {
    this.readOpenShift();
    this.readPartsApart();
    this.walk(this.manifest.object, []);
  }

  /** Of a CRD: whatever an object of that kind leaves out, the API server fills in. */
  readDefaults(): void {
    const maps = new Map<string, { parts: JsonObject; places: Map<string, JsonPath> }>();
    const defaults = [...schemaDefaults(this.manifest.object)];
    for (const { field, value, path, holder } of defaults) {
      if (field === undefined || (typeof value !== "string" && typeof value !== "number")) continue;
      const key = JSON.stringify(holder);
      const { parts, places } = maps.get(key) ?? { parts: {}, places: new Map<string, JsonPath>() };
      maps.set(key, { parts, places });
      setOwnValue(parts, field, value);
      places.set(field, path);
    }
    for (const { parts, places } of maps.values()) this.takeParts(parts, places);
    for (const { value, path, field } of defaults) this.walk(value, path, field);
  }

  private readOpenShift(): void {
    const { pulled, inCluster } = openShiftImages(this.manifest.object);
    for (const path of inCluster) this.taken.add(JSON.stringify(path));
    for (const { path, text, allTags } of pulled)
      this.add(path, text, { start: 0, end: text.length }, "certain", this.kindAt(path), "DockerImage", {
        ...(allTags && { completedAtRunTime: true }),
      });
  }

  /** References whose parts do not stand beside each other. */
  private readPartsApart(): void {
    for (const { fields, reference } of [...imagesBelowHub(this.manifest.object), ...ociSources(this.manifest.object)])
      this.takeSplit(reference, fields, fields.repository);
  }

  private walk(here: Json, path: JsonPath, key?: string): void {
    if (typeof here === "string") this.readText(here, path, key);
    else if (Array.isArray(here)) this.walkList(here, path, key);
    else if (isMap(here)) this.walkMap(here, path);
  }

  private walkMap(map: JsonObject, path: JsonPath): void {
    this.readSplits(map, path);
    if (typeof map.image === "string" && CONTAINER_FIELDS.some((field) => Object.hasOwn(map, field)))
      this.containers.add(JSON.stringify(path));
    for (const [key, value] of Object.entries(map)) {
      if (isLabels(key, path) || key === "apiVersion" || /^checksum/i.test(key)) continue;
      // An environment variable's name stands beside its value.
      const name = key === "value" && typeof map.name === "string" ? map.name : key;
      this.walk(value, [...path, key], name);
    }
  }

  private walkList(list: readonly Json[], path: JsonPath, key?: string): void {
    this.readParts(list, path);
    let before: Json | undefined;
    list.forEach((item, i) => {
      // Of two arguments the first may name what the second is: `--executor-image`, `quay.io/...`.
      const flag = typeof before === "string" && /^--?[\w-]+$/.test(before) ? before : undefined;
      this.walk(item, [...path, i], flag ?? key);
      before = item;
    });
  }

  /** Parts of a reference in arguments or variables of their own: `--agent-image-repository=a/b`, `--agent-image-tag=1`. */
  private readParts(list: readonly Json[], path: JsonPath): void {
    const parts: JsonObject = {};
    const places = new Map<string, JsonPath>();
    list.forEach((item, i) => {
      const [, flag] = typeof item === "string" ? (/^--?([\w.-]+)=/.exec(item) ?? []) : [];
      const variable =
        isMap(item) && typeof item.name === "string" && typeof item.value === "string" ? item.name : undefined;
      const name = flag ?? variable;
      if (name === undefined) return;
      setOwnValue(parts, name, isMap(item) ? (item.value as string) : item);
      places.set(name, [...path, i, ...(isMap(item) ? ["value"] : [])]);
    });
    this.takeParts(parts, places);
  }

  private takeParts(parts: JsonObject, places: ReadonlyMap<string, JsonPath>): void {
    for (const { fields, reference } of this.composed(parts))
      this.takeSplit(
        reference,
        mapFields(fields, ([name]) => places.get(String(name)) as JsonPath),
        fields.repository,
        fieldNames(fields),
      );
  }

  private readSplits(map: JsonObject, path: JsonPath): void {
    for (const { fields, reference } of this.composed(map, this.manifest.object))
      this.takeSplit(
        reference,
        mapFields(fields, (relative) => [...path, ...relative]),
        path,
      );
  }

  /** @param root the object that the map is a part of, when it may be of a kind that is known */
  private composed(map: JsonObject, root?: Json): SplitImage[] {
    const known = isMap(root) ? knownResource(root) : undefined;
    return composedImages(map, this.isPulled).filter(({ fields }) => !takesProductVersion(known, fields));
  }

  private readonly isPulled = (reference: string): boolean =>
    this.evidence.containers.has(repositoryName(reference) ?? "");

  private takeSplit(reference: string, fields: SplitFields, holder: JsonPath, names = fieldNames(fields)): void {
    const places = (Object.values(fields) as JsonPath[]).map((place) => JSON.stringify(place));
    // Several repositories may share a registry or a tag.
    if (this.taken.has(JSON.stringify(fields.repository))) return;
    if (this.addSplit(reference, fields, holder, fields.repository, names))
      for (const place of places) this.taken.add(place);
  }

  /** The references that fields of YAML or JSON inside a text make; returns the texts that are spoken for by that. */
  private readSplitsInText(text: string, path: JsonPath): Set<string> {
    const spoken = new Set<string>();
    const documents = mayHoldFields(text) || mayShareRegistry(text) ? documentsIn(text) : undefined;
    if (!documents) return spoken;
    const take = (fields: SplitFields, reference: string, holder: JsonPath): void => {
      if (spoken.has(fieldText(valueAt(documents, fields.repository))) && !fields.registry) return;
      const dumped = this.inDump(reference, fields, documents);
      if (!dumped && !this.addSplit(reference, fields, holder, path, fieldNames(fields), true)) return;
      for (const place of [fields.repository, fields.registry])
        if (place) spoken.add(fieldText(valueAt(documents, place)));
    };
    documents.forEach((document, i) => {
      for (const place of placesBelow(document, isMap(document) ? knownResource(document) : undefined)) {
        const below = fieldText(valueAt(document, place));
        if (this.addBelow(below, [i, ...place], path, true)) spoken.add(below);
      }
    });
    for (const { path: inner, map } of valueMaps(documents))
      for (const { fields, reference } of this.composed(map, documents[Number(inner[0])]))
        take(
          mapFields(fields, (relative) => [...inner, ...relative]),
          reference,
          inner,
        );
    for (const { fields, reference } of imagesBelowHub(documents)) take(fields, reference, fields.repository);
    return spoken;
  }

  private addSplit(
    reference: string,
    fields: SplitFields,
    holder: JsonPath,
    path: JsonPath,
    names: readonly string[],
    inText = false,
  ): boolean {
    const key = [...holder].reverse().find((step) => typeof step === "string");
    const judgement = judgeToken(
      imageTokens(reference)[0] ?? bareWord(reference, 0),
      { whole: true, split: true, ...(key !== undefined && { key }) },
      this.evidence,
    );
    if (!judgement) return false;
    this.found.push({
      reference,
      location: { ...this.where, path, evidence: this.kindAt(path) },
      certainty: judgement.certainty,
      why: `${judgement.why}, in fields ${names.join(", ")}`,
      manifest: this.index,
      fields,
      ...(inText && { inText }),
      ...(inText && this.isEncoded(path) && { encoded: true }),
      ...(!hasSuffix(reference) && { completedAtRunTime: true }),
    });
    return true;
  }

  /** A registry, or a path in one, that a program of a known kind puts before names. */
  private addBelow(below: string, field: JsonPath, path: JsonPath, inText = false): boolean {
    if (!isRegistryOrPath(below)) return false;
    if (!inText) this.taken.add(JSON.stringify(path));
    this.found.push({
      reference: below,
      location: { ...this.where, path, evidence: this.kindAt(path) },
      certainty: "likely",
      why: `${String(field.at(-1))} stands before the names of images`,
      manifest: this.index,
      fields: { repository: field },
      holdsImages: true,
      ...(inText && { inText }),
      ...(inText && this.isEncoded(path) && { encoded: true }),
    });
    return true;
  }

  private readText(raw: string, path: JsonPath, key?: string): void {
    if (this.taken.has(JSON.stringify(path))) return;
    const text = this.isEncoded(path) ? decodedText(raw) : raw;
    if (text === undefined) return;
    const spoken = this.readSplitsInText(text, path);
    const kind = this.kindAt(path);
    const composed = shellReferences(text);
    const pieces = new Set(composed.flatMap((reference) => reference.pieces.flatMap(placesOf)));
    const tokens: { readonly token: ImageToken; readonly pieces?: readonly Span[] }[] = [
      ...imageTokens(text)
        .filter(({ start }) => !pieces.has(start))
        .map((token) => ({ token })),
      ...composed,
    ];
    const trimmed = text.trim();
    if (tokens.length === 0) {
      if (key === undefined || !plainlyNamesImage(key) || !tryParseReference(trimmed)) return;
      tokens.push({ token: bareWord(trimmed, text.indexOf(trimmed)) });
    }
    for (const { token, pieces } of tokens) {
      const suffix = token.tag !== undefined || token.digest !== undefined;
      if (spoken.has(token.text)) continue;
      const written = token.scheme === undefined ? token.text : `${token.scheme}://${token.text}`;
      const whole = written === trimmed || (token.goesOn && trimmed.startsWith(written));
      const name = token.key ?? (whole ? key : undefined);
      const container = whole && key === "image" && this.containers.has(JSON.stringify(path.slice(0, -1)));
      const judgement = judgeToken(
        token,
        {
          whole: whole || token.quoted || token.key !== undefined,
          ...(name !== undefined && { key: name }),
          container,
        },
        this.evidence,
      );
      if (!judgement) continue;
      // Containers run it with a tag, which is told elsewhere.
      const known = !container && this.evidence.containers.get(repositoryName(token.text) ?? "") === true;
      const part = token.goesOn || key === UPDATED || (!suffix && (known || namesPartOfImage(name)));
      // `image` is Kubernetes' own word, under which no tag means `latest`; Helm and Flux have the version elsewhere, and
      // a default may stand beside fields that have none.
      const named =
        kind !== "crdDefault" && (name === "image" || (kind === "customResource" && token.scheme !== "oci"));
      const tagUntold = !suffix && !part && !container && !named;
      this.add(path, text, token, judgement.certainty, kind, `${kind} ${name ?? key ?? ""}: ${judgement.why}`, {
        ...(part && { completedAtRunTime: true }),
        ...(tagUntold && { tagUntold }),
        ...(pieces && { pieces }),
      });
    }
  }

  private add(
    path: JsonPath,
    text: string,
    { start, end }: Span,
    certainty: Certainty,
    kind: string,
    why: string,
    rest: Pick<FoundImage, "completedAtRunTime" | "tagUntold" | "pieces"> = {},
  ): void {
    this.taken.add(JSON.stringify(path));
    const piece = rest.pieces?.map((part) => text.slice(part.start, part.end)).join("") ?? text.slice(start, end);
    const reference = piece.trim();
    const from = start + piece.indexOf(reference);
    this.found.push({
      reference,
      location: { ...this.where, path, evidence: kind },
      certainty,
      why,
      manifest: this.index,
      ...(reference !== text && !rest.pieces && { span: { start: from, end: from + reference.length } }),
      ...(this.isEncoded(path) && { encoded: true }),
      ...rest,
    });
  }

  private isEncoded(path: JsonPath): boolean {
    const { kind } = this.manifest.object;
    if (path.length !== 2) return false;
    return (path[0] === "data" && kind === "Secret") || (path[0] === "binaryData" && kind === "ConfigMap");
  }

  /** What kind of place it is, for the user. */
  private kindAt(path: JsonPath): string {
    if (path.includes("annotations")) return "annotation";
    if (path.includes("args") || path.includes("command")) return "argument";
    if (path.includes("env") || path.includes("extraEnv")) return "environment";
    const { kind } = this.manifest.object;
    if (kind === "CustomResourceDefinition") return "crdDefault";
    // No pod is made of it: the cluster itself asks the registry.
    if (typeof kind === "string" && kind.startsWith("ImageStream")) return "imageStream";
    return kind === "ConfigMap" || kind === "Secret" ? "config" : "customResource";
  }
}

/** The places of an object that hold what images stand below. */
function placesBelow(object: Json, known: KnownResource | undefined): JsonPath[] {
  if (!known?.below) return [];
  return [...valueLeaves(object)].flatMap(({ path }) => (known.below?.includes(String(path.at(-1))) ? [path] : []));
}

function isLabels(key: string, path: JsonPath): boolean {
  return key === "labels" || key === "matchLabels" || (key === "selector" && path.at(-1) === "spec");
}

function placesOf({ start, end }: Span): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
