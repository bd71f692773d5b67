import type { Json } from "../../json";
import { parseYamlAsWritten } from "../content/helmYaml";
import { documentsIn } from "../render/textDocuments";
import { leafDifferences, type Difference } from "./differences";

/**
 * How two texts differ as YAML or JSON, undefined where one is neither. Another notation of the same value counts, too: the
 * program that reads the text may make another value of it.
 */
export function documentDifferences(before: string, after: string): Difference[] | undefined {
  const nothing = /^(?:null|~|\{\s*\}|\[\s*\])?$/.test(before.trim());
  const was = nothing ? [{}] : structuredDocuments(before);
  const is = was && structuredDocuments(after);
  if (!was || !is) return undefined;
  const values = leafDifferences(only(was), only(is));
  const known = new Set(values.map(({ path }) => JSON.stringify(path)));
  const isKnown = ({ path }: Difference): boolean =>
    path.some((_, depth) => known.has(JSON.stringify(path.slice(0, depth)))) || known.has(JSON.stringify(path));
  const written = leafDifferences(only(nothing ? [{}] : parseYamlAsWritten(before)), only(parseYamlAsWritten(after)));
  return [...values, ...written.filter((difference) => !isKnown(difference))];
}

/** The documents of a text that shows by its signs that it holds any: most texts are words. */
function structuredDocuments(text: string): Json[] | undefined {
  return /[\n{[]/.test(text) && /[:{[]/.test(text) ? documentsIn(text) : undefined;
}

/** One document stands for itself, so that what is in it has the same place whether others follow or not. */
function only(documents: Json[]): Json {
  return documents.length === 1 ? (documents[0] as Json) : documents;
}
