import type { Json } from "../json";
import { parseHelmYamlDocuments } from "./helmYaml";

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
