import * as http from "node:http";
import * as https from "node:https";
import type { Readable } from "node:stream";
import type { TestRegistry } from "../testRegistry";

/** An answer as it came over the wire. */
export interface RawAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  /** The body ended before the length that the headers promised. */
  broken: boolean;
}

/** What a request may carry; a stream is sent without Content-Length. */
export interface RawOptions {
  headers?: Record<string, string>;
  body?: Uint8Array | string | Readable;
  agent?: http.Agent;
}

/** One HTTP request without any of a client's kindness: no retry, no redirect, no login. */
export function rawRequest(
  registry: Pick<TestRegistry, "url" | "ca">,
  method: string,
  path: string,
  { headers = {}, body, agent }: RawOptions = {},
): Promise<RawAnswer> {
  const url = new URL(path, registry.url);
  const send = url.protocol === "https:" ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, agent: agent ?? false, ...(registry.ca && { ca: registry.ca }) });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      const done = (broken: boolean) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks), broken });
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", () => done(true));
      response.on("end", () => done(!response.complete));
    });
    if (body !== undefined && typeof body === "object" && "pipe" in body) body.pipe(request);
    else request.end(body);
  });
}

/** The code of the specification's error document. */
export function errorCode(answer: RawAnswer): string | undefined {
  try {
    return (JSON.parse(answer.body.toString()) as { errors?: { code: string }[] }).errors?.[0]?.code;
  } catch {
    return undefined;
  }
}

/** A Basic Authorization header. */
export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}
