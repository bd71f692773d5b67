import { isMap, type Json, type JsonObject } from "../json";

/** What an API server answers. */
export interface ClusterAnswer {
  readonly status: number;
  readonly object?: JsonObject | undefined;
}

/** An answer that is no success, in the form that the Kubernetes client throws. */
export class RefusedAnswerError extends Error {
  readonly code: number;
  readonly body: { readonly message: string };
  constructor({ status, object }: ClusterAnswer) {
    const message = typeof object?.message === "string" ? object.message : "";
    super(`${status} ${message}`.trim());
    this.code = status;
    this.body = { message };
  }
}

/**
 * The items of a list, page by page.
 *
 * @param read asks for a path with its query
 * @param query with `limit`, the items of one answer
 * @throws {RefusedAnswerError} for an answer that is no success; Error where it is no list, or has no end
 */
export async function* listPages(
  read: (path: string) => Promise<ClusterAnswer>,
  path: string,
  query: Readonly<Record<string, string>>,
): AsyncGenerator<readonly Json[]> {
  let next: string | undefined;
  do {
    const asked = new URLSearchParams({ ...query, ...(next !== undefined && { continue: next }) });
    const answer = await read(`${path}?${asked.toString()}`);
    if (answer.status !== 200 || !answer.object) throw new RefusedAnswerError(answer);
    const { items, metadata } = answer.object;
    // A page of a login or a proxy is no cluster without objects.
    if (!Array.isArray(items)) throw new Error("it answered no list");
    yield items;
    const token = isMap(metadata) ? metadata.continue : undefined;
    if (token === next && next !== undefined) throw new Error("its list has no end");
    next = typeof token === "string" && token !== "" ? token : undefined;
  } while (next !== undefined);
}
