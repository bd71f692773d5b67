import { tryParseReference } from "../../image/reference";
import type { Json, JsonObject, JsonPath } from "../../json";
import { isMap, valueAt } from "../content/valuePaths";
import type { SplitFields } from "./foundImage";
import { composeSplit, fieldText, type SplitImage } from "./splitImages";

/** What GitOps controllers pull from registries, its version in a field of its own; paths lead through the object. */
export function ociSources(object: JsonObject): SplitImage[] {
  const group = typeof object.apiVersion === "string" ? object.apiVersion.split("/")[0] : undefined;
  const spec = isMap(object.spec) ? object.spec : {};
  const fields = sourcesOf(`${group}/${typeof object.kind === "string" ? object.kind : ""}`, spec);
  return fields.flatMap((parts) => {
    const reference = composeSplit(parts, (path) => fieldText(valueAt(object, path)));
    return tryParseReference(reference) ? [{ fields: parts, reference }] : [];
  });
}

function sourcesOf(kind: string, spec: JsonObject): SplitFields[] {
  switch (kind) {
    case "source.toolkit.fluxcd.io/OCIRepository":
      return fluxSource(spec);
    // It lists the tags, and a policy elsewhere picks one ({@link https://fluxcd.io/flux/components/image/imagerepositories/}).
    case "image.toolkit.fluxcd.io/ImageRepository":
      return typeof spec.image === "string" ? [{ repository: ["spec", "image"] }] : [];
    case "argoproj.io/Application":
    case "argoproj.io/ApplicationSet":
      return argoSources(spec, ["spec"]);
    default:
      return [];
  }
}

/** A digest wins over a range of versions, and that over a tag ({@link https://fluxcd.io/flux/components/source/ocirepositories/#reference}). */
function fluxSource({ url, ref }: JsonObject): SplitFields[] {
  if (typeof url !== "string" || !isMap(ref)) return [];
  const repository: JsonPath = ["spec", "url"];
  if (typeof ref.digest === "string") return [{ repository, digest: ["spec", "ref", "digest"] }];
  if (typeof ref.semver === "string") return [{ repository }];
  return typeof ref.tag === "string" ? [{ repository, tag: ["spec", "ref", "tag"] }] : [];
}

/** Charts of registries, whose URL has no scheme, and other content of registries, whose URL has `oci` ({@link https://argo-cd.readthedocs.io/en/stable/user-guide/oci/}). */
function argoSources(here: Json, path: JsonPath): SplitFields[] {
  if (Array.isArray(here)) return here.flatMap((item, i) => argoSources(item, [...path, i]));
  if (!isMap(here)) return [];
  const { repoURL, chart, targetRevision } = here;
  const version =
    typeof targetRevision === "string" && EXACT.test(targetRevision) ? { tag: [...path, "targetRevision"] } : {};
  const url: JsonPath = [...path, "repoURL"];
  if (typeof repoURL === "string" && repoURL.startsWith("oci://")) return [{ repository: url, ...version }];
  if (typeof repoURL === "string" && typeof chart === "string" && /^[\w.-]+(?::\d+)?(?:\/|$)/.test(repoURL))
    return [{ registry: url, repository: [...path, "chart"], ...version }];
  return Object.entries(here).flatMap(([key, item]) => argoSources(item, [...path, key]));
}

/** A version, not a range of them. */
const EXACT = /^v?\d+\.\d+\.\d+(?:-[\w.-]+)?$/;
