import type { Json, JsonObject, JsonPath } from "../../json";
import { isMap } from "../content/valuePaths";
import { isOpenShift } from "../find/openShift";
import { groupOf } from "../render/kubernetesManifest";

/** A pull of an object's controller, and the one secret that the object may name for it. */
export interface PullField {
  /** Of the secret's reference, `{ name }`. */
  readonly field: JsonPath;
  readonly secret?: string;
}

/** What pulls on behalf of an object that has a field of its own for each pull. */
export type Puller = "build" | "flux";

/**
 * The fields for pull secrets of objects of which no pod is made that could have one: builds of OpenShift, and what Flux fetches.
 *
 * @returns undefined for all other objects
 */
export function pullFields(object: JsonObject): { readonly puller: Puller; readonly fields: PullField[] } | undefined {
  const { kind, apiVersion } = object;
  const spec = isMap(object.spec) ? object.spec : {};
  if (isOpenShift(object) && (kind === "BuildConfig" || kind === "Build"))
    return { puller: "build", fields: ofBuild(spec) };
  const group = typeof apiVersion === "string" ? groupOf(apiVersion) : "";
  if (FLUX.has(`${group}/${typeof kind === "string" ? kind : ""}`))
    return { puller: "flux", fields: [fieldAt(spec, ["spec", "secretRef"])] };
  return undefined;
}

/** {@link https://fluxcd.io/flux/components/source/ocirepositories/#secret-reference} */
const FLUX = new Set([
  "source.toolkit.fluxcd.io/OCIRepository",
  "source.toolkit.fluxcd.io/HelmRepository",
  "image.toolkit.fluxcd.io/ImageRepository",
]);

/**
 * What a strategy begins with, and images that content is copied from
 * ({@link https://docs.openshift.com/container-platform/4.16/cicd/builds/creating-build-inputs.html}).
 */
function ofBuild(spec: JsonObject): PullField[] {
  const strategies = Object.entries(isMap(spec.strategy) ? spec.strategy : {}).flatMap(([name, strategy]) => {
    // Without `from` a Dockerfile says what is pulled.
    const pulls = isFromRegistry(strategy) || (name === "dockerStrategy" && isMap(strategy) && !isMap(strategy.from));
    return pulls && isMap(strategy) ? [fieldAt(strategy, ["spec", "strategy", name, "pullSecret"])] : [];
  });
  const images = isMap(spec.source) && Array.isArray(spec.source.images) ? spec.source.images : [];
  const copied = images.flatMap((image, i) =>
    isMap(image) && isFromRegistry(image) ? [fieldAt(image, ["spec", "source", "images", i, "pullSecret"])] : [],
  );
  return [...strategies, ...copied];
}

function fieldAt(holder: JsonObject, field: JsonPath): PullField {
  const reference = holder[field.at(-1) === "secretRef" ? "secretRef" : "pullSecret"];
  const secret = isMap(reference) ? reference.name : undefined;
  return { field, ...(typeof secret === "string" && secret !== "" && { secret }) };
}

function isFromRegistry(holder: Json): boolean {
  return isMap(holder) && isMap(holder.from) && holder.from.kind === "DockerImage";
}
