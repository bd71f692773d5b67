import { tryParseReference } from "../../image/reference";
import { isMap, type Json, type JsonObject } from "../../json";
import { ownValue } from "../../ownKeys";
import { CONTAINER_LISTS } from "../admission/podExpressions";

/** An image of a pod spec. */
export interface SpecImage {
  /** The list that it stands in: `containers`, `volumes`, … */
  readonly list: string;
  /** What names it: `init container setup`. */
  readonly container: string;
  readonly name: string;
  readonly image: string;
}

/** The images of a pod spec, as the API server has it. */
export function specImages(spec: Json | undefined): SpecImage[] {
  const containers = CONTAINER_LISTS.flatMap(([list, word]) =>
    itemsOf(spec, list).map((item) => ({ list, word, item, image: item.image })),
  );
  const volumes = itemsOf(spec, "volumes").map((item) => ({
    list: "volumes",
    word: "volume",
    item,
    image: isMap(item.image) ? item.image.reference : undefined,
  }));
  return [...containers, ...volumes].flatMap(({ list, word, item, image }) => {
    const name = textOrEmpty(item.name);
    // Templates say `auto`, or nothing, where a webhook puts the image into their pods.
    if (typeof image !== "string" || image === "" || image === "auto") return [];
    return [{ list, container: `${word} ${name}`, name, image }];
  });
}

/** The spec of the pods that a workload, or a custom resource like one, makes. */
export function templateOf(object: JsonObject): JsonObject | undefined {
  const inner = at(at(at(object, "spec"), "jobTemplate"), "spec") ?? at(object, "spec");
  const spec = at(at(inner, "template"), "spec");
  return isMap(spec) ? spec : undefined;
}

/**
 * The digest that the node says it runs for an image: of the manifest, as far as it was pulled from this repository. Another
 * one may have the same image with another manifest.
 *
 * @param repository canonical: `docker.io/library/nginx`
 */
export function runningDigest(pod: JsonObject, { list, name }: SpecImage, repository: string): string | undefined {
  const statuses = STATUSES.get(list);
  const status = itemsOf(pod.status, statuses ?? "").find((item) => item.name === name);
  // A bare digest is that of the configuration, by which no registry finds an image.
  const pulled = tryParseReference(textOrEmpty(status?.imageID).replace(/^[a-z-]+:\/\//, ""));
  return pulled && `${pulled.registry}/${pulled.repository}` === repository ? pulled.digest : undefined;
}

const STATUSES = new Map([
  ["containers", "containerStatuses"],
  ["initContainers", "initContainerStatuses"],
  ["ephemeralContainers", "ephemeralContainerStatuses"],
]);

export const textOrEmpty = (value: Json | undefined): string => (typeof value === "string" ? value : "");

export function at(value: Json | undefined, key: string): Json | undefined {
  return isMap(value) ? ownValue(value, key) : undefined;
}

export function itemsOf(value: Json | undefined, key: string): JsonObject[] {
  const list = at(value, key);
  return Array.isArray(list) ? list.filter((item) => isMap(item)) : [];
}
