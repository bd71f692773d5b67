import type { Json, JsonObject, JsonPath } from "../../json";
import { namespaceOfService } from "../../image/clusterService";
import { tryParseReference } from "../../image/reference";
import { isMap } from "../content/valuePaths";

/** Kinds whose images OpenShift pulls to build from them, or to import them. */
const KINDS = new Set(["BuildConfig", "Build", "ImageStream", "ImageStreamTag", "ImageStreamImport"]);
/** What stands for an image that lies in the cluster, under a name of the cluster's own. */
const STREAMS = new Set(["ImageStreamTag", "ImageStreamImage", "ImageStream"]);
const TRIGGERS = "image.openshift.io/triggers";

/** An image of another registry that OpenShift pulls, or a repository of which it imports all tags. */
export interface OpenShiftSource {
  readonly path: JsonPath;
  readonly text: string;
  /** Every tag of it is imported. */
  readonly allTags: boolean;
}

/** The images that an object of OpenShift names. */
export interface OpenShiftImages {
  readonly pulled: readonly OpenShiftSource[];
  /** Places that look like images and name what lies in the cluster: streams, outputs of builds, triggers. */
  readonly inCluster: readonly JsonPath[];
}

/**
 * Reads `from: { kind: DockerImage, name }` as builds and image streams have it
 * ({@link https://docs.openshift.com/container-platform/4.16/openshift_images/image-streams-manage.html}).
 */
export function openShiftImages(object: JsonObject): OpenShiftImages {
  const pulled: OpenShiftSource[] = [];
  const inCluster: JsonPath[] = [];
  const own = isOpenShift(object);
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
    const { kind, name, dockerImageRepository } = here;
    if (typeof kind === "string" && typeof name === "string" && name.trim() !== "") {
      if (STREAMS.has(kind)) inCluster.push([...path, "name"]);
      else if (kind === "DockerImage" && path.at(-2) === "output") inCluster.push([...path, "name"]);
      else if (kind === "DockerImage")
        pulled.push({ path: [...path, "name"], text: name, allTags: path.at(-2) === "repository" });
    }
    if (own && path.at(-1) === "spec" && typeof dockerImageRepository === "string" && dockerImageRepository !== "")
      pulled.push({ path: [...path, "dockerImageRepository"], text: dockerImageRepository, allTags: true });
    for (const [key, value] of Object.entries(here)) {
      if (key === TRIGGERS) inCluster.push([...path, key]);
      else if (typeof value === "object") below(key, value);
    }
  };
  walk(object);
  return { pulled, inCluster };
}

/** Whether an object's API group is OpenShift's: Shipwright, for one, has kinds of the same names. */
export function isOpenShift({ kind, apiVersion }: JsonObject): boolean {
  return (
    typeof kind === "string" &&
    KINDS.has(kind) &&
    (typeof apiVersion !== "string" || apiVersion === "v1" || /^\w+\.openshift\.io\//.test(apiVersion))
  );
}

/** A container, by its list, its place in it and its name, with the image that the chart gives it. */
interface ListedContainer {
  readonly list: string;
  readonly index: number;
  readonly name: string | undefined;
  readonly image: string;
}

/** Tells of a container whether OpenShift fills in its image before anything is pulled. */
export type FilledContainer = (container: ListedContainer) => boolean;

/**
 * Containers whose image OpenShift fills in from an image stream: triggers name them by name or by index
 * ({@link https://docs.openshift.com/container-platform/4.16/openshift_images/triggering-updates-on-imagestream-changes.html}).
 *
 * A DeploymentConfig waits for that. What Kubernetes itself deploys is started as it is, and changed when the stream has the image:
 * until then, or where there is no OpenShift, an image of another registry is pulled from there.
 */
export function filledContainers(object: JsonObject): FilledContainer {
  const names = new Set<string>();
  const awaited = new Set<string>();
  const places = new Set<string>();
  const annotations = isMap(object.metadata) && isMap(object.metadata.annotations) ? object.metadata.annotations : {};
  const triggers = annotations[TRIGGERS];
  if (typeof triggers === "string") {
    for (const [, name] of triggers.matchAll(/@\.name\s*==\s*\\?["']([^"'\\]+)/g)) if (name) names.add(name);
    for (const [, place] of triggers.matchAll(/\b((?:init|ephemeral)?[cC]ontainers\[\d+\])/g))
      if (place) places.add(place);
  }
  const own = isMap(object.spec) && Array.isArray(object.spec.triggers) ? object.spec.triggers : [];
  for (const trigger of own) {
    const change = isMap(trigger) ? trigger.imageChangeParams : undefined;
    if (!isMap(change) || !Array.isArray(change.containerNames)) continue;
    for (const name of change.containerNames) if (typeof name === "string") awaited.add(name);
  }
  return ({ list, index, name = "", image }) =>
    awaited.has(name) || ((names.has(name) || places.has(`${list}[${index}]`)) && !isOfOtherRegistry(image));
}

/** Whether an image names a registry, and not the cluster's own, which is a service or an address. */
function isOfOtherRegistry(text: string): boolean {
  const reference = tryParseReference(text.trim());
  if (!reference?.hasHost) return false;
  return /[a-z]/i.test(reference.registry) && namespaceOfService(reference.registry) === undefined;
}
