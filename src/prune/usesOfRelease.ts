import { parseHelmYamlDocuments } from "../chart/content/helmYaml";
import { isMap, type Json } from "../json";
import { storedRelease } from "../kubernetes/releaseWatch/helmRelease";
import type { Use } from "./use";
import { usesOfObject, type UseSearch } from "./usesOfObject";

/**
 * What a revision of a release needs that helm keeps in the cluster, hooks among it: helm rolls back to what it has stored.
 *
 * @param text as helm has written it, in base64 as often as the object that holds it has
 * @param where the cluster, for words
 * @throws Error when it cannot be read
 */
export function usesOfRelease(text: string, search: UseSearch, where: string): Use[] {
  const { name, namespace, version, manifest, hooks } = storedRelease(text);
  const why = `revision ${version} of the release ${namespace}/${name} ${where}`;
  const texts = [manifest ?? "", ...(hooks ?? []).map((hook) => hook.manifest ?? "")];
  return texts
    .flatMap((part): Json[] => parseHelmYamlDocuments(part))
    .flatMap((document) => (isMap(document) ? usesOfObject(document, search, why) : []));
}
