import { once } from "node:events";
import { Agent, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Front } from "./delayRelay";
import { RequestLimit } from "./requestLimit";

export interface LimitingProxyOptions {
  /** Port of loopback with a registry that speaks plain http. */
  readonly port: number;
  /** Requests that get in during any second. */
  readonly perSecond: number;
  /** PEM. */
  readonly certificate: { readonly certificate: string; readonly key: string };
}

/** What came to a proxy since it began. */
export interface RequestCounts {
  /** The refused ones among them. */
  readonly requests: number;
  readonly refused: number;
}

const REFUSAL = JSON.stringify({ errors: [{ code: "TOOMANYREQUESTS", message: "too many requests" }] });

/**
 * A registry's front as operators have it: TLS, and 429 with `Retry-After` for what comes above its rate.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6585#section-4
 */
export async function startLimitingProxy(options: LimitingProxyOptions): Promise<Front & { counts(): RequestCounts }> {
  const { certificate, perSecond, port } = options;
  const limit = new RequestLimit(perSecond);
  const agent = new Agent({ keepAlive: true, noDelay: true });
  const server = createServer(
    { cert: certificate.certificate, key: certificate.key, noDelay: true },
    (request, answer) => {
      const seconds = limit.enter(performance.now());
      if (seconds === undefined) passOn(request, answer, port, agent);
      else refuse(request, answer, seconds);
    },
  );
  // A refused client comes back when it was told to, over the connection that it has.
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    counts: () => ({ requests: limit.requests, refused: limit.refused }),
    async close() {
      server.closeAllConnections();
      agent.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The body of what is refused is read and forgotten, as nginx does it: the connection serves the next request. */
function refuse(request: IncomingMessage, answer: ServerResponse, seconds: number): void {
  request.resume();
  const headers = { "content-type": "application/json", "content-length": REFUSAL.length, "retry-after": `${seconds}` };
  answer.writeHead(429, headers).end(request.method === "HEAD" ? undefined : REFUSAL);
}

function passOn(request: IncomingMessage, answer: ServerResponse, port: number, agent: Agent): void {
  const { method, url } = request;
  // The registry writes whole addresses into `Location`, of the host and the scheme that its client knows.
  const headers = { ...request.headers, "x-forwarded-proto": "https" };
  const onward = forward({ host: "127.0.0.1", port, method, path: url, headers, agent });
  onward.on("response", (received) => {
    answer.writeHead(received.statusCode ?? 502, received.headers);
    received.pipe(answer);
    received.on("error", () => answer.destroy());
  });
  onward.on("error", () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  answer.on("close", () => {
    if (!answer.writableFinished) onward.destroy();
  });
  request.pipe(onward);
}
