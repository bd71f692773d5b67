import * as http from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** A proxy (`HTTPS_PROXY`) through which real names lead to local servers, without DNS and without root. */
export interface NameProxy {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** `name:port` of what was asked for and is not played: nothing else can be reached. */
  readonly refused: string[];
  close(): Promise<void>;
}

/**
 * Starts a proxy.
 *
 * @param names `host:port` of the server that is played for each name, whatever port the client asks for.
 */
export async function startNameProxy(names: Readonly<Record<string, string>>): Promise<NameProxy> {
  const refused: string[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    refused.push(request.url ?? "");
    response.writeHead(502).end();
  });
  server.on("connect", (request: http.IncomingMessage, client: Socket, head: Buffer) => {
    const asked = request.url ?? "";
    const target = names[asked.slice(0, asked.lastIndexOf(":"))];
    if (target === undefined) {
      refused.push(asked);
      return void client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    }
    const colon = target.lastIndexOf(":");
    const upstream = connect(Number(target.slice(colon + 1)), target.slice(0, colon), () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    refused,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}
