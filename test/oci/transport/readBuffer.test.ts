import { createHash } from "node:crypto";
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { withReadBuffer } from "../../../src/oci/transport/readBuffer";
import { certificateAuthority } from "../../support/registry";

/** What one request saw: the memory that the socket read into, and the body. */
interface Seen {
  readonly socket: Socket;
  readonly read: ReadonlySet<ArrayBufferLike>;
  readonly body: readonly Buffer[];
}

const sha256 = (bytes: readonly Buffer[]): string =>
  bytes.reduce((hash, chunk) => hash.update(chunk), createHash("sha256")).digest("hex");

describe.each(["http", "https"] as const)("a connection that reads into one buffer, %s", (scheme) => {
  const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) >>> 3));
  let server: http.Server;
  let agent: http.Agent;

  beforeAll(async () => {
    const answer: http.RequestListener = (request, response) => {
      if (request.url === "/chunked") {
        for (let at = 0; at < content.length; at += 999) response.write(content.subarray(at, at + 999));
        response.end();
      } else response.setHeader("Content-Length", content.length).end(content);
    };
    const issued = scheme === "https" ? await (await certificateAuthority()).issue(["127.0.0.1"]) : undefined;
    server = issued
      ? https.createServer({ cert: issued.certificate, key: issued.key }, answer)
      : http.createServer(answer);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    agent = withReadBuffer(
      issued ? new https.Agent({ keepAlive: true, ca: issued.ca }) : new http.Agent({ keepAlive: true }),
    );
  });

  afterAll(() => {
    agent.destroy();
    server.close();
  });

  const get = (path: string): Promise<Seen> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const read = new Set<ArrayBufferLike>();
      const request = (scheme === "https" ? https : http).get({ agent, host: "127.0.0.1", port, path }, (response) => {
        const body: Buffer[] = [];
        const { socket } = response;
        response.on("data", (chunk: Buffer) => body.push(chunk));
        response.on("end", () => resolve({ socket, read, body })).on("error", reject);
      });
      request.on("socket", (socket) => socket.on("data", (chunk: Buffer) => read.add(chunk.buffer)));
      request.on("error", reject);
    });

  it("gives bodies whole, that nothing writes into afterwards", async () => {
    const { read, body } = await get("/");
    expect(read.size).toBe(1);
    // What Node's parser gives on is a copy; were it a part of the buffer, the next read would overwrite it.
    expect(body.filter((chunk) => read.has(chunk.buffer))).toEqual([]);
    expect(sha256(body)).toBe(sha256([content]));
  });

  it("is kept for further requests, also those with many small chunks", async () => {
    const first = await get("/chunked");
    const second = await get("/chunked");
    expect(second.socket).toBe(first.socket);
    expect(second.read.size).toBe(1);
    expect(sha256(second.body)).toBe(sha256([content]));
  });

  it("is given up where the server closes it", async () => {
    const { socket } = await get("/");
    const closed = once(socket, "close");
    server.closeAllConnections();
    await closed;
    const again = await get("/");
    expect(again.socket).not.toBe(socket);
    expect(sha256(again.body)).toBe(sha256([content]));
  });
});
