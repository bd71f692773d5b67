import { gunzipSync } from "node:zlib";
import type { Json } from "../../json";
import { parseHelmYamlDocuments } from "../content/helmYaml";
import { YamlBudget } from "../content/yamlBudget";

/** Texts beyond this are dashboards and bundles, not configuration. */
const MAX_LENGTH = 500_000;

/** Whether a text may hold the parts of an image reference in fields, so that reading it as YAML is worth the while. */
export function mayHoldFields(text: string): boolean {
  return (
    text.length <= MAX_LENGTH &&
    /(?:tag|version|digest|sha)["']?[ \t]*:/i.test(text) &&
    /(?<!\w)(?=\w*(?:repo|image))\w+["']?[ \t]*:/i.test(text)
  );
}

/** Whether a text may hold a registry, or a path in one, in a field of its own. */
export function mayShareRegistry(text: string): boolean {
  return (
    text.length <= MAX_LENGTH &&
    /(?:registry|repository|repo|hub|url|prefix)["']?[ \t]*:[ \t]*["']?(?!\w{1,20}:\/\/)[\w-]{1,255}[.:][\w.:/-]{1,255}["']?(?![\w.:/-])/i.test(
      text,
    )
  );
}

/** The YAML or JSON documents of a text; undefined when it is neither (a template, a script, prose). */
export function documentsIn(text: string): Json[] | undefined {
  try {
    // Aliases may make a little more of a text, not a thousandfold: a render can hold a great many texts.
    const documents = parseHelmYamlDocuments(text, new YamlBudget(Math.max(10_000, 4 * text.length)));
    return documents.some((document) => typeof document === "object" && document !== null) ? documents : undefined;
  } catch {
    return undefined;
  }
}

/** The map or list that a text is, as programs read their configuration; undefined when it is neither. */
export function structureIn(text: string): Json | undefined {
  const [value, ...rest] = documentsIn(text) ?? [];
  return rest.length === 0 && typeof value === "object" && value !== null ? value : undefined;
}

/** Characters of a text that was compressed: beyond them it is no configuration, whatever it unpacks to. */
const MAX_UNPACKED = 1_000_000;

/** The text that base64 encodes, compressed by gzip or not; undefined when it is none, or encodes something else than text. */
export function decodedText(base64: string): string | undefined {
  const plain = base64.replace(/\s/g, "");
  if (plain.length === 0 || plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return undefined;
  const bytes = unpacked(Buffer.from(plain, "base64"));
  if (bytes === undefined || bytes.includes(0)) return undefined;
  const text = bytes.toString("utf8");
  return text.includes("\uFFFD") ? undefined : text;
}

function unpacked(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch {
    return undefined;
  }
}
