import { createHash } from "node:crypto";

/** One request as a registry saw it. Credentials are kept as hashes only. */
export interface RecordedRequest {
  /** Which listener it reached. */
  readonly service: "registry" | "token" | "storage";
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  /** Lower-case names of the request's headers. */
  readonly headerNames: readonly string[];
  /** {@link hashAuthorization} of the Authorization header. */
  readonly authorization?: string;
  /** The Range header. */
  readonly range?: string;
  /** Undefined while, or because, no answer was sent. */
  status?: number;
  /** Bytes of the request's body that were read. */
  received: number;
  /** Bytes of the answer's body that were sent. */
  sent: number;
  /** The kind of the fault that met it. */
  fault?: string;
}

/** Which requests are meant; every field that is given must fit. */
export interface RequestFilter {
  service?: RecordedRequest["service"];
  method?: string;
  path?: RegExp;
  status?: number;
}

/** The requests of a registry with its token service and storage host, in order of arrival. */
export class RequestLog {
  readonly all: RecordedRequest[] = [];

  /** Requests that fit the filter. */
  find(filter: RequestFilter = {}): RecordedRequest[] {
    return this.all.filter(
      (r) =>
        (filter.service === undefined || r.service === filter.service) &&
        (filter.method === undefined || r.method === filter.method) &&
        (filter.path === undefined || r.path.search(filter.path) >= 0) &&
        (filter.status === undefined || r.status === filter.status),
    );
  }

  /** How many requests fit the filter. */
  count(filter: RequestFilter = {}): number {
    return this.find(filter).length;
  }

  clear(): void {
    this.all.length = 0;
  }
}

/** The hash under which an Authorization header is recorded, so that a test can look for a credential it knows. */
export function hashAuthorization(header: string): string {
  return createHash("sha256").update(header).digest("hex");
}
