import type { Json } from "../../json";
import { leafDifferences, type Difference } from "../compare/differences";
import { parseHelmYamlDocuments, parseYamlAsWritten } from "../content/helmYaml";

/** Texts beyond this are dashboards and bundles, not configuration. */
const MAX_LENGTH = 500_000;

/** Whether a text may hold the parts of an image reference in fields, so that reading it as YAML is worth the while. */
export function mayHoldFields(text: string): boolean {
  return (
    text.length <= MAX_LENGTH &&
    /(?:tag|version|digest|sha)["']?[ \t]*:/i.test(text) &&
    /(?:repo|image)\w*["']?[ \t]*:/i.test(text)
  );
}

/** The YAML or JSON documents of a text; undefined when it is neither (a template, a script, prose). */
export function documentsIn(text: string): Json[] | undefined {
  try {
    const documents = parseHelmYamlDocuments(text);
    return documents.some((document) => typeof document === "object" && document !== null) ? documents : undefined;
  } catch {
    return undefined;
  }
}

/**
 * How two texts differ as YAML or JSON, undefined where one is neither. Another notation of the same value counts, too: the
 * program that reads the text may make another value of it.
 */
export function documentDifferences(before: string, after: string): Difference[] | undefined {
  const nothing = /^\s*(?:null|~|\{\s*\}|\[\s*\])?\s*$/.test(before);
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

/** The text that base64 encodes; undefined when it is none, or encodes something else than text. */
export function decodedText(base64: string): string | undefined {
  const plain = base64.replace(/\s/g, "");
  if (plain.length === 0 || plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return undefined;
  const bytes = Buffer.from(plain, "base64");
  const text = bytes.toString("utf8");
  return !text.includes("\uFFFD") && !bytes.includes(0) ? text : undefined;
}
