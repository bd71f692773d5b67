/** A value as JSON and Helm values know it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
/** Helm values, or a Kubernetes object. */
export interface JsonObject {
  [key: string]: Json;
}
/** A place inside values or an object: `["image", "tag"]`, `["containers", 0, "image"]`. */
export type JsonPath = readonly (string | number)[];
