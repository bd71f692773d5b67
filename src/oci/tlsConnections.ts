import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import * as tls from "node:tls";
import { proxyAuthorization, ProxyRefusedError } from "./httpProxy";
import { secureContext, type TlsMaterial } from "./secureContext";

export { request } from "node:https";

/** Keeps connections to one host open, with its own trust, through a tunnel where there is a proxy. */
export function tlsAgent(
  url: URL,
  material: TlsMaterial,
  proxy: URL | undefined,
  options: http.AgentOptions,
): https.Agent {
  const agent = new https.Agent({ ...options, secureContext: secureContext(material) });
  if (proxy) {
    const connect = tunnel(proxy, url);
    Object.assign(agent, {
      createConnection: (
        connection: tls.ConnectionOptions,
        done: (error: Error | null, socket?: tls.TLSSocket) => void,
      ): undefined => {
        connect().then(
          (socket) => done(null, tls.connect({ ...connection, socket })),
          (error: Error) => done(error),
        );
      },
    });
  }
  return agent;
}

/** Opens tunnels through a proxy to one host (CONNECT, RFC 9110, 9.3.6). Its credentials go to the proxy alone. */
export function tunnel(proxy: URL, target: URL): () => Promise<Socket> {
  const authority = `${target.hostname}:${target.port || 443}`;
  return () =>
    new Promise((resolve, reject) => {
      const secure = proxy.protocol === "https:";
      const request = (secure ? https : http).request({
        host: proxy.hostname,
        port: proxy.port || (secure ? 443 : 80),
        method: "CONNECT",
        path: authority,
        headers: { Host: authority, ...(proxy.username && { "Proxy-Authorization": proxyAuthorization(proxy) }) },
        agent: false,
      });
      request.on("connect", (response, socket) => {
        if (response.statusCode === 200) return resolve(socket);
        socket.destroy();
        reject(new ProxyRefusedError(`the proxy ${proxy.host} refused a tunnel (status ${response.statusCode})`));
      });
      request.on("error", () => reject(new ProxyRefusedError(`the proxy ${proxy.host} cannot be reached`)));
      request.end();
    });
}
