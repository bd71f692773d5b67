import { parseJson, type Json, type JsonObject, type JsonPath } from "../../json";
import { isMap } from "../content/valuePaths";
import { decodedText } from "./textDocuments";

/** What a text of an object says. */
export interface SpokenText {
  readonly text: string;
  /** It stands there in base64. */
  readonly encoded: boolean;
}

/**
 * What a text of an object says, behind base64 where there is some: the API server's, as in the data of a Secret, and the
 * chart's own, whose configuration a program decodes. Undefined for what is no text, and for logins and records of tools, whose
 * registries and references nobody pulls.
 */
export function spokenText(object: JsonObject, path: JsonPath, written: string): SpokenText | undefined {
  const stored = isEncoded(object, path);
  if (object.kind === "Secret" && typeof object.type === "string" && RECORDS.has(object.type)) return undefined;
  const text = stored ? decodedText(written) : written;
  if (text === undefined) return undefined;
  const inner = mayBeBase64(text) ? configurationIn(text) : undefined;
  if (isDockerConfig(inner ?? text)) return undefined;
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

/** Types of Secrets that hold the logins of registries, or what Helm has written down of a release. */
const RECORDS = new Set(["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg", "helm.sh/release.v1"]);

/** Of what else a program reads in the same file images may be a part. */
const DOCKER_KEYS = new Set(["auths", "credHelpers", "credsStore", "HttpHeaders", "proxies", "currentContext"]);

/** Docker's `config.json`, whose keys may be shaped like references: `{"auths": {"quay.io/team": …}}`. */
function isDockerConfig(text: string): boolean {
  if (!text.includes('"auths"') || !text.trimStart().startsWith("{")) return false;
  try {
    const config = parseJson(text) as Json;
    return isMap(config) && isMap(config.auths) && Object.keys(config).every((key) => DOCKER_KEYS.has(key));
  } catch {
    return false;
  }
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
