import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import type { Access } from "../access/access";
import type { IssuedCertificate } from "./certificates";
import { isInterception, type FaultProgram, type Interception } from "../faults";
import { RegistryError } from "../endpoints/registryError";
import { bytesReply, emptyReply, type Reply } from "./reply";
import { hashAuthorization, type RecordedRequest, type RequestLog } from "./requestLog";
import type { RegistryRequest } from "./request";
import { receive, receiveSome, send } from "./transport";

/** What listens behind an address. */
export interface Service {
  /** Which service a path belongs to, for the log. */
  name(path: string): RecordedRequest["service"];
  /** Who may ask what; throws the refusal. */
  admit(method: string, url: URL, headers: http.IncomingHttpHeaders): readonly Access[];
  handle(request: RegistryRequest): Promise<Reply>;
}

/** Where and how to listen. */
export interface ListenOptions {
  host: string;
  port: number;
  certificate?: IssuedCertificate;
  clientCertificates?: boolean;
}

/** An address that a service listens on. */
export class Listener {
  private constructor(
    private readonly server: http.Server,
    /** `host:port`. */
    readonly host: string,
    readonly url: string,
  ) {}

  /** Listens at once. */
  static async start(
    options: ListenOptions,
    log: RequestLog,
    faults: FaultProgram,
    service: Service,
  ): Promise<Listener> {
    const { certificate, clientCertificates = false } = options;
    const server = certificate
      ? https.createServer({
          key: certificate.key,
          cert: certificate.certificate,
          ca: certificate.ca,
          requestCert: clientCertificates,
          rejectUnauthorized: clientCertificates,
        })
      : http.createServer();
    // A server that gives up idle connections first makes clients race with it; uploads may take long.
    server.keepAliveTimeout = 60_000;
    server.requestTimeout = 0;
    const scheme = certificate ? "https" : "http";
    server.on("request", (request, response) => void serve(service, scheme, log, faults, request, response));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(options.port, options.host, resolve);
    });
    const { address, port, family } = server.address() as AddressInfo;
    const host = `${family === "IPv6" ? `[${address}]` : address}:${port}`;
    return new Listener(server, host, `${scheme}://${host}`);
  }

  /** Ends all connections, and takes new ones. */
  interrupt(): void {
    this.server.closeAllConnections();
  }

  /** How many connections clients keep open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  /** Ends all connections and frees the port. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

async function serve(
  service: Service,
  scheme: string,
  log: RequestLog,
  faults: FaultProgram,
  incoming: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const { method = "GET", url: path = "/", headers } = incoming;
  const url = new URL(path, `${scheme}://${headers.host ?? "localhost"}`);
  const record: RecordedRequest = {
    service: service.name(url.pathname),
    method,
    path,
    host: headers.host ?? "",
    headerNames: Object.keys(headers),
    ...(headers.authorization !== undefined && { authorization: hashAuthorization(headers.authorization) }),
    ...(headers.range !== undefined && { range: headers.range }),
    received: 0,
    sent: 0,
  };
  log.all.push(record);
  try {
    const access = service.admit(method, url, headers);
    const fault = faults.meet(method, path);
    if (fault) record.fault = fault.kind;
    if (fault && isInterception(fault)) {
      const reply = await intercept(fault, incoming, record);
      if (!reply) return void incoming.socket.destroy();
      await send(incoming, response, reply, record);
      // Who is not listened to any more is still seen to go.
      return void incoming.resume();
    }
    if (fault?.kind === "meanwhile") fault.happen();
    const body = receive(incoming, record, fault);
    const reply = await service.handle({ method, url, headers, body, access });
    await send(incoming, response, reply, record, fault);
  } catch (error) {
    // A client that went away, or was sent away by a fault, hears nothing more.
    if (response.headersSent || incoming.socket.destroyed) return void incoming.socket.destroy();
    const refusal = error instanceof RegistryError ? error : new RegistryError("UNKNOWN", String(error));
    await send(incoming, response, refusal.toReply(), record);
  }
}

/** The answer that a fault gives in the service's place; none when it ends the connection. */
async function intercept(
  fault: Interception,
  incoming: http.IncomingMessage,
  record: RecordedRequest,
): Promise<Reply | undefined> {
  switch (fault.kind) {
    case "answer":
      await receiveSome(incoming, record, Infinity);
      return bytesReply(fault.status, Buffer.from(fault.body ?? ""), fault.headers);
    case "bytes":
      await receiveSome(incoming, record, Infinity);
      return bytesReply(200, fault.bytes, { "content-encoding": fault.coding });
    case "redirect":
      await receiveSome(incoming, record, Infinity);
      return emptyReply(fault.status ?? 307, { location: fault.to });
    case "noSpace":
      await receiveSome(incoming, record, fault.afterRequestBytes ?? 0);
      return new RegistryError("UNKNOWN", "no space left on device", { status: fault.status ?? 507 }).toReply();
    case "close":
      await receiveSome(incoming, record, fault.afterRequestBytes ?? 0);
      return undefined;
  }
}
