/** A value as JSON and Helm values know it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
/** Helm values, or a Kubernetes object. Keys that strangers wrote are read and written by ownKeys.ts alone. */
export interface JsonObject {
  [key: string]: Json;
}
/** A place inside values or an object: `["image", "tag"]`, `["containers", 0, "image"]`. */
export type JsonPath = readonly (string | number)[];

/** Whether a value is a map: neither null nor a list. */
export function isMap(value: Json | undefined): value is JsonObject;
export function isMap(value: unknown): value is Record<string, unknown>;
export function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text beyond {@link MAX_JSON_NODES}; to most it is a text that is no JSON. */
export class JsonTooLargeError extends SyntaxError {
  override readonly name = "JsonTooLargeError";
}

/**
 * What one JSON text may hold: maps, lists and scalars. Each empty list of three characters takes twenty times as much
 * memory. The largest known index of charts has a third of it.
 */
export const MAX_JSON_NODES = 2_000_000;

/**
 * Reads JSON, as everything does that comes from outside. A key `__proto__` is one like any other in what it gives; what it
 * holds is for the caller to check.
 *
 * @throws {SyntaxError} which quotes the text: it may be shown only where there can be no secret in it
 * @throws {JsonTooLargeError} for a text that holds more than {@link MAX_JSON_NODES}
 */
export function parseJson(text: string): unknown {
  if (text.length > MAX_JSON_NODES && holdsMoreThan(text, MAX_JSON_NODES))
    throw new JsonTooLargeError(`it has more than ${MAX_JSON_NODES} maps, lists and scalars`);
  return JSON.parse(text);
}

/** A text without the mark that programs of Windows write before it, which is no part of JSON. */
export const withoutByteOrderMark = (text: string): string => (text.startsWith("\ufeff") ? text.slice(1) : text);

/** Every map, list and scalar but the first has a comma, a colon or an opening bracket of its own before it. */
function holdsMoreThan(text: string, nodes: number): boolean {
  let found = 1;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === COMMA || character === COLON || character === LIST || character === MAP) {
      if (++found > nodes) return true;
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text.charCodeAt(end) !== QUOTE) end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  return end;
}

const [QUOTE, BACKSLASH, COMMA, COLON, LIST, MAP] = [...'"\\,:[{'].map((character) => character.charCodeAt(0));
