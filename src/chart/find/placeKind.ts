import type { JsonObject, JsonPath } from "../../json";

/** What kind of place a path of an object is, for the user: `argument`, `environment`, `config`. */
export function placeKind({ kind }: JsonObject, path: JsonPath): string {
  if (path.includes("annotations")) return "annotation";
  if (path.includes("args") || path.includes("command")) return "argument";
  if (path.includes("env") || path.includes("extraEnv")) return "environment";
  if (kind === "CustomResourceDefinition") return "crdDefault";
  // No pod is made of it: the cluster itself asks the registry.
  if (typeof kind === "string" && kind.startsWith("ImageStream")) return "imageStream";
  return kind === "ConfigMap" || kind === "Secret" ? "config" : "customResource";
}
