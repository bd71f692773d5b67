import { channel } from "node:diagnostics_channel";
import * as http from "node:http";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { MirrorError } from "../../error";
import { AnswerTooSlowError, HEAD_PATIENCE, watchPace, type AnswerPace } from "./answerPace";
import type { ProxyEnvironment } from "./httpProxy";
import { ownValue } from "../../ownKeys";
import { withReadBuffer } from "./readBuffer";
import type { TlsMaterial } from "./secureContext";
import type { Traces } from "../../tracing";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly tls: TlsMaterial;
  /** Without one, the caller writes to `sink` and ends it. */
  readonly body?: Buffer | string;
  /** How long the answer may keep silent, in milliseconds. */
  readonly idleTimeout: number;
  /** The URL is another server's word: it must not lead to this machine, its link, or its cloud's metadata. */
  readonly fromOutside?: boolean;
  /** What it is for, where its address does not say it: `for a token`. Told to whoever traces requests. */
  readonly purpose?: string;
}

const requests = channel("chart-mirror:request" satisfies keyof Traces);

export type HttpResponse = http.IncomingMessage;

/** One request under way. */
export interface HttpExchange {
  /** For the body of an upload; ended already where the request had a `body`. */
  readonly sink: http.ClientRequest;
  /** Fails with the connection's error, with {@link IdleTimeoutError}, or with {@link LocalAddressError}. */
  readonly response: Promise<HttpResponse>;
  /** The address that answered; undefined before, and where a proxy was asked, which alone knows. */
  readonly serverAddress: () => string | undefined;
}

/** A request after {@link HttpTransport.close}, such as a retry of one that was under way. `code` is `REGISTRIES_CLOSED`. */
export class TransportClosedError extends MirrorError {
  override readonly name = "TransportClosedError";
  constructor(host: string) {
    super("REGISTRIES_CLOSED", `Registry ${host} was not asked: the connections were closed`);
  }
}

/**
 * Requests over kept-alive connections, one agent for each host and trust.
 *
 * `node:http` and not `fetch`: copying through `fetch` bodies was measured at twice the time and four times the memory.
 */
export class HttpTransport {
  private isClosed = false;
  // Private to JavaScript itself: they hold the keys of client certificates, and the whole environment with its secrets.
  readonly #agents = new Map<TlsMaterial, Map<string, http.Agent>>();
  readonly #proxies: ProxyEnvironment;

  /** @param lookup default: the system's */
  constructor(
    proxies: ProxyEnvironment,
    private readonly lookup?: LookupFunction,
  ) {
    this.#proxies = proxies;
  }

  /** @throws {TransportClosedError} {@link LocalAddressError} */
  open(request: HttpRequest): HttpExchange {
    if (this.isClosed) throw new TransportClosedError(request.url.host);
    const { url, method, fromOutside = false } = request;
    if (fromOutside) addressGuard().refuseLocalHost(url.hostname);
    const proxy = namesProxy(this.#proxies) ? httpProxy().proxyFor(url, this.#proxies) : undefined;
    const plain = url.protocol === "http:";
    // Without the wish for identity a server may compress as it likes (RFC 9110, 12.5.3).
    const headers: Record<string, string | number> = {
      "User-Agent": "pulumi-chart-mirror",
      "Accept-Encoding": "identity",
      ...request.headers,
    };
    const body = typeof request.body === "string" ? Buffer.from(request.body) : request.body;
    if (body && (body.length > 0 || (method !== "GET" && method !== "HEAD"))) headers["Content-Length"] = body.length;
    const agent = this.agentFor(request, proxy);
    // As an option it holds for the time of connecting, too, unlike one that is set afterwards.
    const options: http.RequestOptions = { method, headers, agent, timeout: request.idleTimeout };
    if (plain && proxy) {
      // A proxy takes the whole URL as path (RFC 9112, 3.2.2).
      Object.assign(options, { ...httpProxy().proxyAddress(proxy), path: url.href });
      headers.Host = url.host;
      if (proxy.username) headers["Proxy-Authorization"] = httpProxy().proxyAuthorization(proxy);
    } else {
      Object.assign(options, {
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: url.port || (plain ? 80 : 443),
        path: url.pathname + url.search,
        ...(fromOutside && { lookup: addressGuard().guardedLookup(this.lookup) }),
      });
    }
    const speaksTls = plain ? proxy?.protocol === "https:" : true;
    const sink = speaksTls ? tlsConnections().request(options) : http.request(options);
    let address: string | undefined;
    const response = new Promise<HttpResponse>((resolve, reject) => {
      let incoming: HttpResponse | undefined;
      sink.on("response", (message) => {
        // A connection that is kept leaves its answer with the end of it.
        if (!proxy) address = message.socket.remoteAddress;
        resolve((incoming = message));
      });
      sink.on("error", reject);
      // Once there is an answer, it is its reader who has to hear of the silence.
      sink.on("timeout", () => (incoming ?? sink).destroy(silence(url, sink.socket?.connecting ?? false)));
      limitHead(sink, request.idleTimeout * HEAD_PATIENCE);
    });
    // Whoever streams into the sink looks at the response later; until then a failure is nobody's unhandled rejection.
    response.catch(() => undefined);
    if (requests.hasSubscribers) trace(request, sink, proxy);
    if (request.body !== undefined) sink.end(body);
    return { sink, response, serverAddress: () => address };
  }

  /** Closes all connections; requests under way fail, and no new ones are made. */
  close(): void {
    this.isClosed = true;
    for (const byHost of this.#agents.values()) for (const agent of byHost.values()) agent.destroy();
    this.#agents.clear();
  }

  private agentFor({ url, tls, idleTimeout, fromOutside }: HttpRequest, proxy: URL | undefined): http.Agent {
    const byHost = this.#agents.get(tls) ?? new Map<string, http.Agent>();
    this.#agents.set(tls, byHost);
    // A connection that was made without the guard is none for what is guarded.
    const key = `${url.origin}${fromOutside ? " from outside" : ""}`;
    let agent = byHost.get(key);
    if (!agent) byHost.set(key, (agent = newAgent(url, tls, proxy, idleTimeout)));
    return agent;
  }
}

function trace({ url, body, purpose }: HttpRequest, sink: http.ClientRequest, proxy: URL | undefined): void {
  const form = typeof body === "string" ? body : undefined;
  requests.publish({ url, sink, form, purpose, proxy: proxy?.host } satisfies Traces["chart-mirror:request"]);
}

/** Ends a request whose answer has no end of its head: headers that trickle in, or one interim answer after the other. */
function limitHead(sink: http.ClientRequest, milliseconds: number): void {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => clearTimeout(timer);
  sink.once("finish", () => {
    timer = setTimeout(() => sink.destroy(new AnswerTooSlowError("the head of the answer has no end")), milliseconds);
  });
  sink.once("response", end).once("close", end);
}

/** A connection that does not come about is told as the system would, a minute or two later. */
function silence({ host }: URL, connecting: boolean): Error {
  const { IdleTimeoutError } = require("./idleTimeout") as typeof import("./idleTimeout");
  const error = new IdleTimeoutError(`${host} keeps silent`);
  return connecting ? Object.assign(new Error(error.message), { code: "ETIMEDOUT" }) : error;
}

/** Loaded with the first request that goes through a proxy, or may. */
const httpProxy = () => require("./httpProxy") as typeof import("./httpProxy");

const namesProxy = (environment: ProxyEnvironment): boolean =>
  ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].some((name) => ownValue(environment, name));

/** Loaded with the first request to a place that another server named. */
const addressGuard = () => require("./localAddressGuard") as typeof import("./localAddressGuard");

/** Loaded with the first connection that speaks TLS: whoever talks to plain http alone starts without it. */
const tlsConnections = () => require("./tlsConnections") as typeof import("./tlsConnections");

/** The most bytes that are read of an error's body. */
export const ERROR_BODY_BYTES = 64 * 1024;

/** How much a socket buffers before it asks the source to wait: fewer pauses than with Node's 16 KiB. */
const SOCKET_BUFFER = 256 * 1024;

function newAgent(url: URL, material: TlsMaterial, proxy: URL | undefined, idleTimeout: number): http.Agent {
  // Limits are those of HostLimits, so the agent itself has none; lifo keeps few connections warm.
  const options = { keepAlive: true, scheduling: "lifo" as const, highWaterMark: SOCKET_BUFFER };
  if (url.protocol === "https:")
    return tlsConnections().tlsAgent(url.host, options, material, proxy && { proxy, target: url, idleTimeout });
  // The registry's own authorities say nothing of a proxy.
  return proxy?.protocol === "https:"
    ? tlsConnections().tlsAgent(proxy.host, options, {})
    : withReadBuffer(new http.Agent(options));
}

/**
 * Reads a body, decoded where it may be encoded; fails when it is cut.
 *
 * By events: an async iterator costs more than the rest of a small request.
 *
 * @param beyond what to do with one that is larger than `limit` bytes: fail, or close the connection and be content with
 * its beginning
 * @param pace fails with {@link AnswerTooSlowError} when the body comes slower
 */
export function readBody(
  response: Readable,
  limit: number,
  beyond: "fail" | "leave" = "fail",
  pace?: AnswerPace,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onCut = (): void => reject(response.errored ?? new BodyCutError("the answer was cut"));
    // Its connection may have broken while nobody listened.
    if (response.destroyed) return onCut();
    if (pace) {
      const tooSlow = (error: Error): void => {
        reject(error);
        response.destroy();
      };
      const end = watchPace(pace, () => size, tooSlow);
      response.once("end", end).once("close", end);
    }
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limit) return;
      if (beyond === "leave") resolve(Buffer.concat(chunks).subarray(0, limit));
      else reject(new BodyTooLargeError(limit));
      response.destroy();
    });
    response.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    response.on("error", reject).on("close", onCut);
  });
}

/** The connection ended before the body did. */
export class BodyCutError extends Error {
  override readonly name = "BodyCutError";
  readonly code = "ECONNRESET";
}

/** A body above the limit that its reader set. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
  constructor(limit: number) {
    super(`the answer is larger than ${limit} bytes`);
  }
}
