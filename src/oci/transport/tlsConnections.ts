import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import * as tls from "node:tls";
import { IdleTimeoutError } from "./idleTimeout";
import { withReadBuffer } from "./readBuffer";
import { secureContext, type TlsMaterial } from "./secureContext";

export { request } from "node:https";

/** Loaded with the first tunnel. */
const httpProxy = () => require("./httpProxy") as typeof import("./httpProxy");

/** A connection through a proxy, opened by CONNECT. */
export interface Tunnel {
  readonly proxy: URL;
  readonly target: URL;
  /** How long the proxy may keep silent, in milliseconds. */
  readonly idleTimeout: number;
}

/** Keeps connections to one host open, with its own trust, through a tunnel where there is a proxy. */
export function tlsAgent(
  host: string,
  options: http.AgentOptions,
  material: TlsMaterial,
  through?: Tunnel,
): https.Agent {
  const agent = new https.Agent({ ...options, secureContext: secureContext(material, host) });
  // TLS over a socket that is there already reads into no buffer of its own.
  if (!through) return withReadBuffer(agent);
  return Object.assign(agent, {
    createConnection: (
      connection: tls.ConnectionOptions,
      done: (error: Error | null, socket?: tls.TLSSocket) => void,
    ): undefined => {
      tunnel(through).then(
        (socket) => done(null, tls.connect({ ...connection, socket })),
        (error: Error) => done(error),
      );
    },
  });
}

/** Opens a tunnel through a proxy to one host (CONNECT, RFC 9110, 9.3.6). Its credentials go to the proxy alone. */
function tunnel({ proxy, target, idleTimeout }: Tunnel): Promise<Socket> {
  const { proxyAddress, proxyAuthorization, proxyLogin, ProxyRefusedError } = httpProxy();
  const authority = `${target.hostname}:${target.port || 443}`;
  return new Promise((resolve, reject) => {
    const refuse = (reason: string, ...more: [isFinal?: boolean, remedy?: string]): void =>
      reject(new ProxyRefusedError(`the proxy ${proxy.host} ${reason}`, ...more));
    const request = (proxy.protocol === "https:" ? https : http).request({
      ...proxyAddress(proxy),
      method: "CONNECT",
      path: authority,
      headers: { Host: authority, ...(proxy.username && { "Proxy-Authorization": proxyAuthorization(proxy) }) },
      agent: false,
      timeout: idleTimeout,
    });
    request.on("connect", (response, socket) => {
      socket.setTimeout(0);
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      const status = response.statusCode ?? 0;
      if (status === 407) {
        const { reason, remedy } = proxyLogin(response.headers["proxy-authenticate"]);
        return refuse(`refused a tunnel: ${reason}`, true, remedy);
      }
      refuse(`refused a tunnel (status ${status})`, status < 500 && status !== 408 && status !== 429);
    });
    // Until there is a tunnel, the request that waits for it has no socket whose silence could be heard.
    request.on("timeout", () => request.destroy(new IdleTimeoutError()));
    request.on("error", (error) => refuse(error instanceof IdleTimeoutError ? "keeps silent" : "cannot be reached"));
    request.end();
  });
}
