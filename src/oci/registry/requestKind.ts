import type { RegistryRequest } from "./registryRequest";

/**
 * Kinds of requests that registries count apart, where they do: what is asked about manifests, tags and blobs; blobs that
 * are read; blobs that are written; manifests that are written
 * ({@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html},
 * {@link https://learn.microsoft.com/azure/container-registry/container-registry-skus}).
 */
export type RequestKind = "read" | "blob" | "upload" | "write";

export function requestKind(method: RegistryRequest["method"], { pathname }: URL): RequestKind {
  if (method === "HEAD") return "read";
  if (method === "GET") return /\/blobs\/[^/]+$/.test(pathname) ? "blob" : "read";
  return /\/manifests\/[^/]+$/.test(pathname) ? "write" : "upload";
}
