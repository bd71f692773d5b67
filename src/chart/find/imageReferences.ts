import type { Json, JsonObject, JsonPath } from "../../json";
import { setOwnValue } from "../../ownKeys";
import { isMap, valueAt } from "../content/valuePaths";
import { schemaDefaults } from "../render/crdDefaults";
import type { Manifest } from "../render/kubernetesManifest";
import { knownResource, prefixFields, type KnownResource } from "./customResources";
import type { FoundImage, ImageSearchContext } from "./foundImage";
import { isRunByContainer, type Evidence } from "./imageEvidence";
import { ImageFindings, type SplitFinding } from "./imageFindings";
import { ociSources } from "./ociSources";
import { openShiftImages } from "./openShift";
import { podImages, type PodImage } from "./podImages";
import { composedImages } from "./imagesBesideRegistry";
import {
  composeSplit,
  fieldNames,
  fieldText,
  hasSuffix,
  imagesBelowHub,
  mapFields,
  type SplitImage,
} from "./splitImages";
import { TextSearch } from "./textImages";
import { dumpedParts, type DumpedParts } from "./valueDump";
import { repositoryName, valueImages } from "./valueImages";

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
    const findings = new ImageFindings(manifest, index, evidence);
    const search = new ObjectSearch(manifest.object, findings, evidence, inDump);
    for (const image of inPods[index] ?? []) search.readContainer(image);
    search.readKnownFields();
    if (manifest.object.kind === "CustomResourceDefinition") search.readDefaults();
    else search.readAll();
    return findings.found;
  });
}

/** Walks one object: its containers, the fields that are known, and every map, list and text in it. */
class ObjectSearch {
  /** Maps that look like a container, though they stand in no list of them: steps of a pipeline, an operator's resource. */
  private readonly containers = new Set<string>();
  private readonly texts: TextSearch;
  private readonly known: KnownResource | undefined;

  constructor(
    private readonly object: JsonObject,
    private readonly findings: ImageFindings,
    private readonly evidence: Evidence,
    inDump: DumpedParts,
  ) {
    this.texts = new TextSearch(object, findings, evidence, inDump);
    this.known = knownResource(object);
  }

  readContainer({ path, text, name, pulled }: PodImage): void {
    if (!pulled) return this.findings.take(path);
    this.findings.addText({
      path,
      text,
      span: { start: 0, end: text.length },
      certainty: "certain",
      why: name ? `container ${name}` : "container",
      evidence: "container",
    });
  }

  /** The fields of kinds that the table of {@link knownResource} knows. */
  readKnownFields(): void {
    const read = (path: JsonPath): string => fieldText(valueAt(this.object, path));
    for (const fields of this.known?.parts ?? []) {
      const written = read(fields.repository);
      if (written === "" || hasSuffix(written)) continue;
      this.takeSplit({ reference: composeSplit(fields, read), fields, holder: fields.repository });
    }
    for (const field of prefixFields(this.object)) this.findings.addPrefix(read(field), field);
  }

  /** Everything but what {@link readContainer} was given. */
  readAll(): void {
    this.readOpenShift();
    this.readPartsApart();
    this.walk(this.object, []);
  }

  /** Of a CRD: whatever an object of that kind leaves out, the API server fills in. */
  readDefaults(): void {
    const maps = new Map<string, { parts: JsonObject; places: Map<string, JsonPath> }>();
    const defaults = [...schemaDefaults(this.object)];
    for (const { field, value, path, holder } of defaults) {
      if (field === undefined || (typeof value !== "string" && typeof value !== "number")) continue;
      const key = JSON.stringify(holder);
      const { parts, places } = maps.get(key) ?? { parts: {}, places: new Map<string, JsonPath>() };
      maps.set(key, { parts, places });
      setOwnValue(parts, field, value);
      places.set(field, path);
    }
    for (const { parts, places } of maps.values()) this.takeParts(parts, places);
    for (const { value, path, field } of defaults) this.walk(value, [...path], field);
  }

  private readOpenShift(): void {
    const { pulled, inCluster } = openShiftImages(this.object);
    for (const path of inCluster) this.findings.take(path);
    for (const { path, text, allTags } of pulled)
      this.findings.addText({
        path,
        text,
        span: { start: 0, end: text.length },
        certainty: "certain",
        why: "DockerImage",
        ...(allTags && { completedAtRunTime: true }),
      });
  }

  /** References whose parts do not stand beside each other. */
  private readPartsApart(): void {
    for (const split of [...imagesBelowHub(this.object), ...ociSources(this.object)])
      this.takeSplit({ ...split, holder: split.fields.repository });
  }

  /** @param path the same list for the whole walk: nearly nothing that it passes is found */
  private walk(here: Json, path: (string | number)[], key?: string): void {
    if (typeof here === "string") this.readText(here, path, key);
    else if (Array.isArray(here)) this.walkList(here, path, key);
    else if (isMap(here)) this.walkMap(here, path);
  }

  private walkMap(map: JsonObject, path: (string | number)[]): void {
    this.readSplits(map, path);
    if (typeof map.image === "string" && CONTAINER_FIELDS.some((field) => Object.hasOwn(map, field)))
      this.containers.add(JSON.stringify(path));
    for (const [key, value] of Object.entries(map)) {
      if (isLabels(key, path) || key === "apiVersion" || /^checksum/i.test(key)) continue;
      // An environment variable's name stands beside its value.
      const name = key === "value" && typeof map.name === "string" ? map.name : key;
      path.push(key);
      this.walk(value, path, name);
      path.pop();
    }
  }

  private walkList(list: readonly Json[], path: (string | number)[], key?: string): void {
    this.readParts(list, path);
    let before: Json | undefined;
    list.forEach((item, i) => {
      // Of two arguments the first may name what the second is: `--executor-image`, `quay.io/...`.
      const flag = typeof before === "string" && /^--?[\w-]+$/.test(before) ? before : undefined;
      path.push(i);
      this.walk(item, path, flag ?? key);
      path.pop();
      before = item;
    });
  }

  private readText(text: string, path: JsonPath, key?: string): void {
    if (!this.texts.mayHold(text, path, key) || this.findings.isTaken(path)) return;
    const inContainer = key === "image" && this.containers.has(JSON.stringify(path.slice(0, -1)));
    this.texts.read(text, { path: [...path], key, inContainer });
  }

  private readSplits(map: JsonObject, path: JsonPath): void {
    for (const { fields, ...rest } of this.composedIn(map, this.known))
      this.takeSplit({ ...rest, fields: mapFields(fields, (relative) => [...path, ...relative]), holder: [...path] });
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
    if (places.size > 0) this.takeParts(parts, places);
  }

  private takeParts(parts: JsonObject, places: ReadonlyMap<string, JsonPath>): void {
    for (const { fields, ...rest } of this.composedIn(parts))
      this.takeSplit({
        ...rest,
        fields: mapFields(fields, ([name]) => places.get(String(name)) as JsonPath),
        holder: fields.repository,
        names: fieldNames(fields),
      });
  }

  private takeSplit(split: SplitFinding): void {
    // Several repositories may share a registry or a tag.
    if (this.findings.isTaken(split.fields.repository)) return;
    if (!this.findings.addSplit(split)) return;
    for (const place of Object.values(split.fields) as JsonPath[]) this.findings.take(place);
  }

  private composedIn(map: JsonObject, known?: KnownResource): SplitImage[] {
    return composedImages(map, (reference) => isRunByContainer(reference, this.evidence), known);
  }
}

function isLabels(key: string, path: JsonPath): boolean {
  return key === "labels" || key === "matchLabels" || (key === "selector" && path.at(-1) === "spec");
}
