import { ownValue } from "../../ownKeys";
import type { Permission } from "../errors/permission";
import type { HttpResponse } from "../transport/http";

/** A request to a registry's API. */
export interface RegistryRequest {
  /** As it stands in a sentence of an error: `reading the tags of r.io/app`. */
  readonly doing: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/v2/`, or a whole URL that the registry gave. */
  readonly url: string | URL;
  readonly permission: Permission;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer;
  /** Statuses that the caller understands; every other is an error. */
  readonly expect: readonly number[];
  /** Bytes of the content that is asked for, where they are known: see `decodedBody`. */
  readonly size?: number;
  /** Whether the body is taken as it comes, whatever coding it is said to have. */
  readonly asIs?: boolean;
  /** Twice the usual for requests whose answer takes long, such as the commit of a large blob. */
  readonly patience?: number;
}

/** An answer whose body is read. */
export interface RegistryAnswer {
  readonly status: number;
  readonly headers: HttpResponse["headers"];
  readonly body: Buffer;
  /** Where it came from, after redirects: what a `Location` is relative to. */
  readonly url: URL;
}

/** A header of an answer; undefined where it is absent, or there more than once. */
export function textHeader(answer: { headers: RegistryAnswer["headers"] }, name: string): string | undefined {
  const value = ownValue(answer.headers, name);
  return typeof value === "string" ? value : undefined;
}
