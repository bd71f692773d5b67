import type { Json, JsonObject, JsonPath } from "../../json";
import { filledContainers } from "./openShift";
import { isMap } from "../content/valuePaths";

/** An image that Kubernetes itself pulls. */
export interface PodImage {
  readonly path: JsonPath;
  readonly text: string;
  /** Name of the container or volume, where it has one. */
  readonly name?: string;
  /** Whether anything is pulled: not for images that the cluster builds or an injector fills in. */
  readonly pulled: boolean;
}

const CONTAINER_LISTS = ["initContainers", "containers", "ephemeralContainers"];

/**
 * Every image of every pod spec inside an object, wherever it stands: a map with a list of containers is one, in
 * workloads and in custom resources alike. Image volumes count
 * ({@link https://kubernetes.io/docs/concepts/storage/volumes/#image}).
 */
export function podImages(object: JsonObject): readonly PodImage[] {
  let found = known.get(object);
  if (!found) known.set(object, (found = search(object)));
  return found;
}

/** Several look for them in the objects of one render, which nobody changes. */
const known = new WeakMap<JsonObject, readonly PodImage[]>();

function search(object: JsonObject): PodImage[] {
  const filled = filledContainers(object);
  const workload = typeof object.apiVersion === "string" && WORKLOAD.test(object.apiVersion);
  const found: PodImage[] = [];
  // One for the whole walk: nearly nothing that it passes is found.
  const path: (string | number)[] = [];
  const below = (key: string | number, item: Json): void => {
    path.push(key);
    walk(item);
    path.pop();
  };
  const walk = (here: Json): void => {
    if (Array.isArray(here)) here.forEach((item, i) => below(i, item));
    if (!isMap(here)) return;
    for (const [key, value] of Object.entries(here)) {
      if (typeof value !== "object") continue;
      if (Array.isArray(value) && (key === "volumes" || CONTAINER_LISTS.includes(key)))
        value.forEach((item, i) => {
          if (!isMap(item)) return;
          const name = typeof item.name === "string" ? item.name : undefined;
          const inner = key === "volumes" && isMap(item.image) ? item.image.reference : undefined;
          const add = (place: JsonPath, text: string): void => {
            const pulled = isPulled(text.trim(), workload) && !filled({ list: key, index: i, name, image: text });
            found.push({ path: [...path, key, i, ...place], text, pulled, name });
          };
          if (key !== "volumes" && typeof item.image === "string") add(["image"], item.image);
          if (typeof inner === "string") add(["image", "reference"], inner);
        });
      below(key, value);
    }
  };
  walk(object);
  return found;
}

/** The groups of Kubernetes' own workloads. */
const WORKLOAD = /^(?:v1|apps\/.*|batch\/.*|extensions\/.*)$/;

/**
 * Injectors fill in `auto` ({@link https://istio.io/latest/docs/setup/additional-setup/gateway/}) and what is left empty, which
 * Kubernetes allows for them; policies have patterns where pods have images. What else is no image is one that no node can pull,
 * which is for others to tell.
 */
function isPulled(text: string, workload: boolean): boolean {
  return text !== "auto" && text !== "" && (workload || !/[*!?|&<>]/.test(text));
}
