import type { JsonObject, JsonPath } from "../../json";
import { decodedText } from "./textDocuments";

/** What a text of an object says. */
export interface SpokenText {
  readonly text: string;
  /** It stands there in base64. */
  readonly encoded: boolean;
}

/**
 * What a text of an object says, behind base64 where there is some: the API server's, as in the data of a Secret, and the
 * chart's own, whose configuration a program decodes. Undefined for what is no text.
 */
export function spokenText(object: JsonObject, path: JsonPath, written: string): SpokenText | undefined {
  const stored = isEncoded(object, path);
  const text = stored ? decodedText(written) : written;
  if (text === undefined) return undefined;
  const inner = mayBeBase64(text) ? configurationIn(text) : undefined;
  return { text: inner ?? text, encoded: stored || inner !== undefined };
}

/** Whether a text of an object may say something else than what is written there. */
export function maySayOther(object: JsonObject, path: JsonPath, written: string): boolean {
  return isEncoded(object, path) || mayBeBase64(written);
}

function isEncoded({ kind }: JsonObject, path: JsonPath): boolean {
  if (path.length !== 2) return false;
  return (path[0] === "data" && kind === "Secret") || (path[0] === "binaryData" && kind === "ConfigMap");
}

/** Shorter texts encode no reference that could be told from chance: `image: a/b:1` is 16 characters. */
const SHORTEST_BASE64 = 16;

function mayBeBase64(text: string): boolean {
  return text.length >= SHORTEST_BASE64 && !/[^A-Za-z0-9+/=\s]/.test(text);
}

/** The text that base64 encodes, in one line or in lines of one length; undefined for words, hashes, keys and binary data. */
function configurationIn(base64: string): string | undefined {
  const lines = base64.trim().split(/\s+/);
  const [{ length } = ""] = lines;
  if (lines.some((line, i) => (i === lines.length - 1 ? line.length > length : line.length !== length)))
    return undefined;
  const text = decodedText(lines.join(""));
  // No control character is in a configuration, and no reference without one of its signs.
  return text !== undefined && /[/:@]/.test(text) && !/[^\P{Cc}\t\r\n]/u.test(text) ? text : undefined;
}
