import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { digestOf } from "../../../src/image/digest";

/** What a server says; undefined leaves the request to what the registry holds. */
export type Script = (request: IncomingMessage, response: ServerResponse, url: URL) => void | "ignored";

/** What was asked, as servers see it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/**
 * A registry that says whatever a test makes it say, by the request: statuses, headers and bodies that no registry in
 * good order has. What its script ignores is answered from what it holds.
 */
export class ScriptedRegistry {
  readonly asked: Asked[] = [];
  /** Manifests and blobs by digest, and tags. */
  private readonly held = new Map<string, { readonly bytes: Buffer; readonly mediaType: string }>();
  private readonly server: Server;

  constructor(private script: Script = () => "ignored") {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  /** @param address the address to listen at */
  async listen(address = "127.0.0.1"): Promise<this> {
    await new Promise<void>((ready) => this.server.listen(0, address, ready));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  says(script: Script): void {
    this.script = script;
  }

  /** Holds a manifest or a blob. @returns its descriptor */
  hold(content: object | Buffer, mediaType: string, tag?: string) {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const digest = digestOf(bytes);
    for (const name of [digest, ...(tag === undefined ? [] : [tag])]) this.held.set(name, { bytes, mediaType });
    return { mediaType, digest, size: bytes.length };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://registry.test");
    this.asked.push({
      method: request.method ?? "",
      path: url.pathname,
      authorization: request.headers.authorization,
    });
    response.on("error", () => undefined);
    if (this.script(request, response, url) !== "ignored") return;
    request.resume();
    const found = this.held.get(url.pathname.split("/").at(-1) ?? "");
    if (!found) return void response.writeHead(404).end();
    response.writeHead(200, {
      "content-type": found.mediaType,
      "content-length": found.bytes.length,
      "docker-content-digest": digestOf(found.bytes),
    });
    response.end(request.method === "HEAD" ? undefined : found.bytes);
  }
}
