import type { Action } from "../access/access";

/** The endpoints of {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints}. */
export type Route =
  | { endpoint: "base" }
  | { endpoint: "catalog" }
  | { endpoint: "manifest"; repository: string; reference: string }
  | { endpoint: "blob"; repository: string; digest: string }
  | { endpoint: "uploads"; repository: string }
  | { endpoint: "upload"; repository: string; id: string }
  | { endpoint: "tags"; repository: string }
  | { endpoint: "referrers"; repository: string; digest: string };

type Kind = "manifests" | "blobs" | "blobs/uploads" | "tags" | "referrers";

/** The endpoint that a path means; undefined for none. */
export function parseRoute(path: string): Route | undefined {
  if (path === "/v2/" || path === "/v2") return { endpoint: "base" };
  if (path === "/v2/_catalog") return { endpoint: "catalog" };
  // Repositories may have segments named like endpoints, so the last one counts: the first group is greedy.
  const match = /^\/v2\/(.+)\/(manifests|blobs|blobs\/uploads|tags|referrers)\/([^/]*)$/.exec(path);
  if (!match) return undefined;
  const [, repository, kind, last] = match as unknown as [string, string, Kind, string];
  const name = decodeURIComponent(last);
  switch (kind) {
    case "manifests":
      return { endpoint: "manifest", repository, reference: name };
    case "blobs":
      return name === "uploads" ? { endpoint: "uploads", repository } : { endpoint: "blob", repository, digest: name };
    case "blobs/uploads":
      return name ? { endpoint: "upload", repository, id: name } : { endpoint: "uploads", repository };
    case "tags":
      return name === "list" ? { endpoint: "tags", repository } : undefined;
    case "referrers":
      return { endpoint: "referrers", repository, digest: name };
  }
}

/** What a request needs to be allowed. */
export function actionOf(method: string): Action {
  if (method === "GET" || method === "HEAD") return "pull";
  return method === "DELETE" ? "delete" : "push";
}
