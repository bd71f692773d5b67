/** A value as JSON and Helm values know it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
/** Helm values, or a Kubernetes object. Keys that strangers wrote are read and written by ownKeys.ts alone. */
export interface JsonObject {
  [key: string]: Json;
}
/** A place inside values or an object: `["image", "tag"]`, `["containers", 0, "image"]`. */
export type JsonPath = readonly (string | number)[];

/**
 * Reads JSON, as everything does that comes from outside. A key `__proto__` is one like any other in what it gives; what it
 * holds is for the caller to check.
 *
 * @throws {SyntaxError} which quotes the text: it may be shown only where there can be no secret in it
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text);
}
