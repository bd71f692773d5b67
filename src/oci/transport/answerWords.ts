import { isMap, parseJson } from "../../json";
import { ownValue } from "../../ownKeys";

/** Fields that hold what an answer says, as services and proxies name them, in the order in which they are told. */
const FIELDS = (
  "code error title message Message msg errmsg error_description errorMessage error_message statusText description detail " +
  "details reason faultstring fault messages errors data"
).split(" ");
const MAX_DEPTH = 4;
const MAX_PARTS = 5;
/** The mark of bytes that are no UTF-8. */
const UNREADABLE = "\ufffd";
/** So much of a page or document is looked at: strangers wrote it, of any length. */
const READ_LENGTH = 64 * 1024;
/** Text of a page that has neither a title nor a heading. */
const PAGE_TEXT = 2000;

/**
 * What an answer says that is not of the form of the API's errors: other JSON (`{"message": …}`, OAuth2's, problems of
 * RFC 9457), the XML of object stores, a web page, plain text. Empty where it says nothing that can be read.
 *
 * Strangers wrote it, of any length: whoever tells it cuts it and takes secrets out.
 */
export function wordsOf(body: Buffer): string {
  const text = textOf(body).trim();
  if (text === "") return "";
  if (/^[[{"]/.test(text)) return jsonWords(text) ?? (text.startsWith("{") ? "" : text);
  if (/^<(?:\?xml|Error\b)/i.test(text) && !isWebPage(text)) return xmlWords(text);
  return isWebPage(text) ? page(text) : text;
}

/** The text of an answer, whatever it is encoded in; empty for what is none, such as an archive. */
function textOf(body: Buffer): string {
  const isWide = body[0] === 0xff && body[1] === 0xfe;
  const text = body.toString(isWide ? "utf16le" : "utf8").replace(/^\ufeff/, "");
  const start = text.slice(0, 1000);
  if (start.includes("\0")) return "";
  const unreadable = start.split(UNREADABLE).length - 1;
  if (unreadable === 0) return text;
  // Servers in Europe may write ISO 8859-1, of which most bytes are ASCII.
  return unreadable <= start.length / 5 ? body.toString("latin1") : "";
}

const isWebPage = (text: string): boolean => /<(?:!doctype html|html|head|body|title)\b/i.test(text.slice(0, 1000));

/** The page for a browser that an answer is instead of what was asked for: of a login, a proxy, a captive portal. */
export function webPageIn(body: Buffer): string | undefined {
  const text = textOf(body);
  return isWebPage(text) ? page(text) : undefined;
}

function jsonWords(text: string): string | undefined {
  try {
    return told(parseJson(text), 0);
  } catch {
    return undefined;
  }
}

function told(value: unknown, depth: number): string {
  if (typeof value === "string") return value.trim();
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return "";
  if (Array.isArray(value))
    return joined(
      value.slice(0, MAX_PARTS).map((one) => told(one, depth + 1)),
      "; ",
    );
  const fields = value as Record<string, unknown>;
  return joined(
    FIELDS.map((field) => {
      const one = ownValue(fields, field);
      return told(one, depth + 1) || (field === "errors" ? toldByField(one, depth + 1) : "");
    }),
    ": ",
  );
}

/** `{"name": ["is taken"]}`: what is wrong with the fields of a request. */
function toldByField(value: unknown, depth: number): string {
  if (!isMap(value)) return "";
  const fields = Object.keys(value).slice(0, MAX_PARTS);
  return joined(
    fields.map((field) => told(ownValue(value, field), depth + 1)),
    "; ",
  );
}

const joined = (parts: readonly string[], by: string): string => [...new Set(parts.filter(Boolean))].join(by);

function xmlWords(document: string): string {
  const text = document.slice(0, READ_LENGTH);
  const parts = [/<Code>([^<]*)</i, /<Message>([^<]*)</i, /<Details>([^<]*)</i, /<faultstring[^<>]*>([^<]*)</i].map(
    (element) => element.exec(text)?.[1]?.trim() ?? "",
  );
  return withoutEntities(joined(parts, ": "));
}

function page(text: string): string {
  const words = pageWords(text);
  return words === "" ? "a web page" : `the web page ${JSON.stringify(words)}`;
}

function pageWords(document: string): string {
  const text = document.slice(0, READ_LENGTH);
  const title = /<title[^<>]*>([^<]*)</i.exec(text)?.[1] ?? "";
  const heading = /<h[12][^<>]*>([^<]*)</i.exec(text)?.[1] ?? "";
  const named = title.trim() || heading.trim();
  const rest = named || text.slice(0, PAGE_TEXT).replace(/<[^<>]*>/g, " ");
  return withoutEntities(rest).replace(/\s+/g, " ").trim();
}

const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["#39", "'"],
  ["#039", "'"],
  ["nbsp", " "],
]);

const withoutEntities = (text: string): string =>
  text.replace(/&(#?\w{1,6});/g, (whole, name: string) => ENTITIES.get(name.toLowerCase()) ?? whole);
